import type { PhysicianState } from '@symbolon/consent';
import type { Database, PageQuery } from '@symbolon/service';

/** A physician of a module. */
export interface PhysicianInfo {
  /** 16 bytes, base64url; the module gives it. */
  readonly id: string;
  /** As the physician applied; the module alone knows it. */
  readonly name: string | null;
  readonly state: PhysicianState;
  readonly changedAt: string;
}

/** A certificate by which a physician logs in. */
export interface PhysicianCertificate {
  readonly thumbprint: string;
  /** DER; the module alone has it. */
  readonly certificate: Uint8Array | null;
}

/** Physicians of modules: at a module its own, at a centre those of all its modules, each strictly apart. */
export class Physicians {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor({ database, now }: { readonly database: Database; readonly now: () => Date }) {
    this.#database = database;
    this.#now = now;
  }

  async find(module: string, id: string, within: Database = this.#database): Promise<PhysicianInfo | undefined> {
    const row = await within
      .selectFrom('physician')
      .selectAll()
      .where('module', '=', module)
      .where('id', '=', id)
      .executeTakeFirst();
    return row && shown(row);
  }

  /** Whose certificate this is. */
  async byCertificate(
    module: string,
    thumbprint: string,
    within: Database = this.#database,
  ): Promise<PhysicianInfo | undefined> {
    const row = await within
      .selectFrom('physician_certificate')
      .innerJoin('physician', (join) =>
        join
          .onRef('physician.module', '=', 'physician_certificate.module')
          .onRef('physician.id', '=', 'physician_certificate.physician'),
      )
      .select(['physician.id', 'physician.name', 'physician.state', 'physician.changed_at'])
      .where('physician_certificate.module', '=', module)
      .where('physician_certificate.thumbprint', '=', thumbprint)
      .executeTakeFirst();
    return row && shown(row);
  }

  /** Physicians of a module, in the order of their ids. */
  async list(module: string, { after = '', limit }: PageQuery, state?: PhysicianState): Promise<PhysicianInfo[]> {
    const rows = await this.#database
      .selectFrom('physician')
      .selectAll()
      .where('module', '=', module)
      .where('id', '>', after)
      .$if(state !== undefined, (query) => query.where('state', '=', state!))
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(shown);
  }

  async certificates(
    module: string,
    physician: string,
    within: Database = this.#database,
  ): Promise<PhysicianCertificate[]> {
    return within
      .selectFrom('physician_certificate')
      .select(['thumbprint', 'certificate'])
      .where('module', '=', module)
      .where('physician', '=', physician)
      .orderBy('added_at')
      .orderBy('thumbprint')
      .execute();
  }

  /** Writes a physician and its certificates as they are from now on. Whoever may not log in any more is logged out. */
  async keep(
    within: Database,
    module: string,
    {
      id,
      name,
      state,
      certificates,
    }: Pick<PhysicianInfo, 'id' | 'name' | 'state'> & {
      readonly certificates: readonly PhysicianCertificate[];
    },
  ): Promise<void> {
    const at = this.#now().toISOString();
    await within
      .insertInto('physician')
      .values({ module, id, name, state, changed_at: at })
      .onConflict((conflict) => conflict.columns(['module', 'id']).doUpdateSet({ name, state, changed_at: at }))
      .execute();
    const known = new Set((await this.certificates(module, id, within)).map(({ thumbprint }) => thumbprint));
    const kept = new Set(certificates.map(({ thumbprint }) => thumbprint));
    const gone = [...known].filter((thumbprint) => !kept.has(thumbprint));
    if (gone.length > 0) await this.#forget(within, module, gone);
    for (const one of certificates) {
      if (known.has(one.thumbprint)) continue;
      const row = { module, ...one, physician: id, added_at: at };
      await within
        .insertInto('physician_certificate')
        .values(row)
        .onConflict((conflict) => conflict.columns(['module', 'thumbprint']).doUpdateSet({ physician: id }))
        .execute();
    }
    if (state !== 'vetted') await this.#logOut(within, module, id);
  }

  async #forget(within: Database, module: string, thumbprints: readonly string[]): Promise<void> {
    for (const table of ['physician_certificate', 'physician_session'] as const) {
      await within.deleteFrom(table).where('module', '=', module).where('thumbprint', 'in', thumbprints).execute();
    }
  }

  async #logOut(within: Database, module: string, physician: string): Promise<void> {
    await within
      .deleteFrom('physician_session')
      .where('module', '=', module)
      .where('physician', '=', physician)
      .execute();
  }
}

function shown({
  id,
  name,
  state,
  changed_at: changedAt,
}: {
  id: string;
  name: string | null;
  state: PhysicianState;
  changed_at: string;
}): PhysicianInfo {
  return { id, name, state, changedAt };
}
