import { fault } from '@symbolon/crypto';
import type { Also, Database, DatabaseSchema, ServerLog } from '@symbolon/service';
import type { Selectable } from 'kysely';
import { type Asked, askedSchema } from './asked.ts';

/** A study that its agreement does not list, as it was asked. */
export interface AskedStudy {
  /** Hash of the agreement. */
  readonly agreement: string;
  readonly name: string;
  readonly asked: Asked;
  /** The organisation that asked first. */
  readonly by: string;
  /** Who of this organisation, where it was this one. */
  readonly person: string | null;
  readonly askedAt: string;
}

/** Studies of one agreement that one organisation may have asked: nobody fills another's store. */
const mostAsked = 1000;

/** Studies that were asked of a party, or by it, beyond those that agreements list. Each is one transaction with its entry in the log. */
export class AskedStudies {
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #now: () => Date;

  constructor(database: Database, log: Pick<ServerLog, 'append'>, now: () => Date) {
    this.#database = database;
    this.#log = log;
    this.#now = now;
  }

  /** Keeps one; what is kept already changes nothing. Throws `conflict` where its asker has asked too many. */
  async keep({ agreement, name, asked, by, person }: Omit<AskedStudy, 'askedAt'>, also?: Also<string>): Promise<void> {
    if ((await this.find(agreement, name)) !== undefined) return;
    const template = asked.kind === 'template' ? asked.template : null;
    const row = { template, asked: JSON.stringify(asked), by, person, asked_at: this.#now().toISOString() };
    await this.#log.append(
      { kind: 'study-asked', agreement, study: name, by, ...(person === null ? {} : { person }) },
      async (transaction) => {
        const { count } = await transaction
          .selectFrom('asked_study')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('agreement', '=', agreement)
          .where('by', '=', by)
          .executeTakeFirstOrThrow();
        if (count >= mostAsked) {
          throw fault('conflict', `${by} has asked ${mostAsked} studies of this agreement`, { culprit: by });
        }
        await transaction
          .insertInto('asked_study')
          .values({ agreement, name, ...row })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await also?.(transaction, name);
      },
    );
  }

  async find(agreement: string, name: string): Promise<AskedStudy | undefined> {
    const row = await this.#rows(agreement).where('name', '=', name).executeTakeFirst();
    return row && askedStudy(row);
  }

  /** Those of one agreement, the oldest first. */
  async list(agreement: string): Promise<AskedStudy[]> {
    return (await this.#rows(agreement).orderBy('asked_at').orderBy('name').execute()).map(askedStudy);
  }

  /** Names of the choices of a template, or of the free studies (null): their runs are counted together. */
  async names(agreement: string, template: string | null): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('asked_study')
      .select('name')
      .where('agreement', '=', agreement)
      .where('template', template === null ? 'is' : '=', template)
      .execute();
    return rows.map(({ name }) => name);
  }

  #rows(agreement: string) {
    return this.#database.selectFrom('asked_study').selectAll().where('agreement', '=', agreement);
  }
}

function askedStudy(row: Selectable<DatabaseSchema['asked_study']>): AskedStudy {
  const { agreement, name, asked, by, person, asked_at: askedAt } = row;
  return { agreement, name, asked: askedSchema.parse(JSON.parse(asked)), by, person, askedAt };
}
