import type { GrantShown, Operation } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { AlarmKind } from '../alarm.ts';
import { type Context, policyOf } from '../context.ts';
import { addPairs, freeSlot } from '../pairs.ts';
import { findPatient, requirePatient } from '../patients.ts';
import { rights } from '../rights.ts';
import type { Answered } from './answer.ts';
import { askerOf } from './professional.ts';
import { keepInEmergency, keepRelation } from './relations.ts';
import { replace } from './replacement.ts';
import { openConsent, openWindow } from './windows.ts';

/** What a session has done. */
export interface Done {
  readonly state: 'done' | 'draft' | 'waits';
  readonly grant: GrantShown | null;
  /** Undefined where nobody is known by the pseudonym, or any more. */
  readonly patient: number | undefined;
}

/** What an accepted answer does, in the transaction that uses up what was offered. */
export type Effect = (context: Context, within: Database, answered: Answered) => Promise<Done>;

/** The first card (5.1). Of two at once one is first; the other's pairs are thrown away, and its records are drafts. */
const enrol: Effect = async (context, within, answered) => {
  const { row, now } = answered;
  const { id: patient } = await requirePatient(within, { ...context, ...patientOf(answered) });
  const { numUpdatedRows } = await within
    .updateTable('centre_patient')
    .set({ enrolled_at: now.toISOString() })
    .where('id', '=', patient)
    .where('enrolled_at', 'is', null)
    .executeTakeFirstOrThrow();
  const first = numUpdatedRows === 1n;
  await keepRelation(within, row, patient, { writes: true, draft: !first, now });
  if (first) {
    await deploy(within, answered, patient, 0);
    await look(context, within, answered, patient);
    return { state: 'done', grant: null, patient };
  }
  const text = 'A card was to be registered of a patient who has one.';
  await raise(context, within, answered, { alarm: 'second-enrolment', patient, text, tellPatient: false });
  return { state: 'draft', grant: null, patient };
};

/** Consent, and the next pairs (5.2, 5.3). */
const reidentify: Effect = async (context, within, answered) => {
  const patient = await answeredPatient(within, answered);
  const grant = await consent(context, within, answered, patient);
  await deploy(within, answered, patient, answered.pair!.slot);
  return { state: 'done', grant, patient };
};

const addCard: Effect = async (context, within, answered) => {
  const patient = await answeredPatient(within, answered);
  const slot = await freeSlot(within, patient);
  if (slot === undefined) {
    throw fault('conflict', 'the patient has as many cards as can be registered', {
      hint: 'Replace one of them; that ends all others.',
    });
  }
  const grant = await consent(context, within, answered, patient);
  await deploy(within, answered, patient, slot);
  return { state: 'done', grant, patient };
};

async function consent(context: Context, within: Database, answered: Answered, patient: number): Promise<GrantShown> {
  const { row, now, pair, answer } = answered;
  const { independent } = pair!;
  // Whoever may have known the answer without the card shows nobody what was added before.
  await keepRelation(within, row, patient, { writes: true, consented: independent, now });
  await look(context, within, answered, patient);
  const { windowHours: hours } = policyOf(context.settings, row.module);
  return openConsent(within, row, { patient, independent, groups: answer.groups, now, hours });
}

/** In an emergency, without the card: it is read at once, and looked at afterwards. */
const breakGlass: Effect = async (context, within, answered) => {
  const { row, now, answer } = answered;
  const { module, physician } = row;
  const { breakGlassHours: hours, reviewHours } = policyOf(context.settings, module);
  const { id: patient } = await requirePatient(within, { ...context, ...patientOf(answered) });
  const groups = answer.groups.map((group): [string, null] => [group, null]);
  const kind = 'break-glass';
  const until = now.getTime() + hours * 3_600_000;
  for (const whose of await keepInEmergency(within, row, patient, now)) {
    await openWindow(within, row, { patient: whose, kind, independent: false, groups, now, hours });
  }
  const due = new Date(now.getTime() + reviewHours * 3_600_000).toISOString();
  await within
    .insertInto('centre_review')
    .values({
      ...{ session: row.id, module, patient, physician, due_at: due },
      ...{ alarmed_at: null, reviewed_at: null, reviewed_by: null, finding: null, note: null },
    })
    .execute();
  const text = 'A physician has opened the records of a patient without the card, in an emergency.';
  await raise(context, within, answered, { alarm: 'break-glass', patient, text, tellPatient: true });
  return { state: 'done', grant: { kind, groups: [...answer.groups], until }, patient };
};

