import { printDecimal } from '@symbolon/sql';
import {
  type BoundJoin,
  type BoundNode,
  type BoundStudy,
  type BoundTable,
  type Opened,
  ownSupports,
  type RuleJoined,
} from './bound.ts';
import { within } from './policy.ts';
import { type Said, said } from './said.ts';

/** The study in words for a privacy officer: what is local at whom, what is secure, what opens. */
export function explainStudy(bound: BoundStudy): Said[] {
  return [...explainText(bound), ...explainRows(bound, rootsOf(bound)), ...explainOpened(bound), ...after(bound)];
}

export function explainText({ sql }: { readonly sql: string }): Said[] {
  return [said('study', 'Study:', [sql.trim().replace(/\s+/g, ' ')])];
}

/** The rows, and how their values come about. @param roots the nodes that are used of them, beside WHERE */
export function explainRows(bound: Rows, roots: readonly number[]): Said[] {
  return [...population(bound), ...locals(bound), ...secure(bound, [...bound.where, ...roots])];
}

type Rows = Pick<BoundStudy, 'tables' | 'joins' | 'nodes' | 'where'>;

function population({ tables: [hub, ...spokes], joins }: Rows): Said[] {
  return [
    said('rows', `Rows: ${hub!.name} of ${hub!.parties.join(', ')}, at most ${hub!.maxRows} at each.`),
    ...(hub!.parties.length > 1 && spokes.length === 0
      ? [said('rows', 'A patient of several of them is counted at each: not de-duplicated.')]
      : []),
    ...spokes.map((table) => joined(hub!, table, joins.find(({ spoke }) => spoke === table.alias)!)),
    said('rows', `Before it runs, all parties learn the number of rows of each table${alsoTold(joins)}.`),
  ];
}

/** What sizes say beside rows. */
function alsoTold(joins: readonly BoundJoin[]): string {
  if (joins.length === 0) return ', and of the patients whose rows they are';
  if (joins.some(({ kind }) => kind === 'linked')) return ', and of linked pairs';
  return joins.some(({ kind }) => kind === 'keys') ? ', and of the different keys of the join in it' : '';
}

function joined(hub: BoundTable, { name, alias, parties }: BoundTable, join: BoundJoin): Said {
  const what = `${name} of ${parties.join(', ')}`;
  if (join.kind === 'rule') return matched(hub.name, `${name} (${alias}) of ${parties.join(', ')}`, join);
  if (join.kind === 'linked') {
    const both = [...hub.parties, ...parties].join(' and ');
    return said(
      'join',
      `Joined with ${what} by a link under the same agreement, whose pairs ${both} know; nobody else learns them.`,
    );
  }
  const equal = join.on.map(([left, right]) => `${hub.alias}.${left} = ${alias}.${right}`).join(' and ');
  return said(
    'join',
    `Joined, inside the secure computation, with ${what} where ${equal}. Nobody learns which rows join.`,
  );
}

/** `hub` and `what`: the two tables, as a reader knows them. */
function matched(hub: string, what: string, { rule, keys, cap, prefer }: RuleJoined): Said {
  const several =
    prefer === 'best'
      ? 'the match with the highest score, of equal ones the first in a secret random order'
      : 'the first that matches, in a secret random order';
  return said('join', `Joined, inside the secure computation, with ${what} by a match rule: ${rule}`, [
    `a is ${hub}, b the other; texts are normalised as agreed. A row of a goes with ${several}; a row of b with one row of a at most.`,
    `Rows are compared where ${keys.join('; or ')}. Of all that share such a value ${cap} rows of a table take part, drawn at random; each owner hears how many of its own are left out, nobody else does.`,
    'Nobody learns which rows join, nor how many.',
  ]);
}

function locals({ tables, nodes }: Rows): Said[] {
  return tables.flatMap(({ name, alias, parties }) => {
    const own = nodes.filter((node) => node.op === 'local' && node.table === alias);
    if (own.length === 0) return [];
    const text = `Computed by ${parties.join(', ')} from ${name} alone, for every row:`;
    return [said('local', text, own.map(withRange), parties)];
  });
}

const withRange = (node: BoundNode): string => `${node.sql}${rangeOf(node)}`;

function rangeOf({ type }: BoundNode): string {
  if (type.kind === 'code') return `, one of ${type.values.length} texts`;
  if (type.kind !== 'number') return '';
  const [lo, hi] = type.range.map((bound) => printDecimal({ value: BigInt(bound), scale: type.scale }));
  return `, from ${lo} to ${hi}`;
}

/** The nodes that cells are made of. */
export function rootsOf(bound: BoundStudy): number[] {
  const { keys, opened } = bound;
  return [
    ...keys.map(({ node }) => node),
    ...ownSupports(bound).flatMap(({ filters, present }) => [...filters, ...present]),
    ...opened.flatMap((number) =>
      number.kind === 'sum' ? number.factors : number.kind === 'quantile' ? [number.of] : [],
    ),
  ];
}

