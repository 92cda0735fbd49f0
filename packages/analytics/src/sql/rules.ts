import { fault, SymbolonError } from '@symbolon/crypto';
import {
  type Column,
  type Columns,
  type CompiledRule,
  compileRule,
  type Formula,
  keyEquality,
  type LaneLeaf,
  laneLeaf,
  type Side,
} from '@symbolon/linkage';
import { type Node, node, type SqlParser, text } from '@symbolon/sql';
import type { Source } from './ast.ts';
import { type AgreedJoin, type AgreedRule, checkSchema, type Schema, type StudyColumn } from './schema.ts';

/** A match rule by which two tables join, ready to be computed; a is the hub, b the spoke. Plain data. */
export interface BoundRule {
  readonly rule: string;
  /** Blocking keys, in SQL. */
  readonly keys: readonly string[];
  readonly cap: number;
  readonly prefer: 'first' | 'best';
  /** The columns that rule and keys name, as match rules see them. */
  readonly columns: Readonly<Record<Side, Columns>>;
  /** What each owner computes for every row, `FROM` its table AS a (or b): for the rule, then for each key. */
  readonly locals: Readonly<Record<Side, readonly string[]>>;
  readonly leaves: readonly LaneLeaf[];
  /** Over the leaves by number. */
  readonly verdict: Formula;
}

/** A schema whose joins by a rule are compiled, as far as the study has both tables. */
export interface CompiledSchema extends Schema {
  readonly rules: ReadonlyMap<AgreedJoin, BoundRule>;
}

/** The rule of a join and its blocking keys, compiled. */
export interface CompiledJoin {
  readonly rule: CompiledRule;
  readonly keys: readonly CompiledRule[];
}

/** Checks a schema, and compiles the rules by which tables of the SELECT may join. @throws SymbolonError `agreement-invalid` */
export async function compileSchema(schema: Schema, { select }: Source, parser: SqlParser): Promise<CompiledSchema> {
  checkSchema(schema);
  const used = tablesIn(node(select.from_table));
  const rules = new Map<AgreedJoin, BoundRule>();
  for (const join of schema.joins) {
    if (!('rule' in join) || !used.has(join.hub) || !used.has(join.spoke)) continue;
    rules.set(join, await boundRule(join, schema, parser));
  }
  return { ...schema, rules };
}

/** Compiles what was bound, for whoever encodes records, or runs the rule in the clear. */
export async function compileJoin(
  { rule, keys, columns }: Pick<BoundRule, 'rule' | 'keys' | 'columns'>,
  parser: SqlParser,
): Promise<CompiledJoin> {
  const compiled = await Promise.all(keys.map((key) => compileRule(key, columns, parser)));
  return { rule: await compileRule(rule, columns, parser), keys: compiled };
}

async function boundRule(
  { hub, spoke, rule, blocking: { keys, cap }, prefer = 'first' }: AgreedJoin & AgreedRule,
  { tables }: Schema,
  parser: SqlParser,
): Promise<BoundRule> {
  const label = `the join of ${hub} with ${spoke}`;
  const all = { a: columnsOf(tables[hub]!.columns), b: columnsOf(tables[spoke]!.columns) };
  const compile = (sql: string, what: string): Promise<CompiledRule> =>
    compileRule(sql, all, parser).catch((cause: unknown) => {
      if (!(cause instanceof SymbolonError)) throw cause;
      throw fault('agreement-invalid', `${label}: ${what}: ${cause.message}`, { culprit: label, cause });
    });
  const compiled = await compile(rule, 'its rule');
  const others = await Promise.all(keys.map((key) => compile(key, `blocking key '${key}'`)));
  const refuse = (what: string): Error => fault('agreement-invalid', `${label}: ${what}`, { culprit: label });
  for (const key of others)
    if (keyEquality(key) === undefined)
      throw refuse(`blocking key '${key.sql}' is no equality; write, for example, left(a.name, 3) = left(b.name, 3)`);
  const { verdict } = compiled;
  if (prefer === 'best' && !(typeof verdict === 'object' && 'score' in verdict))
    throw refuse('the best match has the highest score, so its rule is one weighted sum held against a constant');
  const locals = (side: Side) => [compiled, ...others].flatMap((one) => one.locals[side]);
  const named = (side: Side): Columns =>
    Object.fromEntries(locals(side).flatMap(({ columns }) => columns.map((name) => [name, all[side][name]!])));
  return {
    rule,
    keys,
    cap,
    prefer,
    columns: { a: named('a'), b: named('b') },
    locals: { a: locals('a').map(({ sql }) => sql), b: locals('b').map(({ sql }) => sql) },
    leaves: compiled.leaves.map((_, leaf) => laneLeaf(compiled, leaf)),
    verdict,
  };
}

/** The columns of a table as match rules see them. */
function columnsOf(columns: Readonly<Record<string, StudyColumn>>): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, ruleColumn(column)]));
}

/** Most characters of an alphabet. */
const mostCharacters = 94;

function ruleColumn(column: StudyColumn): Column {
  switch (column.type) {
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
      return { type: 'date', min: column.min, max: column.max };
    case 'number':
      return { type: 'number', min: column.min, max: column.max, scale: column.scale ?? 0 };
    case 'text': {
      const { values, maxLength, normalise, alphabet } = column;
      if (values !== undefined) {
        const characters = [...new Set(values.join(''))].sort().join('');
        const few = characters.length > 0 && [...characters].length <= mostCharacters;
        const longest = Math.max(1, ...values.map((value) => [...value].length));
        return { type: 'text', maxLength: longest, ...(few && { alphabet: characters }) };
      }
      return {
        type: 'text',
        ...(maxLength !== undefined && { maxLength }),
        ...(normalise !== undefined && { normalise }),
        ...(alphabet !== undefined && { alphabet }),
      };
    }
  }
}

/** Names of the tables in FROM. */
function tablesIn(from: Node): Set<string> {
  if (from.type === 'JOIN') return new Set([...tablesIn(node(from.left)), ...tablesIn(node(from.right))]);
  return new Set(from.type === 'BASE_TABLE' ? [text(from.table_name).toLowerCase()] : []);
}
