import { centreApi as api } from '@symbolon/registry';
import { everyItem } from '@symbolon/service';
import type { z } from 'zod';
import type { Leaf } from '../command.ts';
import { withServer } from '../server.ts';
import { facts, number, table, UsageError } from '../ui.ts';
import { sayNotTaken, wholeNumber } from './registry.ts';

const running = 'The central server has to run.';

/** `symbolon centre status`. */
export const status: Leaf<object> = {
  name: 'status',
  summary: 'what a central server keeps, for which modules, and its keys',
  description: `Says how many patients of which modules a central server knows, by numbers alone. ${running}`,
  examples: ['symbolon centre status --home ./centre'],
  served: true,
  run: async ({ ui, at }) => {
    const found = await withServer(at.home, at, (client) => client.call(api.getCentre, {}));
    sayNotTaken(ui, found.notices);
    const modules = found.modules.map(({ id, patients, enrolled }): [string, string] => [
      `module ${id}`,
      `${number(patients)} patients, ${number(enrolled)} with a card`,
    ]);
    const keys = found.keys.map(({ publicKey, until }): [string, string] => [
      'key',
      until === null ? publicKey : `${publicKey}, until ${until.slice(0, 10)}`,
    ]);
    const waiting: [string, string] = ['notices that wait', number(found.notices.length)];
    return {
      json: found,
      text: facts([['central server', `${found.id} at ${found.address}`], ...modules, waiting, ...keys]),
    };
  },
};

/** `symbolon centre alarms`. */
export const alarms: Leaf<{ all?: boolean }> = {
  name: 'alarms',
  summary: 'what administrators should look at, the newest first',
  examples: ['symbolon centre alarms', 'symbolon centre alarms --all --json'],
  served: true,
  options: (command) => command.option('--all', 'those that were seen too; the newest 100'),
  run: async ({ ui, at }, _, { all = false }) => {
    const query = all ? {} : { open: 'true' as const };
    const { items } = await withServer(at.home, at, (client) => client.call(api.listAlarms, { query }));
    if (items.length === 0) ui.say('No alarms.');
    const rows = items.map((one) => [
      ...[one.id, one.at.slice(0, 16), one.module, one.alarm],
      ...[one.patient ?? '–', one.physician ?? '–', one.text],
    ]);
    const head = ['number', 'at', 'module', 'alarm', 'patient', 'physician', 'what'];
    return { json: items, text: items.length === 0 ? '' : table(head, rows) };
  },
};

/** `symbolon centre seen`. */
export const seen: Leaf<{ note?: string }> = {
  name: 'seen <alarm>',
  summary: 'say that you have looked at an alarm, and what you found',
  examples: ['symbolon centre seen 12 --note "A locum; asked the head of the ward."'],
  served: true,
  options: (command) => command.option('--note <text>', 'what was found'),
  run: async ({ at }, [alarm], { note }) => {
    const input = { params: { alarm: wholeNumber(alarm!) }, body: { note: note ?? null } };
    await withServer(at.home, at, (client) => client.call(api.seeAlarm, input));
    return { json: { alarm: input.params.alarm } };
  },
};

type Review = z.output<typeof api.review>;

const listReviews: Leaf<{ all?: boolean }> = {
  name: 'list',
  summary: 'accesses in an emergency, without the card, that somebody has to look at',
  examples: ['symbolon centre review list'],
  served: true,
  options: (command) => command.option('--all', 'those that were looked at too'),
  run: async ({ ui, at }, _, { all = false }) => {
    const found = await withServer(at.home, at, async (client) => {
      const items: Review[] = [];
      const pages = (after?: string) => {
        const query = { all: all ? ('true' as const) : ('false' as const), ...(after === undefined ? {} : { after }) };
        return client.call(api.listReviews, { query });
      };
      for await (const one of everyItem(pages)) items.push(one);
      return items;
    });
    if (found.length === 0) ui.say('Nothing waits for a review.');
    const rows = found.map((one) => [
      ...[one.session, one.at.slice(0, 16), one.physician, one.institution, one.reason],
      one.finding ?? (one.overdue ? 'OVERDUE' : `until ${one.due.slice(0, 16)}`),
    ]);
    const head = ['session', 'at', 'physician', 'institution', 'reason', 'finding'];
    return { json: found, text: found.length === 0 ? '' : table(head, rows) };
  },
};

const finishReview: Leaf<{ finding: string; note: string }> = {
  name: 'finish <session>',
  summary: 'say whether an access in an emergency was justified',
  examples: [
    'symbolon centre review finish 3q2-7wAAAAAAAAAAAAAAAA --finding justified --note "Unconscious, ambulance report 12."',
  ],
  served: true,
  options: (command) =>
    command
      .requiredOption('--finding <finding>', 'justified, or abuse')
      .requiredOption('--note <text>', 'what was looked at'),
  run: async ({ at }, [session], { finding, note }) => {
    if (finding !== 'justified' && finding !== 'abuse') throw new UsageError('a finding is justified, or abuse');
    const input = { params: { session: session! }, body: { finding, note } } as const;
    await withServer(at.home, at, (client) => client.call(api.finishReview, input));
    return { json: { session, finding } };
  },
};

/** `symbolon centre review`. */
export const review = [listReviews, finishReview] as Leaf<object>[];

/** `symbolon centre change-key`. */
export const changeKey: Leaf<object> = {
  name: 'change-key',
  summary: 'make a new key for tickets and answers; the one before counts for some days',
  description: 'Prints the keys that count, the newest first: the administrators of the modules pin the new one.',
  examples: ['symbolon centre change-key'],
  served: true,
  run: async ({ at }) => {
    const { keys } = await withServer(at.home, at, (client) => client.call(api.changeCentreKey, {}));
    const rows = keys.map(({ number, publicKey, until }) => [number, publicKey, until?.slice(0, 10) ?? '–']);
    return { json: keys, text: table(['number', 'key', 'until'], rows) };
  },
};
