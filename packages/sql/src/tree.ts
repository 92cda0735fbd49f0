import { fault, type SymbolonError } from '@symbolon/crypto';

/** Parses SQL: `serialize` returns the parsed result of DuckDB's `json_serialize_sql`. */
export interface SqlParser {
  serialize(selectSql: string): Promise<unknown>;
}

/** A node of DuckDB's syntax tree, as it came. */
export type Node = Readonly<Record<string, unknown>>;

/** The value as an object. @throws SymbolonError `sql-tree` */
export function node(value: unknown): Node {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw strange();
  return value as Node;
}

/** The value as a list. @throws SymbolonError `sql-tree` */
export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw strange();
  return value;
}

/** The value as a text. @throws SymbolonError `sql-tree` */
export function text(value: unknown): string {
  if (typeof value !== 'string') throw strange();
  return value;
}

export function children(of: Node): Node[] {
  return list(of.children).map(node);
}

/** Offset in bytes where the text of a part begins, ∞ where the tree does not say: an operator's own place is behind its left side. */
export function firstPlace(part: unknown): number {
  if (typeof part !== 'object' || part === null) return Number.POSITIVE_INFINITY;
  const own =
    'query_location' in part && typeof part.query_location === 'number'
      ? part.query_location
      : Number.POSITIVE_INFINITY;
  return Object.values(part).reduce<number>((least, inner) => Math.min(least, firstPlace(inner)), own);
}

/** Whether a call has nothing but arguments: no other schema, DISTINCT, FILTER or ORDER BY. */
export function isPlainCall(of: Node): boolean {
  return (
    (of.schema === '' || of.schema === 'main') &&
    of.catalog === '' &&
    of.filter === null &&
    of.distinct === false &&
    list(node(of.order_bys).orders).length === 0
  );
}

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** Comparisons by the types of their nodes. */
export const comparisons: Readonly<Record<string, Comparison>> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHAN: '>',
  COMPARE_GREATERTHANOREQUALTO: '>=',
};

function strange(): SymbolonError {
  return fault('sql-tree', 'the SQL parser returned a tree of unknown shape; it is made for DuckDB 1.5');
}
