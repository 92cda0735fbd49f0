import type { Database } from '@symbolon/service';

/** That somebody at this organisation has approved a study. */
export interface Approval {
  /** Hash of the agreement. */
  readonly agreement: string;
  readonly study: string;
  /** Of what the study came to when it was approved. */
  readonly hash: string;
  readonly by: string;
  readonly approvedAt: string;
}

/** The approvals of a party, one for a study of an agreement. When a call resolves, what it wrote survives power loss. */
export class ApprovalStore {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** Replaces an earlier one. */
  async put({ agreement, study, hash, by }: Omit<Approval, 'approvedAt'>): Promise<void> {
    const row = { hash, by, approved_at: this.#now().toISOString() };
    await this.#database
      .insertInto('study_approval')
      .values({ agreement, study, ...row })
      .onConflict((conflict) => conflict.columns(['agreement', 'study']).doUpdateSet(row))
      .execute();
  }

  async remove(agreement: string, study: string): Promise<void> {
    await this.#database
      .deleteFrom('study_approval')
      .where('agreement', '=', agreement)
      .where('study', '=', study)
      .execute();
  }

  async find(agreement: string, study: string): Promise<Approval | undefined> {
    const row = await this.#database
      .selectFrom('study_approval')
      .selectAll()
      .where('agreement', '=', agreement)
      .where('study', '=', study)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { approved_at: approvedAt, ...approval } = row;
    return { ...approval, approvedAt };
  }
}
