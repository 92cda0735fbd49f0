import { once } from 'node:events';
import type { Purpose } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { mostPartners } from '@symbolon/linkage';
import type { LinkExplanation, LinkProgress, LinkWay, Match, RunInfo } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { collectMatches, runLinkAt, withView } from '../organisation.ts';
import { progressFor } from '../progress.ts';
import { purposeOption } from '../purpose-option.ts';
import { runNumber } from '../run-number.ts';
import { bytes, counted, facts, number, table } from '../ui.ts';
import { writeWhole } from '../whole-file.ts';

/** `symbolon link explain`. */
export const explain: Leaf<object> = {
  name: 'explain <agreement>',
  summary: 'what a run would do: which way and why, its cost, what each learns, what it can miss',
  served: true,
  examples: ['symbolon link explain 3kQx9a'],
  run: async ({ at }, [agreement]) => {
    const explanation = await withView(at, ({ links }) => links.explain(agreement!));
    return { json: explanation, text: explanationText(explanation) };
  },
};

/** `symbolon link run`. */
export const run: Leaf<{ purpose?: Purpose }> = {
  name: 'run <agreement>',
  summary: 'find the rows that belong together; needs the servers of both parties and the key service',
  description:
    "Asks the organisation's own server to run a link under a signed agreement, and follows it to the end. AGREEMENT is its hash,\n" +
    'or its first six or more characters. Ctrl-C cancels the run on both sides; the next one gets fresh keys.',
  endsOnSignal: true,
  served: true,
  examples: ['symbolon link run 3kQx9a'],
  options: (command) => command.addOption(purposeOption()),
  run: async ({ ui, at, cleanup }, [agreement], { purpose }) => {
    const info = await progressFor(ui).step('Link, over encrypted data', (update) =>
      runLinkAt(
        at,
        { agreement: agreement!, purpose },
        { signal: cleanup.signal, onProgress: (event) => update(progressLine(event)) },
      ),
    );
    const afterwards = (): void => ui.note(`Next: symbolon link export ${info.id} --out matches.csv`);
    return { json: info, text: describe(info), afterwards };
  },
};

/** `symbolon link list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'the runs of this organisation',
  served: true,
  examples: ['symbolon link list'],
  run: async ({ ui, at }) => {
    const runs = await withView(at, ({ links }) => links.list());
    if (runs.length === 0) {
      ui.say('No runs yet. Start one: symbolon link run AGREEMENT');
      return { json: [] };
    }
    return { json: runs, text: runsText(runs) };
  },
};

/** `symbolon link show`. */
export const show: Leaf<object> = {
  name: 'show <run>',
  summary: 'one run: state, sizes, matches, what was sent',
  served: true,
  examples: ['symbolon link show 1'],
  run: async ({ at }, [typed]) => {
    const info = await withView(at, ({ links }) => links.show(runNumber(typed!, 'link')));
    return { json: info, text: describe(info) };
  },
};

/** `symbolon link export`. */
export const exportPairs: Leaf<{ out?: string }> = {
  name: 'export <run>',
  summary: 'the matches of a run as CSV',
  description:
    "Writes the matches of a run as CSV: `row`, the own record's number in its source, from 1; `key`, the value of its key column, if the\n" +
    "agreement names one; `own_number` and `peer_row`, the numbers under which the own record and the partner's went into this run. What\n" +
    'record `peer_row` is, only the partner knows: its own export has the same number as `own_number`.',
  served: true,
  examples: ['symbolon link export 1 --out matches.csv', 'symbolon link export 1 | head'],
  options: (command) => command.option('--out <file>', 'where to write; stdout if absent'),
  run: async ({ ui, at, cleanup }, [typed], { out }) => {
    const id = runNumber(typed!, 'link');
    if (ui.json && out === undefined) {
      const matches = await withView(at, (organisation) => collectMatches(organisation, id));
      return { json: matches.map((match) => ({ ...match, row: match.row + 1 })) };
    }
    const count = await withView(at, async ({ links }) => {
      const { state, details } = await links.show(id);
      if (state !== 'done') {
        throw fault('not-found', `run ${id} has no result`, { hint: 'Runs and their states: symbolon link list' });
      }
      if (details?.matches === null) {
        throw fault('not-found', `run ${id} has no result here: the agreement shows it to the partner alone`);
      }
      let lines = 0;
      const csv = csvOf(links.matches(id), () => lines++);
      if (out !== undefined) await writeWhole(out, csv, cleanup);
      else await print(csv);
      return lines;
    });
    ui.say(`${counted(count, 'match').replace(/matchs$/, 'matches')}${out === undefined ? '' : ` in ${out}`}.`);
    return { json: { run: id, matches: count, file: out ?? null } };
  },
};

/** Within 80 columns: of an error the code; `link show` has its words. */
export function runsText(runs: readonly RunInfo[]): string {
  const rows = runs.map(({ id, agreement, state, startedAt, details, error }) => [
    id,
    agreement.slice(0, 8),
    isCancelled(error) ? 'cancelled' : state,
    startedAt.slice(0, 16),
    details === null || details.matches === null ? '' : number(details.matches),
    state === 'failed' && !isCancelled(error) ? error!.split(':', 1)[0] : '',
  ]);
  return table(['run', 'agreement', 'state', 'started', 'matches', 'error'], rows);
}

