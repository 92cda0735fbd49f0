import type { StudyAgreement, StudyColumn, StudyJoin } from '@symbolon/agreement';
import { number, table } from '../ui.ts';

/** What an agreement says of its studies: who holds what, what joins, what may open, who receives it. */
export function studyFacts({ studies, term }: StudyAgreement): (readonly [string, string])[] {
  const tables = Object.entries(studies.tables).map(([name, { holders, maxRows, onePerPatient }]) => {
    const held = holders.map(({ party, dataset, compute }) => {
      const about = [
        dataset === name ? [] : `as ${dataset}`,
        compute === undefined ? [] : `encrypted, at ${compute}`,
      ].flat();
      return about.length === 0 ? party : `${party} (${about.join('; ')})`;
    });
    const each = onePerPatient === true ? ', one a patient' : '';
    return `${name}: of ${held.join(', ')}, at most ${number(maxRows)} rows each${each}`;
  });
  const joins = studies.joins.map((join) => {
    const { hub, spoke } = join;
    if ('on' in join)
      return `${hub} and ${spoke}, where ${join.on.map(([left, right]) => `${hub}.${left} = ${spoke}.${right}`).join(' and ')}`;
    return `${hub} and ${spoke}, ${'rule' in join ? ruleWords(join) : 'as linked'}`;
  });
  return [
    ['tables', tables.join('\n')],
    ['joins', joins.length === 0 ? 'none' : joins.join('\n')],
    ['shown if', `at least ${number(studies.minPatients)} patients stand behind a number`],
    ...studies.list.map(({ name, to, maxRuns }): [string, string] => [
      'study',
      `'${name}', for ${to.join(', ')}, at most ${number(maxRuns)} runs from ${term.from} to ${term.until}`,
    ]),
  ];
}

function ruleWords({ hub, spoke, rule, blocking, prefer }: Extract<StudyJoin, { rule: unknown }>): string {
  const { keys, cap } = blocking;
  const most = cap === 1 ? 'one row' : `${cap} rows`;
  return [
    `where this rule matches, a row with one row at most; nobody learns which (a is ${hub}, b is ${spoke}):`,
    `  ${rule.trim().replaceAll('\n', '\n  ')}`,
    `  of several, ${prefer === 'best' ? "the best by the rule's weighted sum" : 'the first in a secret random order'}; compared where one of these is so, at most ${most} of each under one value:`,
    ...keys.map((key) => `  - ${key}`),
  ].join('\n');
}

/** Every column that will ever be read, and what a study may do with it. */
export function studyColumns({ studies }: StudyAgreement): string {
  const rows = Object.entries(studies.tables).flatMap(([name, { columns }]) =>
    Object.entries(columns).map(([column, is]) => [
      `${name}.${column}`,
      is.type,
      [valuesOf(is), aboutColumn(is)].filter(Boolean).join('; '),
      is.towards === undefined ? allowed[is.policy] : `${allowed[is.policy]}; towards ${is.towards.join(', ')} alone`,
    ]),
  );
  return table(['column', 'type', 'values', 'may be used'], rows);
}

const allowed: Readonly<Record<StudyColumn['policy'], string>> = {
  hidden: 'not at all',
  join: 'to join',
  aggregate: 'in sums and the like, alone',
  filter: 'in conditions and sums',
  group: 'in conditions and sums, and to group by',
};

function valuesOf(column: StudyColumn): string {
  if (column.type === 'text') return column.values?.join(', ') ?? textOf(column);
  if (column.type === 'boolean') return '';
  const decimals = column.type === 'number' && column.scale !== undefined ? `, ${column.scale} decimals` : '';
  return `${column.min} to ${column.max}${decimals}`;
}

function textOf({ maxLength, normalise, alphabet }: Extract<StudyColumn, { type: 'text' }>): string {
  const said = [
    maxLength === undefined ? 'any' : `up to ${maxLength} characters`,
    ...(normalise === undefined ? [] : [`normalised (${normalise.join(', ')})`]),
    ...(alphabet === undefined ? [] : [`of ${alphabet}`]),
  ];
  return said.join(', ');
}

/** What a column says of itself to people: unit, code system, description. */
export function aboutColumn(column: {
  readonly unit?: string;
  readonly codeSystem?: string;
  readonly description?: string;
}): string {
  const { unit, codeSystem, description } = column;
  const said = [unit === undefined ? undefined : `in ${unit}`, codeSystem && `codes of ${codeSystem}`, description];
  return said.filter(Boolean).join('; ');
}
