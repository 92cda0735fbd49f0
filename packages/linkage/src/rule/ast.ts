import { SymbolonError } from '@symbolon/crypto';
import { firstPlace, list, type Node, node, type SqlParser } from '@symbolon/sql';

/** A parsed rule: its one expression, and its text for messages. */
export interface Source {
  readonly expression: Node;
  /** The text that stands at a node, shortened; for messages. */
  quote(node: Node): string;
}

const prefix = 'SELECT (\n';
const suffix = '\n)';
const maxRule = 8192;

/** The one expression of a rule; `rule-syntax` with the parser's message, `rule-unsupported` where more than an expression stands there. */
export async function parseRule(rule: string, parser: SqlParser): Promise<Source> {
  if (rule.length > maxRule)
    throw new SymbolonError('rule-unsupported', `the rule has more than ${maxRule} characters`);
  if (!rule.isWellFormed() || rule.includes('\0'))
    throw new SymbolonError('rule-syntax', 'the rule holds a character that is none');
  const bytes = new TextEncoder().encode(rule);
  const at = (offset: unknown): string =>
    typeof offset === 'number' && offset >= prefix.length && offset < prefix.length + bytes.length
      ? new TextDecoder()
          .decode(bytes.subarray(offset - prefix.length))
          .split('\n')[0]!
          .slice(0, 60)
      : '';
  const parsed = await serialize(`${prefix}${rule}${suffix}`, parser);
  if (parsed.error === true) {
    const position = Number(parsed.position);
    const place = at(position);
    const says =
      position > prefix.length + bytes.length
        ? 'syntax error at its end: something is missing there, or a ) is too many'
        : String(parsed.error_message).replace(suffix, '');
    throw new SymbolonError('rule-syntax', `the rule is not valid SQL: ${says}${place && `, in: ${place}`}`, {
      culprit: 'rule',
    });
  }
  const expression = onlyExpression(parsed);
  if (expression === undefined) {
    throw new SymbolonError(
      'rule-unsupported',
      'a rule is one SQL condition over a and b, without SELECT, FROM or a second expression',
    );
  }
  return { expression, quote: (node) => at(firstPlace(node)) };
}

async function serialize(sql: string, parser: SqlParser): Promise<Node> {
  try {
    return node(await parser.serialize(sql));
  } catch (cause) {
    if (cause instanceof SymbolonError) throw cause;
    throw new SymbolonError('rule-syntax', 'the rule cannot be parsed as SQL', { cause });
  }
}

// Whatever could stand beside the expression in a SELECT must be absent.
function onlyExpression(parsed: Node): Node | undefined {
  const statements = list(parsed.statements);
  if (statements.length !== 1) return undefined;
  const select = node(node(statements[0]).node);
  const alone =
    select.type === 'SELECT_NODE' &&
    node(select.from_table).type === 'EMPTY' &&
    ['where_clause', 'having', 'sample', 'qualify'].every((clause) => select[clause] === null) &&
    ['modifiers', 'group_expressions', 'group_sets', 'select_list'].every(
      (part) => list(select[part]).length === (part === 'select_list' ? 1 : 0),
    ) &&
    list(node(select.cte_map).map).length === 0;
  return alone ? node(list(select.select_list)[0]) : undefined;
}
