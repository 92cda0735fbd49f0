import { type ErrorCode, nearest, SymbolonError } from '@symbolon/crypto';
import { list, type Node, quoteName, text } from '@symbolon/sql';
import { type Columns, typeOfColumn } from '../columns.ts';
import type { Source } from './ast.ts';
import type { LocalValue, Side } from './value.ts';

/** The two tables that a rule speaks of, and where its text stands. */
export class Scope {
  readonly #columns: Readonly<Record<Side, Columns>>;
  readonly #source: Source;

  constructor(columns: Readonly<Record<Side, Columns>>, source: Source) {
    this.#columns = columns;
    this.#source = source;
  }

  /** The error for a part of the rule, quoted. */
  refuse(node: Node, message: string, code: ErrorCode = 'rule-unsupported'): SymbolonError {
    const quoted = this.#source.quote(node);
    return new SymbolonError(code, `${message}${quoted && ` (at: ${quoted})`}`);
  }

  /** Names are matched as DuckDB matches them: whatever their case. */
  column(node: Node): LocalValue {
    const names = list(node.column_names).map(text);
    const [table, name] = names.length === 1 ? [undefined, names[0]!] : [names[0]!.toLowerCase(), names[1]!];
    if (names.length > 2)
      throw this.refuse(node, `'${names.join('.')}' has too many parts; columns are written a.name or b.name`);
    if (table !== undefined && table !== 'a' && table !== 'b') {
      throw this.refuse(
        node,
        `there is no table '${table}'; columns are written a.name or b.name`,
        'rule-unknown-column',
      );
    }
    const sides = (['a', 'b'] as const).filter(
      (side) => (table ?? side) === side && this.#find(side, name) !== undefined,
    );
    if (sides.length === 2)
      throw this.refuse(
        node,
        `'${name}' is a column of both tables; write a.${name} or b.${name}`,
        'rule-unknown-column',
      );
    const [side] = sides;
    if (side === undefined) throw this.#unknown(node, table, name);
    const found = this.#find(side, name)!;
    const type = typeOfColumn(found, this.#columns[side][found]!);
    return { kind: 'local', side, sql: `${side}.${quoteName(found)}`, type, columns: [found] };
  }

  #find(side: Side, name: string): string | undefined {
    const columns = Object.keys(this.#columns[side]);
    return (
      columns.find((column) => column === name) ?? columns.find((column) => column.toLowerCase() === name.toLowerCase())
    );
  }

  #unknown(node: Node, table: Side | undefined, name: string): SymbolonError {
    const known = (['a', 'b'] as const)
      .filter((side) => (table ?? side) === side)
      .flatMap((side) => Object.keys(this.#columns[side]).map((column) => `${side}.${column}`));
    const near = nearest(name, known, (column) => column.slice(2));
    const hint = near === undefined ? `; known are ${known.slice(0, 20).join(', ')}` : `; did you mean ${near}?`;
    return this.refuse(
      node,
      `unknown column '${table === undefined ? '' : `${table}.`}${name}'${hint}`,
      'rule-unknown-column',
    );
  }
}
