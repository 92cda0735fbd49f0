import { type TimelineEntry, timeline } from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { number, table, UsageError } from '../ui.ts';
import { attemptOf, faultsOfLog, withArchive, witnessesOfLog } from '../verify-log.ts';

interface Options {
  kind?: string;
  since?: string;
  agreement?: string;
  run?: string;
  epoch?: string;
}

/** What stands in other columns, and signed documents, whose fields are printed. */
const unsaid = ['kind', 'version', 'at', 'date', 'statement'];

/** Longest value of a field that is printed. */
const maxField = 48;

/** `symbolon audit show`. */
export const show: Leaf<Options> = {
  name: 'show',
  summary: 'print what the log says has happened, and how far it was witnessed',
  description:
    'Verifies every entry and every root first, and says what is wrong. Then it prints one line an entry, the oldest first. Where an event\n' +
    'has no time of its own, the earliest time at which a witness had seen it stands there: it happened before.',
  examples: [
    'symbolon audit show',
    'symbolon audit show --kind link-done --since 2026-01-01',
    'symbolon audit show --agreement Jc3k9Q --json',
    'symbolon audit show --run 3',
  ],
  options: (command) =>
    command
      .option('--kind <kind>', 'entries of this kind alone')
      .option('--since <date>', 'no entries that are known to be older')
      .option('--agreement <hash>', 'entries that name this agreement; the beginning of its hash is enough')
      .option('--run <number>', 'entries that name this run')
      .option('--epoch <number>', 'an epoch that was ended; else the newest'),
  run: async ({ ui, home }, _, { kind, since, agreement, run, epoch }) => {
    if (since !== undefined && Number.isNaN(Date.parse(since))) throw new UsageError(`${since} is not a date`);
    const names = run === undefined ? undefined : await attemptOf(home, Number(run));
    const faults = await faultsOfLog(home);
    for (const fault of faults) ui.say(`${ui.talk.red('✘')} ${fault}`);
    if (faults.length > 0) ui.say('The log is not sound: do not rely on what it says. See: symbolon audit verify');
    const { entries, witnesses, size } = await withArchive(
      home,
      async (archive) => {
        const found: TimelineEntry[] = [];
        for await (const entry of timeline(archive, { kind, since, agreement, names })) found.push(entry);
        return { entries: found, witnesses: await witnessesOfLog(archive), size: archive.log.size };
      },
      epoch === undefined ? undefined : Number(epoch),
    );
    for (const { witness, size: seen, at } of witnesses) {
      const left = size - seen;
      const pending = left === 0 ? 'all entries' : `${number(seen)} entries; ${number(left)} pending`;
      ui.say(
        `${left === 0 ? ui.talk.green('✔') : ui.talk.yellow('…')} ${witness} has witnessed ${pending}${at === null ? '' : `, last ${at}`}.`,
      );
    }
    const rows = entries.map((entry) => [entry.index, when(entry), what(entry), fields(entry)]);
    return {
      json: { entries, witnesses, size, faults },
      text: rows.length === 0 ? 'There are no such entries.' : table(['entry', 'when', 'what', 'of what'], rows),
      exitCode: faults.length === 0 ? 0 : 1,
    };
  },
};

function when({ at, seenAt }: TimelineEntry): string {
  return at ?? (seenAt === null ? '' : `before ${seenAt}`);
}

/** The kind of an event, in words: kinds are written as words with hyphens. */
function what({ event, erased }: TimelineEntry): string {
  if (event === null) return erased ? '(erased)' : '(unreadable)';
  return event.kind.replaceAll('-', ' ');
}

/** What an event names, without what is printed elsewhere, and lists and documents by their length. */
function fields({ event, document }: TimelineEntry): string {
  return Object.entries({ ...event, ...document })
    .filter(([name, value]) => !unsaid.includes(name) && value !== null)
    .map(([name, value]) => `${name} ${short(value)}`)
    .join(', ');
}

function short(value: unknown): string {
  if (Array.isArray(value))
    return value.every((one) => typeof one !== 'object') ? value.join(' and ') : `of ${value.length}`;
  if (typeof value === 'object') return '(document)';
  const text = String(value).replaceAll('\n', ' ');
  // Hashes are told apart by their beginnings.
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return text.slice(0, 8);
  return text.length > maxField ? `${text.slice(0, maxField)}…` : text;
}