function isCancelled(error: string | null): boolean {
  return error?.startsWith('cancelled: ') ?? false;
}

async function* csvOf(matches: AsyncIterable<Match>, counts: () => void): AsyncGenerator<string> {
  yield 'row,key,own_number,peer_row\n';
  for await (const { row, key, ownNumber, peerRow } of matches) {
    counts();
    yield `${row + 1},${cell(key)},${ownNumber},${peerRow}\n`;
  }
}

async function print(lines: AsyncIterable<string>): Promise<void> {
  const { stdout } = process;
  for await (const line of lines) {
    // `… | head` has read enough.
    if (stdout.destroyed) return;
    if (!stdout.write(line)) await once(stdout, 'drain');
  }
}

function explanationText(explanation: LinkExplanation): string {
  const { title, rows, pairs, atMost, way, why, instead, rule, learns, remarks } = explanation;
  const size = (side: 'a' | 'b'): string =>
    `${number(rows[side])}${atMost.includes(side) ? ' (the most that is agreed)' : ''}`;
  const numbers = facts([
    ['agreement', title],
    ['rows', `a ${size('a')}, b ${size('b')}: ${number(pairs)} pairs`],
    ['way', `${ways[way.kind]}: ${why}`],
    ['cost', wayText(way)],
    ...(instead === null ? [] : [[`or ${ways[instead.kind]}`, wayText(instead)] as [string, string]]),
  ]);
  const who = learns.map(({ who, what }) => `What ${who} learn${/ and /.test(who) ? '' : 's'}: ${what}`);
  return [numbers, rule.join('\n'), ...who, remarks.map((remark) => `- ${remark}`).join('\n')].join('\n\n');
}

/** The ways to find pairs, for people. */
export const ways = { keys: 'intersection', 'all-pairs': 'all pairs', blocking: 'blocking' } as const;

function wayText({ sessions, rounds, bytes: sent, answerKeyBytes, seconds }: LinkWay): string {
  const sizes = `a sends ${bytes(sent.a)}, b ${bytes(sent.b)}, the key service ${bytes(answerKeyBytes)}`;
  return `${counted(sessions, 'session')}, ${number(rounds)} rounds, ${sizes}, about ${Math.max(1, Math.round(seconds))} s`;
}

/** What a run is doing, in a line. */
export function progressLine({ text, done, of, secondsLeft }: LinkProgress): string {
  const part = of > 1 ? `, ${number(done)} of ${number(of)}` : '';
  return `${text}${part}${secondsLeft === null || secondsLeft === 0 ? '' : `, about ${secondsLeft} s left`}`;
}

function describe({
  id,
  agreement,
  state,
  error,
  startedAt,
  endedAt,
  details,
  session,
  logEpoch,
  logIndex,
}: RunInfo): string {
  const rows: [string, string][] = [
    ['run', String(id)],
    ['agreement', agreement],
    ['state', error === null || isCancelled(error) ? (error ?? state) : `${state}: ${error}`],
    ['started', startedAt],
  ];
  if (endedAt !== null) rows.push(['ended', endedAt]);
  if (session !== null) rows.push(['session', session]);
  if (details !== null) {
    const {
      rows: sizes,
      matches,
      rounds,
      bytes: moved,
      seconds,
      sessions,
      shards,
      cut,
      full = 0,
      leftOut = 0,
    } = details;
    rows.push(
      ['rows', `a ${number(sizes.a)}, b ${number(sizes.b)}`],
      ...(leftOut === 0
        ? []
        : [['left out', `${counted(leftOut, 'own row')} of people who opted out`] as [string, string]]),
      ['matches', matches === null ? 'known to the partner alone' : counted(matches, 'pair')],
      ['took', `${seconds.toFixed(1)} s, ${counted(sessions, 'session')}, ${number(rounds)} rounds`],
      ...(shards === 0
        ? []
        : [
            ['cut', `${counted(cut, 'own row')} left out under one key or more, where too many share its value`] as [
              string,
              string,
            ],
          ]),
      ...(full === 0
        ? []
        : [
            [
              'at most',
              `${counted(full, 'row')} of a with ${mostPartners} partners, the most that blocking finds: others may match too`,
            ] as [string, string],
          ]),
      ['sent', bytes(moved.sent)],
      [
        'received',
        `${bytes(moved.received)}${moved.answerKey === 0 ? '' : `, and an answer key of ${bytes(moved.answerKey)}`}`,
      ],
    );
  }
  if (logIndex !== null) rows.push(['log', `entry ${logIndex} of epoch ${logEpoch} is the statement that both signed`]);
  return facts(rows);
}

// RFC 4180; a leading sign that a spreadsheet would run as a formula is disarmed.
function cell(text: string | null): string {
  if (text === null) return '';
  const safe = /^[=+@\t\r-]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
