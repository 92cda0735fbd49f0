import { base64url, type Rng } from '@symbolon/crypto';
import { type Database, prepared } from '@symbolon/service';

/** A patient of a module: known here by a number, and to the module by a pseudonym. */
export interface Patient {
  readonly id: number;
  /** Random; survives all changes of pseudonyms, and is all that is kept of one that was erased. */
  readonly mark: string;
  readonly enrolled: boolean;
}

/** The patient of a pseudonym, old or new. */
export async function findPatient(database: Database, module: string, pseudonym: string): Promise<Patient | undefined> {
  const {
    rows: [row],
  } = await patientBy(database, { module, pseudonym });
  return row && { id: row.id, mark: row.mark, enrolled: row.enrolled_at !== null };
}

const patientBy = prepared((database, { module, pseudonym }: { module: string; pseudonym: string }) =>
  database
    .selectFrom('centre_pseudonym')
    .innerJoin('centre_patient', 'centre_patient.id', 'centre_pseudonym.patient')
    .select(['centre_patient.id', 'mark', 'enrolled_at'])
    .where('centre_pseudonym.module', '=', module)
    .where('pseudonym', '=', pseudonym),
);

/**
 * {@link findPatient}; one that is not known becomes so. The database is asked the same either way, so that the time it takes does not tell a physician
 * who types a name whether that person is registered. Runs in a transaction.
 */
export async function requirePatient(
  within: Database,
  { module, pseudonym, now, rng }: { module: string; pseudonym: string; now: Date; rng: Rng },
): Promise<Patient> {
  const mark = base64url(rng(16));
  const { id: fresh } = await within
    .insertInto('centre_patient')
    .values({ module, mark, merged_into: null, enrolled_at: null, objected_at: null, added_at: now.toISOString() })
    .returning('id')
    .executeTakeFirstOrThrow();
  await within
    .insertInto('centre_pseudonym')
    .values({ module, pseudonym, patient: fresh, replaced: 0 })
    .onConflict((conflict) => conflict.columns(['module', 'pseudonym']).doNothing())
    .execute();
  const patient = (await findPatient(within, module, pseudonym))!;
  // One who was known keeps the number of then.
  await within.deleteFrom('centre_patient').where('id', '=', fresh).where('id', '<>', patient.id).execute();
  return patient;
}

/** A patient's pseudonym that is not replaced, by which the module knows it. */
export async function pseudonymOf(database: Database, patient: number): Promise<string | undefined> {
  const row = await database
    .selectFrom('centre_pseudonym')
    .select('pseudonym')
    .where('patient', '=', patient)
    .orderBy('replaced')
    .orderBy('pseudonym')
    .executeTakeFirst();
  return row?.pseudonym;
}
