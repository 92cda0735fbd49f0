import fc from 'fast-check';
import type { Schema } from '../../src/index.ts';
import { schema } from './schema.ts';

/** The sample schema with every column free to be used, for random studies. */
export const wide: Schema = {
  ...schema,
  tables: Object.fromEntries(
    Object.entries(schema.tables).map(([name, table]) => [
      name,
      {
        ...table,
        maxRows: 40,
        columns: Object.fromEntries(
          Object.entries(table.columns).map(([column, described]) => [
            column,
            { ...described, policy: column === table.patient ? 'join' : 'group' },
          ]),
        ),
      },
    ]),
  ),
};

const of = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

interface Parts {
  number: string;
  date: string;
  text: string;
  condition: string;
}

/** Expressions over the tables of these aliases; of several tables wherever they may mix. */
function expressions(hub: boolean, insured: boolean, census: boolean): fc.LetrecValue<Parts> {
  const pick = (...lists: (false | string[])[]): string[] => lists.flatMap((list) => list || []);
  const numbers = pick(
    hub && [
      'v.minutes',
      'v.cost',
      'v.secret',
      'length(v.note)',
      'month(v.seen)',
      'abs(v.minutes)',
      '(v.minutes // 7)',
      '(v.minutes % 7)',
      'round(v.cost, 1)',
      'round(v.cost)',
      'TRY_CAST(v.note AS INTEGER)',
      'CAST(v.cost AS INTEGER)',
      "date_part('week', v.seen)",
    ],
    insured && [
      'i.paid',
      'i.level',
      "date_diff('year', i.born, DATE '2020-06-30')",
      'CAST(i.app AS INTEGER)',
      'year(i.joined)',
      "date_diff('month', i.born, i.joined)",
    ],
    census && [
      'c.education',
      'coalesce(c.education, 0)',
      'greatest(c.education, 2)',
      'nullif(c.education, 2)',
      '(-c.education)',
    ],
    hub &&
      insured && [
        "date_diff('day', i.joined, v.seen)",
        "date_diff('month', v.seen, i.joined)",
        "date_diff('year', i.born, v.seen)",
        '(v.seen - i.joined)',
        'coalesce(v.minutes, i.level)',
        'CAST(v.urgent = i.app AS INTEGER)',
      ],
  );
  const dates = pick(
    hub && ['v.seen', 'v.seen + 3', 'v.seen - CAST(v.secret AS INTEGER)'],
    insured && ['i.born', 'i.joined', 'i.joined - 30'],
    ["DATE '2020-02-29'"],
  );
  const domains = pick(hub && ['v.kind'], insured && ['i.region', 'i.sex'], census && ['c.residence'], [
    "'west'",
    "'family'",
  ]);
  const single = pick(
    hub && [
      'v.urgent',
      "v.note LIKE 'b%'",
      "v.note IN ('a', '', '12')",
      "lower(v.note) || 'x' = 'ax'",
      "v.seen < '2020-09-01'",
      'v.note IS NULL',
      "v.note > 'a'",
      "TRY_CAST(v.note AS DATE) = '2020-02-29'",
    ],
    insured && [
      'i.app',
      "i.region <> 'east'",
      'i.app IS NOT TRUE',
      "contains(i.region, 'e')",
      'i.sex IS NOT NULL',
      "i.region IN ('west', NULL)",
    ],
    census && [
      "c.residence = 'west'",
      'c.education IN (1, 3)',
      'c.education BETWEEN 2 AND 3',
      'c.education IS DISTINCT FROM 2',
    ],
  );
  const comparison = of('=', '<>', '<', '<=', '>', '>=');
  return fc.letrec<Parts>((tie) => ({
    number: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      of(...numbers),
      of('1', '-3', '2.5', '0.125'),
      fc.tuple(tie('number'), of('+', '-'), tie('number')).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(of(...numbers), of(...numbers, '2', '-1.5')).map((parts) => `(${parts.join(' * ')})`),
      fc
        .tuple(tie('condition'), tie('number'), tie('number'))
        .map(([when, then, other]) => `CASE WHEN ${when} THEN ${then} ELSE ${other} END`),
      fc.tuple(tie('condition'), tie('number')).map(([when, then]) => `CASE WHEN ${when} THEN ${then} END`),
    ),
    date: of(...dates),
    text: fc.oneof(
      { maxDepth: 1 },
      of(...domains),
      fc
        .tuple(tie('condition'), of(...domains), of(...domains))
        .map(([when, then, other]) => `CASE WHEN ${when} THEN ${then} ELSE ${other} END`),
    ),
    condition: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      of(...single),
      fc.tuple(tie('number'), comparison, tie('number')).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(tie('date'), comparison, tie('date')).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(tie('text'), of('=', '<>'), tie('text')).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(of(...single), of('=', '<>'), of(...single)).map(([x, op, y]) => `((${x}) ${op} (${y}))`),
      fc.tuple(tie('date'), tie('date'), tie('date')).map(([x, low, high]) => `(${x} BETWEEN ${low} AND ${high})`),
      fc.tuple(tie('number'), tie('number'), tie('number')).map(([x, y, z]) => `(${x} IN (${y}, ${z}))`),
      fc.tuple(tie('text'), tie('text'), tie('text')).map(([x, y, z]) => `(${x} NOT IN (${y}, ${z}))`),
      fc
        .array(tie('condition'), { minLength: 2, maxLength: 3 })
        .chain((parts) => of(' AND ', ' OR ').map((op) => `(${parts.join(op)})`)),
      fc
        .tuple(tie('condition'), of('IS NULL', 'IS NOT TRUE', 'IS FALSE', 'IS NOT NULL'))
        .map(([x, is]) => `((${x}) ${is})`),
      tie('condition').map((part) => `NOT (${part})`),
    ),
  }));
}

