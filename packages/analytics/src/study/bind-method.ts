import { canonicalBytes, hashLabelled } from '@symbolon/crypto';
import type { SqlParser } from '@symbolon/sql';
import { parseStudy } from '../sql/ast.ts';
import { compileSchema } from '../sql/rules.ts';
import type { Schema } from '../sql/schema.ts';
import type { BoundMethod } from './bound-method.ts';
import type { Method } from './methods.ts';
import { bindQuestion } from './reduced/question.ts';
import { reducerOf } from './reduced/reducers.ts';
import { bindRowMethod, isRowMethod } from './row-method.ts';
import { bindRows } from './rows.ts';

/**
 * Binds a method over a SELECT to what the agreement says of the data. Most methods are reduced to an aggregate SELECT: the names, ranges,
 * policies and release rules are then those of any study. Runs at every party, with the same result.
 *
 * Throws what `bindStudy` throws; `study-unsupported` too where an item is missing, has another name, or a type that the method does not take.
 */
export async function bindMethod(
  { sql, method }: { readonly sql: string; readonly method: Method },
  agreed: Schema,
  parser: SqlParser,
): Promise<BoundMethod> {
  const source = await parseStudy(sql, parser);
  const schema = await compileSchema(agreed, source, parser);
  const rows = bindRows(source, schema, method);
  if (isRowMethod(method)) {
    const work = bindRowMethod(rows, method);
    return { kind: 'method/1', sql, method, rows: rows.close(), work };
  }
  const own = rows.items.filter(({ name }) => name !== 'by');
  const strata = rows.items.filter((item) => !own.includes(item)).map(({ tree }) => tree);
  const question = reducerOf(method).question(own, method);
  const study = bindQuestion({ ...question, keys: [...strata, ...question.keys] }, rows, sql, schema);
  return { kind: 'method/1', sql, method, rows: rows.close(), work: { kind: 'study', study } };
}

/** SHA-256 of the bound method's canonical JSON (RFC 8785), 32 bytes: what is approved is what is run. */
export function methodHash(bound: BoundMethod): Uint8Array {
  return hashLabelled('symbolon method', canonicalBytes(bound));
}
