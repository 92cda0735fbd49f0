import { errorLevels } from '@symbolon/linkage';
import { type TunedKey, type TunedSet, type TuneReport, tunedCaps } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { readPairs } from '../pairs-file.ts';
import { progressFor } from '../progress.ts';
import { bytes, number, percent, table, UsageError } from '../ui.ts';
import { ways } from './link.ts';

interface Options {
  block: string[];
  cap?: string;
  keys: string;
  pairs?: string;
  errors?: string;
  sample?: string;
  seed?: string;
}

/** `symbolon link tune`. */
export const tune: Leaf<Options> = {
  name: 'tune <agreement>',
  summary: 'find blocking keys for an agreement or draft, on your own table; nothing leaves',
  served: true,
  description:
    'Measures blocking keys on your own table: those of the agreement, those given with --block, and those that its rule suggests. Shows\n' +
    'block sizes, how many of your records each cap leaves out, and the share of matches that are expected to be found; proposes a set.\n' +
    'Matches are taken from --pairs, a file as for `agreement try` (CSV with columns a.NAME and b.NAME) of records that belong together;\n' +
    'else from your own records with typing errors. Pairs that the rule does not match are left aside.',
  examples: [
    'symbolon link tune 3kQx9a',
    "symbolon link tune 3kQx9a --block 'a.dob = b.dob AND left(a.name, 2) = left(b.name, 2)' --errors high",
    'symbolon link tune 3kQx9a --pairs labelled.csv --keys 6',
  ],
  options: (command) =>
    command
      .option(
        '--block <sql>',
        'a key to look at, or another one given so',
        (typed, before) => [...before, typed],
        [] as string[],
      )
      .option(
        '--cap <count>',
        `rows of a table that are compared under one value; ${tunedCaps.join(', ')} are tried if absent`,
      )
      .option('--keys <count>', 'how many keys to propose at most', '4')
      .option('--pairs <file>', 'labelled pairs; your own records with typing errors if absent')
      .option('--errors <level>', `${Object.keys(errorLevels).join(', ')}; usual if absent`)
      .option('--sample <count>', 'how many own records get errors; 10,000 if absent')
      .option('--seed <number>', 'of the errors; 1 if absent'),
  run: async ({ ui, at }, [hash], options) => {
    const { errors, pairs: file } = options;
    if (errors !== undefined && file !== undefined) throw new UsageError('--errors has no meaning with --pairs');
    const pairs = file === undefined ? undefined : await readPairs(file);
    const report = await progressFor(ui).step('Keys, on your own table', () =>
      withView(at, ({ agreements }) =>
        agreements.tune(hash!, {
          block: options.block,
          keys: count('--keys', options.keys, 16)!,
          cap: count('--cap', options.cap, 16),
          sample: count('--sample', options.sample, 200_000),
          seed: count('--seed', options.seed, 2 ** 31),
          pairs,
          errors: errors === undefined ? undefined : level(errors),
        }),
      ),
    );
    return { json: report, text: reportText(report) };
  },
};

/** Suggested keys that are shown though no set has them; --json has all. */
const shownKeys = 12;

function reportText(report: TuneReport): string {
  const { sets, proposal, agreed, unblocked } = report;
  const chosen = new Set(sets.flatMap((set) => set.keys));
  const keys = report.keys.filter(({ sql, from }, i) => i < shownKeys || from !== 'rule' || chosen.has(sql));
  const legend = keys.map(({ sql, from, losslessFor }, i) => {
    const origin = { agreement: 'of the agreement', given: 'given', rule: '' }[from];
    const lossless = losslessFor === null ? '' : `one of the lossless set for ${losslessFor}`;
    const remarks = [origin, lossless].filter(Boolean).join('; ');
    return `K${i + 1}  ${sql}${remarks === '' ? '' : `  (${remarks})`}`;
  });
  const numbers = new Map(keys.map(({ sql }, i) => [sql, `K${i + 1}`]));
  return [
    from(report),
    '',
    table(
      [
        'key',
        'blocks',
        'largest',
        'no key',
        ...tunedCaps.map((cap) => `cut at ${cap}`),
        'found',
        `found at ${proposal.cap}`,
      ],
      keys.map((key, i) => [`K${i + 1}`, ...keyCells(key, report.rows)]),
    ),
    '',
    ...legend,
    '',
    'largest: your rows under the commonest value. no key: rows where it cannot be computed. cut at 2: rows that are left out under',
    `this key if it brings at most 2 of them together. found: without a cap; found at ${proposal.cap}: with the proposed one.`,
    '',
    'The best set for each cap:',
    table(
      ['cap', 'keys', 'found', 'way', 'sent by all', 'seconds'],
      [
        ...[...sets, ...(agreed === null ? [] : [agreed])].map((set) => setCells(set, numbers, set === agreed)),
        ['–', 'none', percent(1), ...costCells(unblocked)],
      ],
    ),
    '',
    'found: the share of these pairs that the key or set is expected to bring together. It is measured on your own table and on these',
    'pairs, not on the other table, which is taken to be as large and to have blocks as large: real matches may have other errors.',
    'seconds: about; a link runs the cheaper way, so with keys, too, it may compare all pairs.',
    '',
    ...proposed(report),
  ].join('\n');
}

function proposed({ needless, proposal: { keys, cap, recall } }: TuneReport): string[] {
  if (needless)
    return ['Proposed: none. The rule is one equality: a link finds all of its matches without blocking keys.'];
  const flags = [...keys.map((sql) => `--block ${quoted(sql)}`), `--cap ${cap}`];
  return [`Proposed, ${percent(recall)} found; for symbolon agreement draft:`, `  ${flags.join(' \\\n  ')}`];
}

function from({ title, rows, pairs }: TuneReport): string {
  const { source, errors, tried, matching } = pairs;
  const what = source === 'labelled' ? 'labelled pairs' : `own records, each with a copy with ${errors} errors`;
  return `${title}: ${number(rows)} own rows; ${number(tried)} ${what}, of which the rule matches ${number(matching)} (${percent(matching / tried)}).`;
}

function keyCells({ blocks, largest, without, cut, recall }: TunedKey, rows: number): string[] {
  return [
    number(blocks),
    number(largest),
    percent(without / rows),
    ...cut.map(number),
    percent(recall.uncapped),
    percent(recall.capped),
  ];
}

function setCells(
  { keys, cap, recall, cost }: TunedSet,
  numbers: ReadonlyMap<string, string>,
  agreed: boolean,
): unknown[] {
  const names = keys.map((sql) => numbers.get(sql)).join(' ');
  return [cap, agreed ? `${names} (the agreement's)` : names, percent(recall), ...costCells(cost)];
}

function costCells(cost: TunedSet['cost']): unknown[] {
  return cost === null
    ? ['too many pairs', '–', '–']
    : [ways[cost.kind], bytes(cost.bytes), number(Math.max(1, Math.round(cost.seconds)))];
}

/** As one word of a shell. */
function quoted(sql: string): string {
  return `'${sql.replaceAll("'", `'\\''`)}'`;
}

function level(typed: string): keyof typeof errorLevels {
  const levels = Object.keys(errorLevels) as (keyof typeof errorLevels)[];
  const known = levels.find((name) => name === typed);
  if (known !== undefined) return known;
  throw new UsageError(`--errors is ${levels.join(', ')}, not ${typed}`);
}

function count(option: string, typed: string | undefined, most: number): number | undefined {
  if (typed === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(typed) && Number(typed) <= most) return Number(typed);
  throw new UsageError(`${option} is a number from 1 to ${most}, not ${typed}`);
}
