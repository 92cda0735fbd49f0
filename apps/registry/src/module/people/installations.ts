import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { Context } from '../context.ts';

/** Somebody for whom physicians work. */
export interface InstitutionInfo {
  readonly id: string;
  readonly name: string;
}

/** An installation of the physicians' client: a partner of role workstation. */
export interface InstallationInfo {
  readonly id: string;
  readonly institution: string;
  readonly addedAt: string;
}

type Needs = Pick<Context, 'home' | 'database' | 'log' | 'now' | 'outbox' | 'settings'>;

/** For whom installations of the client work, as administrators say; the central server is told. */
export class Installations {
  readonly #context: Needs;

  constructor(context: Needs) {
    this.#context = context;
  }

  /** Throws `forbidden` for an installation that works for nobody. */
  async institutionOf(installation: string): Promise<string> {
    const row = await this.#context.database
      .selectFrom('installation')
      .select('institution')
      .where('id', '=', installation)
      .executeTakeFirst();
    if (row !== undefined) return row.institution;
    throw fault('forbidden', `${installation} is not registered here as an installation of an institution`, {
      culprit: installation,
      hint: 'The administrators of the module register it: `symbolon registry installation add`.',
    });
  }

  async institutions(): Promise<InstitutionInfo[]> {
    return this.#context.database.selectFrom('institution').select(['id', 'name']).orderBy('id').execute();
  }

  async list(): Promise<InstallationInfo[]> {
    const rows = await this.#context.database.selectFrom('installation').selectAll().orderBy('id').execute();
    return rows.map(({ added_at: addedAt, ...row }) => ({ ...row, addedAt }));
  }

  /** Names an institution, or calls it otherwise. */
  async setInstitution({ id, name }: InstitutionInfo, by: string): Promise<void> {
    const { log, now } = this.#context;
    const at = now().toISOString();
    await log.append({ kind: 'institution-set', institution: id, by, at }, async (transaction) => {
      await transaction
        .insertInto('institution')
        .values({ id, name, added_at: at })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ name }))
        .execute();
    });
  }

  /** Says for whom an installation works from now on. Throws `unknown-organisation`, `conflict` for a partner of another role, `not-found`. */
  async set(installation: string, institution: string, by: string): Promise<void> {
    const { home, now } = this.#context;
    if (home.partners.get(installation).role !== 'workstation') {
      throw fault('conflict', `${installation} is no installation of the physicians' client`, {
        culprit: installation,
      });
    }
    const added_at = now().toISOString();
    await this.#change({ installation, institution, by }, async (transaction) => {
      const known = await transaction
        .selectFrom('institution')
        .select('id')
        .where('id', '=', institution)
        .executeTakeFirst();
      if (known === undefined) {
        throw fault('not-found', `there is no institution ${institution}`, { culprit: 'institution' });
      }
      await transaction
        .insertInto('installation')
        .values({ id: installation, institution, added_at })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ institution, added_at }))
        .execute();
    });
  }

  /** It works for nobody any more; who is logged in there is logged out. Throws `not-found`. */
  async remove(installation: string, by: string): Promise<void> {
    await this.#change({ installation, institution: null, by }, async (transaction) => {
      const row = await transaction
        .deleteFrom('installation')
        .where('id', '=', installation)
        .returning('id')
        .executeTakeFirst();
      if (row === undefined)
        throw fault('not-found', `there is no installation ${installation}`, { culprit: installation });
      await transaction.deleteFrom('physician_session').where('installation', '=', installation).execute();
    });
  }

  async #change(
    { by, ...said }: { installation: string; institution: string | null; by: string },
    change: (transaction: Database) => Promise<void>,
  ): Promise<void> {
    const { log, now, outbox, settings } = this.#context;
    await log.append({ kind: 'installation-set', ...said, by, at: now().toISOString() }, async (transaction) => {
      await change(transaction);
      const order = { urgent: true, concerns: [`installation ${said.installation}`] };
      await outbox.write(transaction, settings.centre, { about: 'installation', ...said }, order);
    });
    outbox.wake(settings.centre);
  }
}
