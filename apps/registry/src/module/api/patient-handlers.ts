import type { ToCentre } from '@symbolon/consent';
import { base64url, fault } from '@symbolon/crypto';
import { type ApiRoute, answer, pageFrom } from '@symbolon/service';
import type { NoticeOrder } from '../../common/notices.ts';
import type { Context } from '../context.ts';
import { concernOf } from '../notices/telling.ts';
import type { Served } from '../served.ts';
import * as api from './patient-contracts.ts';

/** Patients: who is known twice, their rights, their cards. What shows identities stands in the log. */
export function patientHandlers(context: Context, { checks, telling }: Served): ApiRoute[] {
  const { identities, log, now } = context;
  const { duplicates, changes, patients, cards } = identities;
  const told = <T>(change: T): T => {
    telling.wake();
    return change;
  };
  return [
    answer(api.listDuplicates, async ({ query }) => {
      const found = await duplicates.list({ ...query, limit: query.limit + 1 });
      return pageFrom(
        found.map((one) => ({ ...one, people: [...one.people] })),
        query.limit,
        ({ id }) => id,
      );
    }),
    answer(api.dismissDuplicate, ({ params, caller }) => duplicates.dismiss(params.duplicate, caller.id)),
    answer(api.mergePatients, async ({ params, body, caller }) =>
      told(await changes.merge({ from: params.patient, to: body.into, by: caller.id })),
    ),
    answer(api.splitPatient, async ({ params, body, caller }) =>
      told(await changes.split({ from: params.patient, identities: body.identities, by: caller.id })),
    ),
    answer(api.listIdentityChanges, async ({ query }) => {
      const found = await changes.list({ ...query, limit: query.limit + 1 });
      return pageFrom(found, query.limit, ({ id }) => id);
    }),
    answer(api.undoIdentityChange, async ({ params, caller }) =>
      told(await changes.undo({ change: params.change, by: caller.id })),
    ),
    answer(api.searchPatients, async ({ body, caller }) => {
      await log.append({ kind: 'patients-searched', by: caller.id, at: now().toISOString() });
      const found = await patients.search(body.person, body.limit);
      return found.map(({ patient, score, person }) => ({ patient, score, person }));
    }),
    answer(api.showPatient, async ({ params: { patient }, caller }) => {
      await log.append({ kind: 'patient-shown', patient, by: caller.id, at: now().toISOString() });
      return patients.show(patient);
    }),
    answer(api.exercisePatientsRight, async ({ params: { patient }, body: { right }, caller }) => {
      const pseudonym = base64url(await patients.pseudonym(patient));
      const subject = right === 'erase' ? `erase:${patient}` : undefined;
      await tell(
        context,
        { about: 'right', right, pseudonym },
        { kind: 'right-asked', right, patient, by: caller.id },
        { subject, concerns: [concernOf(patient)] },
      );
    }),
    answer(api.endPatientsCard, ({ params }) => cards.end(params.thumbprint, 'replaced')),
    answer(api.confirmPerson, ({ params, body, caller }) => checks.confirm(params.relation, body.operation, caller.id)),
    answer(api.decideReplacement, async ({ params: { relation }, body: { decision }, caller }) => {
      const patient = await patientOf(context, relation);
      const event = { kind: 'replacement-decided', relation, decision, by: caller.id };
      await tell(context, { about: 'replacement', relation, decision }, event, { concerns: patient.map(concernOf) });
    }),
  ];
}

/** Of the patient behind a relation, the identity that names it; none where no ticket was asked for. Throws `not-found`. */
async function patientOf({ database }: Context, relation: string): Promise<number[]> {
  const row = await database
    .selectFrom('relation')
    .leftJoin('identity', 'identity.id', 'relation.identity')
    .select(['identity.id', 'merged_into'])
    .where('relation.id', '=', relation)
    .executeTakeFirst();
  if (row === undefined) throw fault('not-found', 'there is no such relation', { culprit: 'relation' });
  return row.id === null ? [] : [row.merged_into ?? row.id];
}

async function tell(
  { log, now, outbox, settings }: Context,
  said: ToCentre,
  event: { readonly kind: string; readonly [field: string]: unknown },
  order: NoticeOrder,
): Promise<void> {
  await log.append({ ...event, at: now().toISOString() }, (transaction) =>
    outbox.write(transaction, settings.centre, said, order),
  );
  outbox.wake(settings.centre);
}
