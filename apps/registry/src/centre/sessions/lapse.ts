import { sessionHas } from '@symbolon/consent';
import type { Context } from '../context.ts';
import { findPatient } from '../patients.ts';
import type { SessionRow } from './rows.ts';

const atOnce = 100;
/** An answer that comes again within so many milliseconds is told the same as before. */
const outcomesLast = 24 * 3_600_000;

/** Ends sessions that nobody answered in time. What they offered is never offered to whoever was asked again. @returns how many */
export async function lapse(context: Context): Promise<number> {
  const { database, now } = context;
  const rows = await database
    .selectFrom('centre_session')
    .selectAll()
    .where('state', '=', 'open')
    .where('expires_at', '<=', now().toISOString())
    .orderBy('expires_at')
    .limit(atOnce)
    .execute();
  for (const row of rows) await lapseOne(context, row);
  return rows.length;
}

async function lapseOne({ log, alarms, now }: Context, row: SessionRow): Promise<void> {
  const { id: session, module, physician, installation, operation } = row;
  const event = { kind: 'consent-lapsed', session, module, physician, installation, operation };
  await log.append(event, async (within) => {
    const { numUpdatedRows } = await within
      .updateTable('centre_session')
      .set({ state: 'lapsed', envelopes: null, ended_at: now().toISOString() })
      .where('id', '=', session)
      .where('state', '=', 'open')
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n || !sessionHas[operation as keyof typeof sessionHas].challenge) return;
    const patient = (await findPatient(within, module, row.pseudonym))?.id ?? null;
    const text = 'A physician asked for a challenge and did not answer it.';
    await alarms.raise(
      { alarm: 'offer-lapsed', module, patient, physician, installation, text, tellPatient: false },
      within,
    );
  });
}

/** Forgets tickets that expired, and sessions whose outcome nobody asks for any more. What was offered to whom stays as long as the pair is in use. */
export async function prune({ database, now }: Context): Promise<void> {
  const time = now().getTime();
  await database.deleteFrom('centre_ticket').where('expires_at', '<', new Date(time).toISOString()).execute();
  const old = new Date(time - outcomesLast).toISOString();
  await database.transaction().execute(async (within) => {
    const over = within.selectFrom('centre_session').select('id').where('ended_at', '<', old);
    await within.deleteFrom('centre_offer').where('pair', 'is', null).where('session', 'in', over).execute();
    await within.deleteFrom('centre_session').where('ended_at', '<', old).execute();
  });
}
