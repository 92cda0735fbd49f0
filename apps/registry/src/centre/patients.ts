import { base64url, type Rng } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';

/** A patient of a module: known here by a number, and to the module by a pseudonym. */
export interface Patient {
  readonly id: number;
  /** Random; survives all changes of pseudonyms, and is all that is kept of one that was erased. */
  readonly mark: string;
  readonly enrolled: boolean;
}

/** The patient of a pseudonym, old or new. */
export async function findPatient(database: Database, module: string, pseudonym: string): Promise<Patient | undefined> {
  const row = await database
    .selectFrom('centre_pseudonym')
    .innerJoin('centre_patient', 'centre_patient.id', 'centre_pseudonym.patient')
    .select(['centre_patient.id', 'mark', 'enrolled_at'])
    .where('centre_pseudonym.module', '=', module)
    .where('pseudonym', '=', pseudonym)
    .executeTakeFirst();
  return row && { id: row.id, mark: row.mark, enrolled: row.enrolled_at !== null };
}

/** {@link findPatient}; one that is not known becomes so. Runs in a transaction. */
export async function requirePatient(
  within: Database,
  { module, pseudonym, now, rng }: { module: string; pseudonym: string; now: Date; rng: Rng },
): Promise<Patient> {
  const known = await findPatient(within, module, pseudonym);
  if (known !== undefined) return known;
  const mark = base64url(rng(16));
  const { id } = await within
    .insertInto('centre_patient')
    .values({ module, mark, merged_into: null, enrolled_at: null, objected_at: null, added_at: now.toISOString() })
    .returning('id')
    .executeTakeFirstOrThrow();
  await within.insertInto('centre_pseudonym').values({ module, pseudonym, patient: id, replaced: 0 }).execute();
  return { id, mark, enrolled: false };
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
