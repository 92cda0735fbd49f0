import type { Card } from '@symbolon/agreement';
import { openNotice, type RegistryNotice, type ToModule, toModule } from '@symbolon/consent';
import { base64url, fault, fromBase64url, type SignedDocument, SymbolonError } from '@symbolon/crypto';
import type { Database, LogEvent } from '@symbolon/service';
import type { Context } from '../context.ts';
import { concernOf } from './telling.ts';

/** Takes what the central server tells, once each. Throws `peer-refused` for any other, `bad-document`, `bad-signature`. */
export async function takeNotice(context: Context, caller: Card, document: SignedDocument): Promise<void> {
  const { home, settings, database } = context;
  if (caller.id !== settings.centre || caller.role !== 'centre') {
    throw fault('peer-refused', `${caller.id} is not the central server of this registry`, { culprit: caller.id });
  }
  const key = fromBase64url(caller.signingKey);
  const notice = openNotice(document, { from: caller.id, to: home.card.id, key, shape: toModule });
  if (await isTaken(database, notice.id)) return;
  if (notice.what.about === 'alarm') await takeAlarm(context, notice.id, notice.what);
  else await takeRight(context, notice.id, notice.what);
}

type Of<About extends ToModule['about']> = Extract<ToModule, { about: About }>;

async function takeAlarm(context: Context, id: string, said: Of<'alarm'>): Promise<void> {
  const { alarms } = context;
  const patient = said.pseudonym === null ? null : await patientOf(context, said.pseudonym);
  const { alarm, physician, installation, text } = said;
  const kept = { alarm, patient, physician, installation, text, tellPatient: said.patient };
  await once(context, id, alarms.eventOf(kept), (transaction) => alarms.keep(transaction, kept, id));
}

/** Of whom the central server has erased everything, the module keeps nothing either. */
async function takeRight(context: Context, id: string, { right, pseudonym }: Of<'right'>): Promise<void> {
  const { identities, now } = context;
  const patient = await patientOf(context, pseudonym);
  if (right === 'erase' && patient !== null) {
    if (await isJustMerged(context, patient)) return askAgain(context, id, patient);
    // The deed first: a notice that comes again finds nobody.
    await identities.patients.erase(patient, 'the right to erasure');
  }
  const event = { kind: 'right-done', right, patient, at: now().toISOString() };
  await once(context, id, event, async () => undefined);
}

/** Whether the central server may not know all of this patient as one yet, so that it has not erased all. */
async function isJustMerged({ database }: Context, patient: number): Promise<boolean> {
  const row = await database
    .selectFrom('identity_change')
    .select('id')
    .where('kind', '=', 'merge')
    .where('to', '=', patient)
    .where('told_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** It is to erase the whole patient, once it knows of the merge; then this module does. */
async function askAgain(context: Context, id: string, patient: number): Promise<void> {
  const { identities, outbox, settings, now } = context;
  const right = 'erase';
  const pseudonym = base64url(await identities.patients.pseudonym(patient));
  const event = { kind: 'right-asked', right, patient, by: settings.centre, at: now().toISOString() };
  const order = { subject: `erase:${patient}`, concerns: [concernOf(patient)] };
  await once(context, id, event, (transaction) =>
    outbox.write(transaction, settings.centre, { about: 'right', right, pseudonym }, order),
  );
  outbox.wake(settings.centre);
}

async function patientOf({ pseudonyms, identities }: Context, pseudonym: string): Promise<number | null> {
  // A ticket is given before its relation has an identity.
  await identities.settler.idle();
  return (await pseudonyms.patientOf(fromBase64url(pseudonym))) ?? null;
}

async function isTaken(database: Database, id: RegistryNotice<unknown>['id']): Promise<boolean> {
  return (
    (await database.selectFrom('module_notice').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
  );
}

/** Two deliveries of one notice at once: one of them takes it. */
async function once(
  { log, now }: Context,
  id: string,
  event: LogEvent,
  take: (transaction: Database) => Promise<void>,
): Promise<void> {
  try {
    await log.append(event, async (transaction) => {
      if (await isTaken(transaction, id)) throw fault('conflict', 'this notice was taken');
      await transaction.insertInto('module_notice').values({ id, taken_at: now().toISOString() }).execute();
      await take(transaction);
    });
  } catch (error) {
    if (!(error instanceof SymbolonError && error.code === 'conflict')) throw error;
  }
}
