import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';

/** Parses SQL: `serialize` returns the parsed result of DuckDB's `json_serialize_sql`. */
export interface SqlParser {
  serialize(selectSql: string): Promise<unknown>;
}

/** A node of DuckDB's syntax tree, as it came. */
export type Node = Readonly<Record<string, unknown>>;

/** A parsed study: its one SELECT, and its text for messages. */
export interface Source {
  readonly select: Node;
  /** The error for a part of the study, quoted. */
  refuse(at: Node | undefined, message: string, code?: ErrorCode): SymbolonError;
}

const maxCharacters = 16_384;

/** @throws SymbolonError `study-syntax` with the parser's message, `study-unsupported` where the study is more than one plain SELECT */
export async function parseStudy(sql: string, parser: SqlParser): Promise<Source> {
  if (sql.length > maxCharacters)
    throw fault('study-unsupported', `the study has more than ${maxCharacters} characters`);
  if (!sql.isWellFormed() || sql.includes('\0') || sql.normalize('NFC') !== sql)
    throw fault('study-syntax', 'the study holds a character that is none, or is not in Unicode NFC');
  const bytes = new TextEncoder().encode(sql);
  const quote = (offset: number): string =>
    offset < bytes.length ? new TextDecoder().decode(bytes.subarray(offset)).replace(/\s+/g, ' ').slice(0, 60) : '';
  const parsed = await serialize(sql, parser);
  if (parsed.error === true) {
    const place = quote(Number(parsed.position ?? bytes.length));
    throw fault('study-syntax', `the study is not valid SQL: ${parsed.error_message}${place && ` (at: ${place})`}`);
  }
  const refuse: Source['refuse'] = (at, message, code = 'study-unsupported') => {
    const place = at === undefined ? '' : quote(firstPlace(at));
    return new SymbolonError(code, `${message}${place && ` (at: ${place})`}`);
  };
  const statements = list(parsed.statements);
  if (statements.length !== 1)
    throw refuse(undefined, 'a study is one SELECT; write each statement as a study of its own');
  const select = node(node(statements[0]).node);
  if (select.type !== 'SELECT_NODE')
    throw refuse(undefined, 'UNION, EXCEPT and INTERSECT are not supported; write each SELECT as a study of its own');
  return { select, refuse };
}

/** Where the text of a part begins: an operator's own place is behind its left side. */
function firstPlace(value: unknown): number {
  if (typeof value !== 'object' || value === null) return Number.POSITIVE_INFINITY;
  const own =
    'query_location' in value && typeof value.query_location === 'number'
      ? value.query_location
      : Number.POSITIVE_INFINITY;
  return Object.values(value).reduce<number>((least, part) => Math.min(least, firstPlace(part)), own);
}

async function serialize(sql: string, parser: SqlParser): Promise<Node> {
  try {
    return node(await parser.serialize(sql));
  } catch (cause) {
    if (cause instanceof SymbolonError) throw cause;
    throw fault('study-syntax', 'the study cannot be parsed as SQL', { cause });
  }
}

/** The value as an object. */
export function node(value: unknown): Node {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw strange();
  return value as Node;
}

/** The value as a list. */
export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw strange();
  return value;
}

/** The value as a text. */
export function text(value: unknown): string {
  if (typeof value !== 'string') throw strange();
  return value;
}

export function children(of: Node): Node[] {
  return list(of.children).map(node);
}

/** Whether two parts say the same, wherever they stand and whatever they are called. */
export function sameText(x: Node, y: Node): boolean {
  const plain = (part: Node): string =>
    JSON.stringify(part, (key, value: unknown) =>
      key === 'query_location' || key === 'alias' ? undefined : key === 'column_names' ? lower(value) : value,
    );
  return plain(x) === plain(y);
}

function lower(names: unknown): string[] {
  return list(names).map((name) => text(name).toLowerCase());
}

function strange(): SymbolonError {
  return fault('study-unsupported', 'the SQL parser returned a tree of unknown shape; it is made for DuckDB 1.5');
}