const froms: [text: string, hub: boolean, insured: boolean, census: boolean][] = [
  ['visits AS v', true, false, false],
  ['insured i', false, true, false],
  ['visits v JOIN insured i USING (pid)', true, true, false],
  ['census AS c JOIN visits AS v ON c.person = v.pid', true, false, true],
  ['visits v JOIN insured i ON v.pid = i.pid JOIN census c ON i.pid = c.person', true, true, true],
];

/** Random studies that bind. */
export const study: fc.Arbitrary<string> = fc.constantFrom(...froms).chain(([from, hub, insured, census]) => {
  const parts = expressions(hub, insured, census);
  const patient = hub ? 'v.pid' : 'i.pid';
  const key = fc.oneof(
    { arbitrary: parts.text, weight: 3 },
    parts.condition,
    of(
      ...[
        hub && 'v.urgent',
        hub && 'v.secret',
        hub && 'v.seen',
        hub && 'v.note',
        hub && 'v.cost',
        hub && 'quarter(v.seen)',
        insured && 'i.level',
        census && 'c.education',
      ].filter((text) => text !== false),
    ),
    fc.tuple(parts.condition, parts.condition).map(([x, y]) => `CASE WHEN ${x} THEN 1 WHEN ${y} THEN 2.5 ELSE -1 END`),
  );
  const filtered = (call: string): fc.Arbitrary<string> =>
    fc.oneof(
      { arbitrary: fc.constant(call), weight: 3 },
      parts.condition.map((when) => `${call} FILTER (WHERE ${when})`),
    );
  const aggregate = fc
    .oneof(
      of('COUNT(*)', `COUNT(DISTINCT ${patient})`),
      parts.condition.map((x) => `COUNT(${x})`),
      parts.number.map((x) => `COUNT(${x})`),
      parts.number.chain((x) => of(`SUM(${x})`, `AVG(${x})`, `VAR_SAMP(${x})`, `STDDEV_SAMP(${x})`)),
    )
    .chain(filtered);
  const shown = fc.oneof(
    { arbitrary: aggregate, weight: 4 },
    fc.tuple(parts.number, parts.number).chain(([x, y]) => filtered(`CORR(${x}, ${y})`)),
    fc.tuple(aggregate, aggregate).map(([x, y]) => `coalesce(${x}, 0) + 2 * ${y}`),
  );
  return fc
    .record({
      keys: fc.array(key, { maxLength: 2 }),
      shown: fc.array(shown, { minLength: 1, maxLength: 3 }),
      where: fc.option(parts.condition),
    })
    .map(({ keys, shown, where }) =>
      [
        `SELECT ${[...keys.map((each, i) => `${each} AS g${i}`), ...shown.map((each, i) => `${each} AS s${i}`)].join(', ')} FROM ${from}`,
        where === null ? '' : ` WHERE ${where}`,
        keys.length === 0 ? '' : ` GROUP BY ${keys.map((_, i) => i + 1).join(', ')}`,
      ].join(''),
    );
});
