import type { ErrorCode, SymbolonError } from '@symbolon/crypto';
import { nearest } from '@symbolon/crypto';
import { list, type Node, quoteName, text } from '@symbolon/sql';
import type { Source } from './ast.ts';
import { Nodes } from './nodes.ts';
import { type StudyTable, typeOfColumn } from './schema.ts';
import type { ColumnRef, Value } from './value.ts';

/** A table of FROM. */
export interface Scoped {
  readonly name: string;
  readonly alias: string;
  readonly table: StudyTable;
}

/** What names in a study mean, and where its text stands. */
export class Scope {
  readonly tables: Scoped[] = [];
  readonly nodes: Nodes = new Nodes(() => this.tables[0]!.alias);
  /** Values, as they are printed, that WHERE lets no row have as NULL. */
  readonly present = new Set<string>();
  /** Columns of USING: the first table has them without its name. */
  readonly merged = new Set<string>();
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** The error for a part of the study, quoted. */
  refuse(at: Node | undefined, message: string, code?: ErrorCode): SymbolonError {
    return this.#source.refuse(at, message, code);
  }

  /** The column's value. Names are matched as DuckDB matches them: whatever their case. */
  column(of: Node): Value {
    const ref = this.find(of);
    const column = this.described(ref);
    const type = typeOfColumn(`${ref.table}.${ref.column}`, column);
    return {
      sql: `${ref.table}.${quoteName(ref.column)}`,
      type,
      nullable: column.required !== true,
      refs: [ref],
      bare: true,
    };
  }

  described(ref: ColumnRef): StudyTable['columns'][string] {
    return this.tables.find(({ alias }) => alias === ref.table)!.table.columns[ref.column]!;
  }

  /** Whether a name without a table is a column of some table. */
  knows(name: string): boolean {
    return this.tables.some(({ table }) => Object.hasOwn(table.columns, name.toLowerCase()));
  }

  find(of: Node): ColumnRef {
    const names = list(of.column_names).map((name) => text(name).toLowerCase());
    const column = names.at(-1)!;
    const written = names.length > 1 ? names[0]! : undefined;
    if (names.length > 2)
      throw this.refuse(of, `'${names.join('.')}' has too many parts; a column is written table.column`);
    const tables = this.tables.filter(({ alias }) => alias === (written ?? alias));
    if (tables.length === 0) {
      const near = nearest(
        written!,
        this.tables.map(({ alias }) => alias),
      );
      throw this.refuse(
        of,
        `there is no table '${written}' in FROM${hint(
          near,
          this.tables.map(({ alias }) => alias),
        )}`,
        'study-unknown-column',
      );
    }
    const having = tables.filter(({ table }) => Object.hasOwn(table.columns, column));
    if (having.length === 0) throw this.#unknown(of, names.join('.'), column, tables);
    if (having.length > 1 && !this.merged.has(column)) {
      const choice = having.map(({ alias }) => `${alias}.${column}`).join(' or ');
      throw this.refuse(of, `'${column}' is a column of several tables; write ${choice}`, 'study-unknown-column');
    }
    return { table: having[0]!.alias, column };
  }

  #unknown(of: Node, written: string, column: string, tables: readonly Scoped[]): SymbolonError {
    const known = tables.flatMap(({ alias, table }) =>
      Object.entries(table.columns)
        .filter(([, { policy }]) => policy !== 'hidden')
        .map(([name]) => ({ name, full: `${alias}.${name}` })),
    );
    const near = nearest(
      column,
      known.map(({ name }) => name),
    );
    const meant = known.find(({ name }) => name === near)?.full;
    return this.refuse(
      of,
      `unknown column '${written}'${hint(
        meant,
        known.map(({ full }) => full),
      )}`,
      'study-unknown-column',
    );
  }
}

/** The end of a message about an unknown name. */
export function hint(near: string | undefined, known: readonly string[]): string {
  return near === undefined ? `; known are ${known.slice(0, 20).join(', ')}` : `; did you mean ${near}?`;
}
