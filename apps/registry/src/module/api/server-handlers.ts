import { base64url } from '@symbolon/crypto';
import { type ApiRoute, answer, pageFrom } from '@symbolon/service';
import type { Context } from '../context.ts';
import { namedTicketKey } from '../keys.ts';
import type { Served } from '../served.ts';
import * as api from './server-contracts.ts';

/** The server itself: its state, alarms, keys. */
export function serverHandlers(context: Context, { telling }: Served): ApiRoute[] {
  const { home, settings, log, alarms, outbox, identities, rng, now } = context;
  const { ticketKey } = settings;
  const signing = ticketKey === undefined ? home.signingKey : namedTicketKey(home, ticketKey, rng);
  return [
    answer(api.getRegistryModule, async () => ({
      ...{ id: home.card.id, role: 'module' as const, address: home.card.address, centre: settings.centre },
      fields: [...settings.fields],
      ...{ time: now().toISOString(), logSize: log.size, ticketKey: base64url(signing.publicKey) },
      pseudonymKey: {
        current: await context.pseudonyms.current(),
        next: (await identities.keyChange.next())?.name ?? null,
      },
      counts: await countsOf(context),
      notices: await outbox.waiting(),
    })),
    answer(api.listRegistryAlarms, async ({ query: { all, ...query } }) => {
      const found = await alarms.list({ ...query, limit: query.limit + 1 }, !all);
      return pageFrom(found, query.limit, ({ id }) => id);
    }),
    answer(api.seeRegistryAlarm, ({ params, body, caller }) => alarms.see(params.alarm, caller.id, body.note)),
    answer(api.makeTicketKey, async ({ body: { name }, caller }) => {
      const publicKey = base64url(namedTicketKey(home, name, rng).publicKey);
      await log.append({ kind: 'ticket-key-shown', name, publicKey, by: caller.id, at: now().toISOString() });
      return { publicKey };
    }),
    answer(api.changePseudonymKey, async ({ body: { name }, caller }) => {
      await identities.keyChange.begin(name, caller.id);
      telling.wake();
    }),
    answer(api.tellCentreAgain, async ({ body: { since }, caller }) => {
      await log.append({ kind: 'centre-told-again', since, by: caller.id, at: now().toISOString() });
      await telling.again(new Date(since));
    }),
  ];
}

async function countsOf({ database, home }: Context) {
  const total = database.fn.countAll<number>().as('total');
  const { patients } = await database
    .selectFrom('identity')
    .select(database.fn.countAll<number>().as('patients'))
    .where('merged_into', 'is', null)
    .executeTakeFirstOrThrow();
  const { relations } = await database
    .selectFrom('relation')
    .select(database.fn.countAll<number>().as('relations'))
    .where('state', '=', 'settled')
    .executeTakeFirstOrThrow();
  const { duplicates } = await database
    .selectFrom('duplicate')
    .select(database.fn.countAll<number>().as('duplicates'))
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  const { alarms } = await database
    .selectFrom('module_alarm')
    .select(database.fn.countAll<number>().as('alarms'))
    .where('seen_at', 'is', null)
    .executeTakeFirstOrThrow();
  const states = await database
    .selectFrom('physician')
    .select(['state', total])
    .where('module', '=', home.card.id)
    .groupBy('state')
    .execute();
  const physicians = { waiting: 0, vetted: 0, suspended: 0, excluded: 0 };
  for (const row of states) physicians[row.state] = row.total;
  return { patients, relations, physicians, duplicates, alarms };
}
