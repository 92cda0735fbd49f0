import type { LegalHold } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { facts, table } from '../ui.ts';

interface HoldOptions {
  column?: string;
  reason: string;
  until?: string;
}

/** `symbolon subject hold`. */
export const hold: Leaf<HoldOptions> = {
  name: 'hold <dataset> [value]',
  summary: 'forbid to delete what is kept of a data set, or of one person in it',
  description:
    'While a legal hold stands, nobody is erased whom it concerns, and no agreement about the data set is discarded. It ends after its last\n' +
    'day, or when two people lift it.',
  examples: [
    'symbolon subject hold members --reason "Case 12/2027" --until 2027-12-31',
    'symbolon subject hold members M-1047 --reason "Case 14/2027"',
  ],
  served: true,
  options: (command) =>
    command
      .requiredOption('--reason <words>', 'why, without naming anybody')
      .option('--column <name>', 'what tells people apart; not needed where lists and agreements use one column alone')
      .option('--until <date>', 'the last day, like 2027-12-31; else until two people lift it'),
  run: async ({ ui, at }, [dataset, value], { column, reason, until }) => {
    const info = await withView(at, ({ subjects }) =>
      subjects.hold({ dataset: dataset!, column, value, reason, until }),
    );
    ui.say(`${ui.talk.green('✔')} The hold ${info.id} stands.`);
    return { json: info, text: describe(info) };
  },
};

/** `symbolon subject holds`. */
export const holds: Leaf<object> = {
  name: 'holds',
  summary: 'legal holds, the newest first',
  examples: ['symbolon subject holds'],
  served: true,
  run: async ({ ui, at }) => {
    const all = await withView(at, ({ subjects }) => subjects.holds());
    if (all.length === 0) {
      ui.say('There is no legal hold.');
      return { json: all };
    }
    const rows = all.map((one) => [one.id, whatOf(one), stateOf(one), one.by, one.reason]);
    return { json: all, text: table(['hold', 'on', 'state', 'set by', 'why'], rows) };
  },
};

/** `symbolon subject lift`. */
export const lift: Leaf<object> = {
  name: 'lift <hold>',
  summary: 'lift a legal hold; it ends when a second person does',
  description:
    'Lifts a legal hold. Two different users must, each logged in; whoever opens the folder without logging in is none of them.',
  examples: ['symbolon subject lift Xk3v9aQ2mB7t'],
  served: true,
  run: async ({ ui, at }, [id]) => {
    const info = await withView(at, ({ subjects }) => subjects.lift(id!));
    ui.say(info.stands ? 'A second person must lift it too.' : `${ui.talk.green('✔')} The hold is lifted.`);
    return { json: info, text: describe(info) };
  },
};

function describe(info: LegalHold): string {
  return facts([
    ['hold', info.id],
    ['on', whatOf(info)],
    ['state', stateOf(info)],
    ['set', `by ${info.by} on ${info.setAt.slice(0, 10)}`],
    ['why', info.reason],
  ]);
}

function whatOf({ dataset, person }: LegalHold): string {
  return person ? `a person in ${dataset}` : dataset;
}

function stateOf({ stands, until, liftAskedBy, liftedBy }: LegalHold): string {
  if (liftedBy !== null) return `lifted by ${liftAskedBy} and ${liftedBy}`;
  if (!stands) return `ended on ${until}`;
  if (liftAskedBy !== null) return `${liftAskedBy} lifts it; one more must`;
  return until === null ? 'stands' : `stands until ${until}`;
}
