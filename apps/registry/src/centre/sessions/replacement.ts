import { overlaps } from '@symbolon/consent';
import type { Database } from '@symbolon/service';
import type { Context } from '../context.ts';
import { policyOf } from '../context.ts';
import { addPairs, retirePairs } from '../pairs.ts';
import { requirePatient } from '../patients.ts';
import type { Answered } from './answer.ts';
import type { Effect } from './effects.ts';
import { askerOf } from './professional.ts';
import { keepRelation } from './relations.ts';

/** A replacement that nobody confirms is forgotten after so many milliseconds. */
const waitsAtMost = 30 * 86_400_000;
const oldest = (now: Date): string => new Date(now.getTime() - waitsAtMost).toISOString();

/**
 * Another card for a lost one. Its pairs wait until somebody independent confirms it: a physician of another institution, by replacing it too, or the
 * administrators of the module. Then all pairs of cards before are retired.
 */
export const replace: Effect = async (context, within, answered) => {
  const { row, now } = answered;
  const { module } = row;
  const { id: patient } = await requirePatient(within, { ...context, module, pseudonym: row.pseudonym, now });
  await keepRelation(within, row, patient, { writes: true, now });
  const waiting = await waitingOf(within, patient, now);
  const independent = waiting.filter((other) => !overlaps(other, row));
  for (const { session } of waiting.filter(({ physician }) => physician === row.physician)) {
    await end(within, session, { state: 'refused', by: 'a newer one', now });
  }
  await keep(within, answered, patient);
  const confirms = independent.length > 0 && policyOf(context.settings, module).replacement !== 'administrator';
  // Of several that wait, one may be of a card that is not the patient's: the card that is here now counts alone.
  const first = independent.length === 1 ? [independent[0]!.session] : [];
  if (confirms) await confirm(within, { patient, sessions: [...first, row.id], by: 'physician', now });
  await context.alarms.raise(
    {
      alarm: 'card-replaced',
      module,
      patient,
      physician: row.physician,
      installation: row.installation,
      text: confirms
        ? 'A second physician has confirmed that the patient has a new card. All cards before are of no use any more.'
        : `A physician has replaced the card of a patient, at relation ${row.relation}. It counts once ${confirmers[policyOf(context.settings, module).replacement]} confirms it.`,
      tellPatient: true,
    },
    within,
  );
  return { state: confirms ? 'done' : 'waits', grant: null, patient };
};

const confirmers = {
  physician: 'a physician of another institution',
  administrator: 'the module',
  either: 'a physician of another institution, or the module,',
};

async function keep(within: Database, { row, accepted, now }: Answered, patient: number): Promise<void> {
  const deployer = askerOf(row);
  const { id: session, module, relation } = row;
  await addPairs(within, accepted.deployed!, { patient, slot: 0, deployer, session, state: 'waiting', now });
  await within
    .insertInto('centre_replacement')
    .values({
      ...deployer,
      ...{ session, module, patient, relation, state: 'waiting', asked_at: now.toISOString() },
      ended_at: null,
      ended_by: null,
    })
    .execute();
}

function waitingOf(within: Database, patient: number, now: Date) {
  return within
    .selectFrom('centre_replacement')
    .selectAll()
    .where('patient', '=', patient)
    .where('state', '=', 'waiting')
    .where('asked_at', '>', oldest(now))
    .orderBy('asked_at')
    .execute();
}

/** The pairs of these replacements count from now on, each in a slot of its own; all before are retired. */
async function confirm(
  within: Database,
  { patient, sessions, by, now }: { patient: number; sessions: readonly string[]; by: string; now: Date },
): Promise<void> {
  const old = await within
    .selectFrom('centre_pair')
    .select('id')
    .where('patient', '=', patient)
    .where('state', '=', 'active')
    .execute();
  await retirePairs(within, { ids: old.map(({ id }) => id) }, now);
  for (const [slot, session] of sessions.entries()) {
    await within
      .updateTable('centre_pair')
      .set({ state: 'active', slot })
      .where('session', '=', session)
      .where('state', '=', 'waiting')
      .execute();
    await end(within, session, { state: 'confirmed', by, now });
  }
  for (const { session } of await waitingOf(within, patient, now)) {
    await end(within, session, { state: 'refused', by: 'another one', now });
  }
  await within
    .updateTable('centre_patient')
    .set({ enrolled_at: now.toISOString() })
    .where('id', '=', patient)
    .where('enrolled_at', 'is', null)
    .execute();
}

async function end(
  within: Database,
  session: string,
  { state, by, now }: { state: 'confirmed' | 'refused'; by: string; now: Date },
): Promise<void> {
  await within
    .updateTable('centre_replacement')
    .set({ state, ended_at: now.toISOString(), ended_by: by })
    .where('session', '=', session)
    .execute();
  if (state === 'confirmed') return;
  const pairs = await within
    .selectFrom('centre_pair')
    .select('id')
    .where('session', '=', session)
    .where('state', '=', 'waiting')
    .execute();
  await retirePairs(within, { ids: pairs.map(({ id }) => id) }, now);
}

/**
 * The module's administrators decide about what was asked for at a relation. Where nothing waits any more, or physicians decide, nothing changes: the notice
 * that says so is taken, as those behind it would wait for ever.
 */
export async function decideReplacement(
  { settings, now, logger }: Pick<Context, 'settings' | 'now' | 'logger'>,
  within: Database,
  { module, relation, decision }: { module: string; relation: string; decision: 'confirm' | 'refuse' },
): Promise<void> {
  const row = await within
    .selectFrom('centre_replacement')
    .select(['session', 'patient'])
    .where('module', '=', module)
    .where('relation', '=', relation)
    .where('state', '=', 'waiting')
    .where('asked_at', '>', oldest(now()))
    .orderBy('asked_at', 'desc')
    .executeTakeFirst();
  const isTheirs = decision === 'refuse' || policyOf(settings, module).replacement !== 'physician';
  if (row === undefined || !isTheirs) {
    logger.warn({ module, decision }, 'a decision about the replacement of a card changes nothing');
    return;
  }
  const { session, patient } = row;
  const by = 'administrator';
  if (decision === 'refuse') await end(within, session, { state: 'refused', by, now: now() });
  else await confirm(within, { patient, sessions: [session], by, now: now() });
}