function secure(bound: Rows, roots: readonly number[]): Said[] {
  const { nodes, where } = bound;
  const mixed = [...within(roots, bound)]
    .sort((x, y) => x - y)
    .map((at) => nodes[at]!)
    .filter((node) => node.op !== 'local' && node.op !== 'constant');
  const condition = where.map((at) => nodes[at]!.sql).join(' and ');
  return [
    ...(mixed.length === 0
      ? []
      : [said('inside', 'Computed inside, from values of several tables; never opened:', mixed.map(withRange))]),
    ...(where.length === 0 ? [] : [said('where', `A row counts where ${condition}; nobody learns which rows do.`)]),
  ];
}

/** What opens of a study, and when. */
export function explainOpened(bound: BoundStudy): Said[] {
  const { keys, cells, nodes, release, opened } = bound;
  const by = keys.map(({ node }) => nodes[node]!.sql).join(', ');
  const many =
    cells === null ? 'each group there is, its values too' : `each of ${cells} cells, whether anyone is in it or not`;
  return [
    said(
      'opened',
      keys.length === 0 ? 'Opened, for all rows together:' : `Opened, for ${many}, by ${by}:`,
      opened.map((number) => describe(number, bound)),
    ),
    said(
      'unless',
      `Each only where at least ${enoughPatients(bound)} stand behind it; a quantile, on either side of it. Else it is marked as suppressed${release.allOrNone ? ', and so is all else of its cell' : ''}.`,
    ),
    ...besides(bound),
    said('opened', 'A variance shows the mean as well.'),
  ];
}

/** What can follow from two numbers, and is held against k too. */
function besides(bound: BoundStudy): Said[] {
  const { rests, opened, nodes } = bound;
  if (rests.length === 0) return [];
  const missing = new Set(opened.flatMap(({ support }) => bound.supports[support]!.present));
  const texts = [...missing].map((at) => `${nodes[at]!.sql} IS NOT NULL`);
  return [
    said(
      'unless',
      `Two numbers of different rows tell of the rows that one has and the other has not: both are suppressed where there are such rows, and fewer than ${enoughPatients(bound)} stand behind them.`,
    ),
    ...(texts.length === 0
      ? []
      : [
          said(
            'unless',
            `So a few missing values can suppress a whole cell: to leave such rows out of all numbers, write WHERE ${texts.join(' AND ')}.`,
          ),
        ]),
  ];
}

/** Such as `10 patients`, of all parties and of each. */
export function enoughPatients({ tables: [hub], release }: Pick<BoundStudy, 'tables' | 'release'>): string {
  const { parties } = hub!;
  const each =
    parties.length > 1
      ? `, and of each of ${parties.join(', ')}${release.allowEmptyParty ? ' that has any' : ''},`
      : '';
  return `${release.minPatients} patients${each}`;
}

function describe(number: Opened, { nodes, supports, tables }: BoundStudy): string {
  const { filters, present } = supports[number.support]!;
  const [hub] = tables;
  const conditions = [...filters.map((at) => nodes[at]!.sql), ...present.map((at) => `${nodes[at]!.sql} is not NULL`)];
  const where = conditions.length === 0 ? '' : `, where ${conditions.join(' and ')}`;
  switch (number.kind) {
    case 'rows':
      return `the number of rows${where}`;
    case 'patients':
      return `the number of different ${hub!.alias}.${hub!.patient}${where}`;
    case 'sum':
      return `the sum of ${number.factors.map((at, i) => factor(nodes[at]!, number.centres[i]!)).join(' · ')}${where}`;
    case 'quantile':
      return `the ${number.fraction} quantile of ${nodes[number.of]!.sql}, rounded${where}`;
  }
}

function factor({ sql, type }: BoundNode, centre: string): string {
  if (centre === '0') return sql;
  return `(${sql} - ${printDecimal({ value: BigInt(centre), scale: type.kind === 'number' ? type.scale : 0 })})`;
}

function after({ after: { having, orderBy, limit }, columns }: BoundStudy): Said[] {
  const clauses = [
    having === null ? '' : 'HAVING',
    orderBy.length === 0 ? '' : 'ORDER BY',
    limit === null ? '' : 'LIMIT',
  ].filter(Boolean);
  const applied = `${clauses.join(', ')} ${clauses.length > 1 ? 'are' : 'is'} applied to what has opened, and hides nothing from those who receive it.`;
  return [
    said('shown', `Shown: ${columns.join(', ')}, computed from what opened.`),
    ...(clauses.length === 0 ? [] : [said('shown', applied)]),
  ];
}