const relate: Effect = async (context, within, answered) => {
  const { id: patient } = await requirePatient(within, { ...context, ...patientOf(answered) });
  await keepRelation(within, answered.row, patient, { writes: true, now: answered.now });
  return { state: 'done', grant: null, patient };
};

/** The patient looks, or takes along what is kept. */
const present: Effect = async (context, within, answered) => {
  const { row, now, pair } = answered;
  const patient = await answeredPatient(within, answered);
  await keepRelation(within, row, patient, { writes: false, now });
  await look(context, within, answered, patient);
  const hours = policyOf(context.settings, row.module).viewMinutes / 60;
  const kind = row.operation as 'view' | 'export';
  await openWindow(within, row, { patient, kind, independent: pair!.independent, groups: [], now, hours });
  await deploy(within, answered, patient, pair!.slot);
  return { state: 'done', grant: null, patient };
};

/** Where nobody is known, there is nothing to do, and the answer is the same. */
const withdraw: Effect = async (context, within, { row }) => {
  const known = await findPatient(within, row.module, row.pseudonym);
  if (known !== undefined) await rights.withdraw(context, within, known.id);
  return { state: 'done', grant: null, patient: known?.id };
};

/** Who is not known yet has objected too. */
const object: Effect = async (context, within, answered) => {
  const { id: patient } = await requirePatient(within, { ...context, ...patientOf(answered) });
  await rights.object(context, within, patient);
  return { state: 'done', grant: null, patient };
};

/** The module, which knows who that is, then keeps nothing of the patient either. */
const erase: Effect = async (context, within, { row: { module, pseudonym } }) => {
  const known = await findPatient(within, module, pseudonym);
  await context.outbox.write(within, module, { about: 'right', right: 'erase', pseudonym }, { concerns: [] });
  if (known !== undefined) await rights.erase(context, within, known.id);
  return { state: 'done', grant: null, patient: undefined };
};

/** One for each operation. */
export const effects: Readonly<Record<Operation, Effect>> = {
  enrol,
  reidentify,
  'add-card': addCard,
  replace,
  'break-glass': breakGlass,
  relate,
  view: present,
  export: present,
  withdraw,
  object,
  erase,
};

function patientOf({ row, now }: Answered): { module: string; pseudonym: string; now: Date } {
  return { module: row.module, pseudonym: row.pseudonym, now };
}

/** The patient whose card has answered. */
async function answeredPatient(within: Database, { row, pair }: Answered): Promise<number> {
  const patient = await findPatient(within, row.module, row.pseudonym);
  if (patient !== undefined && patient.id === pair?.patient) return patient.id;
  throw fault('consent-refused', 'the answer is refused: no registered card of this patient answered');
}

async function deploy(
  within: Database,
  { row, accepted, now }: Answered,
  patient: number,
  slot: number,
): Promise<void> {
  const deployer = askerOf(row);
  await addPairs(within, accepted.deployed!, { patient, slot, deployer, session: row.id, state: 'active', now });
}

/** A card that is not known to be good is let through, and looked at. */
async function look(context: Context, within: Database, answered: Answered, patient: number): Promise<void> {
  const { status } = answered.answer;
  if (status === 'good') return;
  const text = `The status of the card that a patient used is '${status}', says the client.`;
  await raise(context, within, answered, { alarm: 'card-status', patient, text, tellPatient: false });
}

function raise(
  { alarms }: Context,
  within: Database,
  { row: { module, physician, installation } }: Answered,
  alarm: { alarm: AlarmKind; patient: number; text: string; tellPatient: boolean },
): Promise<void> {
  return alarms.raise({ ...alarm, module, physician, installation }, within);
}
