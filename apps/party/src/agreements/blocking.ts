import type { LinkAgreement } from '@symbolon/agreement';
import { SymbolonError } from '@symbolon/crypto';
import {
  type Columns,
  type CompiledRule,
  compileRule,
  encodeKeys,
  keyEquality,
  type LocalTable,
  type PsiKeys,
} from '@symbolon/linkage';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import { evaluateLocals } from '../data/locals.ts';
import type { Table } from '../data/table.ts';

/** The columns that rules and keys speak of. */
type Tables = Readonly<Record<'a' | 'b', Columns>>;

/** A blocking key, ready to encode records for it: a rule that is one equality. */
export interface BlockingKey {
  readonly sql: string;
  readonly rule: CompiledRule;
}

/** The blocking keys of an agreement, compiled; none where all pairs are compared. Opens a DuckDB for the parser unless it is given one. */
export async function compileBlocking({ tables, link }: LinkAgreement, parser?: DuckDb): Promise<BlockingKey[]> {
  const keys = link.blocking?.keys ?? [];
  if (keys.length === 0) return [];
  const duck = parser ?? (await openDuckDb({ threads: 1 }));
  try {
    return await compileKeys(keys, { a: tables.a.columns, b: tables.b.columns }, duck);
  } finally {
    if (parser === undefined) duck.close();
  }
}

/**
 * Compiles blocking keys: SQL conditions made of equalities of a and b, joined by AND. Throws what `compileRule` throws, and
 * `rule-unsupported` for any other condition; the message begins with the key's number, from 1, and its text is the culprit.
 */
export async function compileKeys(keys: readonly string[], tables: Tables, parser: DuckDb): Promise<BlockingKey[]> {
  const compiled: BlockingKey[] = [];
  for (const [i, sql] of keys.entries()) {
    const named = `blocking key ${i + 1}, ${sql}`;
    const rule = await compileRule(sql, tables, parser).catch((error: unknown) => {
      if (!(error instanceof SymbolonError)) throw error;
      const { code, message, hint, cause } = error;
      throw new SymbolonError(code, `${named}: ${message}`, { culprit: sql, hint, cause });
    });
    if (keyEquality(rule) === undefined) {
      throw new SymbolonError('rule-unsupported', `${named}: it is no equality of a and b`, {
        culprit: sql,
        hint: 'A key is one equality, or several joined by AND, such as: a.dob = b.dob AND left(a.name, 3) = left(b.name, 3)',
      });
    }
    compiled.push({ sql, rule });
  }
  return compiled;
}

/** The local expressions of several rules over one (normalised) table; each expression is computed once. Runs at: the owner. */
export async function localTables(
  table: Table,
  side: 'a' | 'b',
  rules: readonly CompiledRule[],
  duck: DuckDb,
): Promise<LocalTable[]> {
  const names = new Map<string, string>();
  for (const { locals } of rules) {
    for (const { sql } of locals[side]) if (!names.has(sql)) names.set(sql, `${side}${names.size}`);
  }
  const expressions = [...names].map(([sql, name]) => ({ name, sql }));
  const values = await evaluateLocals(table, expressions, duck, side);
  return rules.map(({ locals }) => ({
    rows: table.rows,
    columns: locals[side].map(({ sql }) => values.get(names.get(sql)!)!.values),
  }));
}

/** The blocking key of every record, in the order of the table. Runs at: the owner. */
export function keysOf({ rule }: BlockingKey, side: 'a' | 'b', locals: LocalTable): PsiKeys {
  return encodeKeys(rule, keyEquality(rule)!, side, locals);
}
