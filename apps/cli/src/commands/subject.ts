import { readFileSync } from 'node:fs';
import type { Purpose } from '@symbolon/agreement';
import type { Erased, Listed, NamedPeople, OptOutGroup } from '@symbolon/party';
import { mostPeople } from '@symbolon/party';
import type { Command } from 'commander';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { purposeOption } from '../purpose-option.ts';
import { counted, facts, number, table, UsageError } from '../ui.ts';

interface WhoOptions {
  column?: string;
  file?: string;
}

interface ScopeOptions {
  purpose?: Purpose;
  agreement?: string;
}

const naming =
  'People are named by what stands in a column of the data set, on the line or, one a line, in a file; a shell keeps what is typed.\n' +
  'Case, white space and zeros in front make no difference. Only keyed hashes of it are kept.';

const who = (command: Command): Command =>
  command
    .option('--column <name>', 'what tells people apart; not needed where lists and agreements use one column alone')
    .option('--file <file>', 'a file with one of them on each line; - for stdin');

/** `symbolon subject opt-out`. */
export const optOut: Leaf<WhoOptions & ScopeOptions & { from?: string }> = {
  name: 'opt-out <dataset> [values...]',
  summary: 'rows of these people take no part in links and studies',
  description: `Rows of these people are left out before every link and study. ${naming}`,
  examples: [
    'symbolon subject opt-out members M-1047',
    'symbolon subject opt-out members --column medicaid --file objections.txt --purpose HRESCH --from 2027-01-01',
  ],
  served: true,
  options: (command) =>
    who(command)
      .addOption(purposeOption('from runs for this purpose alone'))
      .option('--agreement <hash>', 'from this agreement and its later versions alone')
      .option('--from <date>', 'the first day, like 2027-01-01; else at once'),
  run: async ({ ui, at }, [dataset, ...values], { from, agreement, purpose, ...options }) => {
    const terms = { agreement, purpose, from: dayOf(from) };
    const done = await withView(at, ({ subjects }) =>
      eachPart(dataset!, values, options, (people) => subjects.optOut(people, terms)),
    );
    warnOfNone(ui, done);
    return { json: done, text: facts(listed(done)) };
  },
};

/** `symbolon subject opt-in`. */
export const optIn: Leaf<WhoOptions & ScopeOptions> = {
  name: 'opt-in <dataset> [values...]',
  summary: 'take people off the list again, of just this agreement and purpose',
  description: `Takes people off the list, of just the agreement and purpose that are named. ${naming}`,
  examples: ['symbolon subject opt-in members M-1047', 'symbolon subject opt-in members M-1047 --purpose HRESCH'],
  served: true,
  options: (command) =>
    who(command)
      .addOption(purposeOption('what they opted out of for this purpose'))
      .option('--agreement <hash>', 'what they opted out of under this agreement'),
  run: async ({ at }, [dataset, ...values], { agreement, purpose, ...options }) => {
    const terms = { agreement, purpose };
    const done = await withView(at, ({ subjects }) =>
      eachPart(dataset!, values, options, (people) => subjects.optIn(people, terms)),
    );
    return { json: done, text: facts(listed(done)) };
  },
};

/** `symbolon subject erase`. */
export const erase: Leaf<WhoOptions> = {
  name: 'erase <dataset> [values...]',
  summary: 'these people take no part any more, and their matches of earlier links are deleted',
  description:
    'Rows of these people take no part any more, whatever the purpose, and the matches that are kept of them are deleted; refused while a\n' +
    `legal hold stands. Their records in the source are yours to delete. ${naming}`,
  examples: ['symbolon subject erase members M-1047', 'symbolon subject erase members --file erasures.txt'],
  served: true,
  options: who,
  run: async ({ ui, at }, [dataset, ...values], options) => {
    const done = await withView(at, ({ subjects }) =>
      eachPart<Erased>(dataset!, values, options, (people) => subjects.erase(people), both),
    );
    warnOfNone(ui, done);
    if (done.unknown.length > 0) {
      ui.say(
        `! Nobody can tell which matches of run ${done.unknown.join(', ')} are theirs: they are kept by number of record alone, and ${done.dataset} has changed since.`,
      );
    }
    ui.note(
      'What has opened stays opened: released statistics, and what partners have learnt. docs/subjects.md says more.',
    );
    if (done.records !== 0) ui.note(`Delete the records in the source too, then: symbolon data add ${done.dataset} …`);
    return {
      json: done,
      text: facts([
        ...listed(done),
        ['matches deleted', number(done.matches)],
        ['alerts deleted', number(done.alerts)],
      ]),
    };
  },
};

/** `symbolon subject list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'how many people of which data sets take no part in what',
  examples: ['symbolon subject list', 'symbolon subject list --json'],
  served: true,
  run: async ({ ui, at }) => {
    const groups = await withView(at, ({ subjects }) => subjects.list());
    if (groups.length === 0) {
      ui.say('Nobody has opted out.');
      return { json: groups };
    }
    const rows = groups.map((group) => [group.dataset, group.column, number(group.people), scopeText(group)]);
    return { json: groups, text: table(['data', 'by', 'people', 'take no part in'], rows) };
  },
};

function scopeText({ agreement, purpose, from, erased }: OptOutGroup): string {
  if (erased) return 'anything: erased';
  const parts = [
    agreement === null ? 'anything' : `agreement ${agreement.slice(0, 8)}`,
    purpose === null ? '' : ` for ${purpose}`,
    from === null ? '' : ` from ${from}`,
  ];
  return parts.join('');
}

/** Asks part by part: a request names so many people at most. */
async function eachPart<Done extends Listed>(
  dataset: string,
  typed: readonly string[],
  { column, file }: WhoOptions,
  work: (people: NamedPeople) => Promise<Done>,
  join: (one: Done, other: Done) => Done = sum,
): Promise<Done> {
  const values = [...typed, ...(file === undefined ? [] : linesOf(file))];
  if (values.length === 0) throw new UsageError('nobody is named', 'Name people on the line, or with --file.');
  let done: Done | undefined;
  for (let start = 0; start < values.length; start += mostPeople) {
    const part = await work({ dataset, column, values: values.slice(start, start + mostPeople) });
    done = done === undefined ? part : join(done, part);
  }
  return done!;
}

function linesOf(file: string): string[] {
  const text = readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, '');
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

function sum<Done extends Listed>(one: Done, other: Done): Done {
  const records = one.records === null || other.records === null ? null : one.records + other.records;
  return { ...one, people: one.people + other.people, records };
}

function both(one: Erased, other: Erased): Erased {
  const unknown = [...new Set([...one.unknown, ...other.unknown])];
  return { ...sum(one, other), matches: one.matches + other.matches, alerts: one.alerts + other.alerts, unknown };
}

function listed({ dataset, column, people, records }: Listed): [string, string][] {
  return [
    ['data', dataset],
    ['by', column],
    ['people', number(people)],
    ['records', records === null ? 'the source cannot be read now' : number(records)],
  ];
}

/** A mistyped name is on the list, and leaves nobody out. */
function warnOfNone(ui: { say(line: string): void }, { people, records, dataset }: Listed): void {
  if (records === null || records >= people) return;
  ui.say(
    `! ${counted(people, 'name')}, but only ${counted(records, 'record')} of ${dataset}: are all written as they stand there?`,
  );
}

function dayOf(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  throw new UsageError(`'${text}' is not a day`, 'Write it like 2027-01-01.');
}
