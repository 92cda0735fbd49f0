import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';
import { firstPlace, list, type Node, node, type SqlParser, text } from '@symbolon/sql';

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
  const at = (offset: number, code: ErrorCode, message: string): SymbolonError => {
    const quoted = quote(offset);
    const place = quoted === '' ? undefined : new TextDecoder().decode(bytes.subarray(0, offset)).length;
    return fault(code, `${message}${quoted && ` (at: ${quoted})`}`, { place });
  };
  const parsed = await serialize(sql, parser);
  if (parsed.error === true) {
    const offset = Number(parsed.position ?? bytes.length);
    throw at(offset, 'study-syntax', `the study is not valid SQL: ${parsed.error_message}`);
  }
  const refuse: Source['refuse'] = (part, message, code = 'study-unsupported') =>
    part === undefined ? fault(code, message) : at(firstPlace(part), code, message);
  const statements = list(parsed.statements);
  if (statements.length !== 1)
    throw refuse(undefined, 'a study is one SELECT; write each statement as a study of its own');
  const select = node(node(statements[0]).node);
  if (select.type !== 'SELECT_NODE')
    throw refuse(undefined, 'UNION, EXCEPT and INTERSECT are not supported; write each SELECT as a study of its own');
  return { select, refuse };
}

async function serialize(sql: string, parser: SqlParser): Promise<Node> {
  try {
    return node(await parser.serialize(sql));
  } catch (cause) {
    if (cause instanceof SymbolonError) throw cause;
    throw fault('study-syntax', 'the study cannot be parsed as SQL', { cause });
  }
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
