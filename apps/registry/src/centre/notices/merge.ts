import { slots } from '@symbolon/consent';
import type { Database } from '@symbolon/service';
import type { Context } from '../context.ts';
import { retirePairs } from '../pairs.ts';
import { findPatient, requirePatient } from '../patients.ts';
import { endConsent } from '../rights.ts';

interface Two {
  readonly module: string;
  /** Pseudonyms. */
  readonly from: string;
  readonly to: string;
}

/** Two that were known as two are one patient: all that was `from`'s is `to`'s, cards too. */
export async function mergePatients(context: Context, within: Database, { module, from, to }: Two): Promise<void> {
  const now = context.now();
  const [one, other] = [
    await findPatient(within, module, from),
    await requirePatient(within, { ...context, module, pseudonym: to, now }),
  ];
  if (one === undefined) {
    const row = { module, pseudonym: from, patient: other.id, replaced: 1 as const };
    await within.insertInto('centre_pseudonym').values(row).execute();
    return;
  }
  if (one.id === other.id) return;
  await movePairs(context, within, one.id, other.id);
  await within
    .insertInto('centre_move')
    .columns(['module', 'relation', 'patient', 'until_at'])
    .expression((insert) =>
      insert
        .selectFrom('centre_relation')
        .select(({ val }) => ['module', 'id', 'patient', val(now.toISOString()).as('until_at')])
        .where('patient', '=', one.id),
    )
    .execute();
  await context.records.merge(one.id, other.id, within);
  for (const table of [
    'centre_relation',
    'centre_consent',
    'centre_grant',
    'centre_review',
    'centre_replacement',
  ] as const) {
    await within.updateTable(table).set({ patient: other.id }).where('patient', '=', one.id).execute();
  }
  await within
    .updateTable('centre_pseudonym')
    .set({ patient: other.id, replaced: 1 })
    .where('patient', '=', one.id)
    .execute();
  const row = await within.selectFrom('centre_patient').selectAll().where('id', '=', one.id).executeTakeFirstOrThrow();
  await within
    .updateTable('centre_patient')
    .set(({ fn, val }) => ({
      enrolled_at: fn.coalesce('enrolled_at', val(row.enrolled_at)),
      objected_at: fn.coalesce('objected_at', val(row.objected_at)),
    }))
    .where('id', '=', other.id)
    .execute();
  await within
    .updateTable('centre_patient')
    .set({ merged_into: other.id, enrolled_at: null })
    .where(({ or, eb }) => or([eb('id', '=', one.id), eb('merged_into', '=', one.id)]))
    .execute();
}

/** Each card keeps a slot of its own; those for which there is none are of no use any more. */
async function movePairs({ now }: Context, within: Database, from: number, to: number): Promise<void> {
  const slotsOf = async (patient: number) => {
    const query = within.selectFrom('centre_pair').select('slot').distinct().where('patient', '=', patient);
    return (await query.where('state', '=', 'active').orderBy('slot').execute()).map(({ slot }) => slot);
  };
  const taken = new Set(await slotsOf(to));
  const free = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  const moved = (await slotsOf(from)).map((slot): [number, number | undefined] => [slot, free.shift()]);
  // Ids first: slots that are given out are those of others too.
  const pairs = await within
    .selectFrom('centre_pair')
    .select(['id', 'slot'])
    .where('patient', '=', from)
    .where('state', '=', 'active')
    .execute();
  for (const [slot, next] of moved) {
    const ids = pairs.filter((pair) => pair.slot === slot).map(({ id }) => id);
    if (next === undefined) await retirePairs(within, { ids }, now());
    else await within.updateTable('centre_pair').set({ slot: next }).where('id', 'in', ids).execute();
  }
  await within.updateTable('centre_pair').set({ patient: to }).where('patient', '=', from).execute();
}

/**
 * One that was known as one are two: these relations, with their records, are `to`'s. Cards and windows of both end, as nobody knows whose they are; an
 * objection holds for both.
 */
export async function splitPatient(
  context: Context,
  within: Database,
  { module, from, to, relations }: Two & { readonly relations: readonly string[] },
): Promise<void> {
  const one = await findPatient(within, module, from);
  if (one === undefined) return;
  const now = context.now();
  const known = await findPatient(within, module, to);
  if (known?.id === one.id) {
    const query = within.deleteFrom('centre_pseudonym').where('module', '=', module);
    await query.where('pseudonym', '=', to).execute();
  }
  const other = await requirePatient(within, { ...context, module, pseudonym: to, now });
  for (const { id } of [one, other]) await endConsent(within, id, { now, by: 'split' });
  for (const relation of relations) {
    for (const table of ['centre_consent', 'centre_grant', 'centre_replacement'] as const) {
      await within
        .updateTable(table)
        .set({ patient: other.id })
        .where('module', '=', module)
        .where('relation', '=', relation)
        .where('patient', '=', one.id)
        .execute();
    }
    await within
      .updateTable('centre_relation')
      .set({ patient: other.id })
      .where('module', '=', module)
      .where('id', '=', relation)
      .where('patient', '=', one.id)
      .execute();
  }
  const theirs = within.selectFrom('centre_consent').select('session').where('patient', '=', other.id);
  await within.updateTable('centre_review').set({ patient: other.id }).where('session', 'in', theirs).execute();
  const { objected_at } = await within
    .selectFrom('centre_patient')
    .select('objected_at')
    .where('id', '=', one.id)
    .executeTakeFirstOrThrow();
  await within
    .updateTable('centre_patient')
    .set({ objected_at })
    .where('id', '=', other.id)
    .where('objected_at', 'is', null)
    .execute();
}
