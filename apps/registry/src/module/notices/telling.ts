import { offerLasts, type ToCentre } from '@symbolon/consent';
import { base64url, SymbolonError } from '@symbolon/crypto';
import { backOff, Lane } from '@symbolon/service';
import type { TakenNotice } from '../../common/notices.ts';
import type { Context } from '../context.ts';

const soonMilliseconds = 1000;
/** As long as a session lasts that a ticket began (`offerLasts`), and some to spare for clocks. */
const sessionMilliseconds = offerLasts + 60_000;

/**
 * Tells the central server what becomes of patients: merges and splits in their order, and new pseudonyms, map after map, while their key changes. What it has to be
 * told stands in the database before this looks for it, so nothing is lost where the process ends.
 */
export class Telling {
  readonly #context: Context;
  readonly #lane: Lane;
  #failures = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#lane = new Lane(
      () => this.#round(),
      (error) => this.#failed(error),
    );
    context.outbox.onTaken((notice) => this.#taken(notice));
    context.outbox.onKept(({ subject }) => {
      if (subject?.startsWith('map:') === true) this.wake();
    });
  }

  /** Something may be to be told. */
  wake(): void {
    this.#lane.wake();
  }

  /**
   * Tells a central server that was put back to an older state who may log in and where clients stand now, and again what became of patients since then: merges and
   * splits. Where a patient was split, cards and consents end once more.
   */
  async again(since: Date): Promise<void> {
    const { home, physicians, identities } = this.#context;
    const all = { limit: Number.MAX_SAFE_INTEGER };
    for (const { id, state } of await physicians.list(home.card.id, all)) {
      if (state === 'waiting') continue;
      const certificates = await physicians.certificates(home.card.id, id);
      const thumbprints = certificates.map(({ thumbprint }) => thumbprint);
      await this.#write({ about: 'physician', physician: id, state, certificates: thumbprints }, null);
    }
    await this.#tellInstallations();
    for (const { id, at } of await identities.changes.list(all)) {
      if (Date.parse(at) >= since.getTime()) await this.#tellChange(id, null);
    }
  }

  /** Of those that work for nobody any more, too. */
  async #tellInstallations(): Promise<void> {
    const { database, home } = this.#context;
    const rows = await database.selectFrom('installation').select(['id', 'institution']).execute();
    const known = new Map(rows.map(({ id, institution }) => [id, institution]));
    for (const { id, role } of home.partners.list()) {
      if (role !== 'workstation') continue;
      await this.#write({ about: 'installation', installation: id, institution: known.get(id) ?? null }, null);
    }
  }

  close(): Promise<void> {
    return this.#lane.close();
  }

  async #round(): Promise<number | undefined> {
    await this.#tellChanges();
    const wait = await this.#tellKeyChange();
    this.#failures = 0;
    return wait;
  }

  async #tellChanges(): Promise<void> {
    const { identities } = this.#context;
    for (let told = await this.#lastTold(); ; ) {
      const [change] = await identities.changes.list({ after: String(told), limit: 1 });
      if (change === undefined) return;
      told = change.id;
      await this.#tellChange(change.id, `change:${change.id}`);
    }
  }

  async #tellChange(change: number, subject: string | null): Promise<void> {
    const made = await this.#context.identities.changes.forCentre(change);
    if (made === undefined) return;
    const both = { from: base64url(made.from), to: base64url(made.to) };
    const said: ToCentre =
      made.kind === 'merge' ? { about: 'merge', ...both } : { about: 'split', ...both, relations: [...made.relations] };
    await this.#write(said, subject);
  }

  /** Number of the last change of identities that was written as a notice. */
  async #lastTold(): Promise<number> {
    const row = await this.#context.database
      .selectFrom('registry_notice')
      .select('subject')
      .where('to', '=', this.#context.settings.centre)
      .where('subject', 'like', 'change:%')
      .orderBy('id', 'desc')
      .executeTakeFirst();
    return row === undefined ? 0 : Number(row.subject!.slice('change:'.length));
  }

  async #tellKeyChange(): Promise<number | undefined> {
    const { keyChange } = this.#context.identities;
    const next = await keyChange.next();
    if (next === undefined) return this.#tellEnd();
    if (await this.#waits('map:')) return undefined;
    const { pairs, upTo } = await keyChange.map();
    if (pairs.length > 0) {
      const said = pairs.map(({ from, to }) => ({ old: base64url(from), new: base64url(to) }));
      await this.#write({ about: 'pseudonyms', pairs: said }, `map:${next.name}:${upTo}`);
      return undefined;
    }
    return (await keyChange.finish()) ? 0 : soonMilliseconds;
  }

  /** After the last map of a change, and the last ticket that names an old pseudonym: the old ones count no more. */
  async #tellEnd(): Promise<number | undefined> {
    const { pseudonyms, database, settings, now } = this.#context;
    const key = await pseudonyms.current();
    const mapped = await database
      .selectFrom('registry_notice')
      .select('id')
      .where('to', '=', settings.centre)
      .where('subject', 'like', `map:${key}:%`)
      .executeTakeFirst();
    if (mapped === undefined) return undefined;
    const since = (await pseudonyms.since())!.getTime();
    const wait = since + settings.ticketMinutes * 60_000 + sessionMilliseconds - now().getTime();
    if (wait > 0) return wait;
    await this.#write({ about: 'pseudonyms-done' }, `key:${key}`);
    return undefined;
  }

  async #waits(prefix: string): Promise<boolean> {
    const { database, settings } = this.#context;
    const row = await database
      .selectFrom('registry_notice')
      .select('id')
      .where('to', '=', settings.centre)
      .where('taken_at', 'is', null)
      .where('subject', 'like', `${prefix}%`)
      .executeTakeFirst();
    return row !== undefined;
  }

  async #write(said: ToCentre, subject: string | null): Promise<void> {
    const { database, outbox, settings } = this.#context;
    await database.transaction().execute((transaction) => outbox.write(transaction, settings.centre, said, subject));
    outbox.wake(settings.centre);
  }

  async #taken({ subject }: TakenNotice): Promise<void> {
    const [kind, key, upTo] = subject?.split(':') ?? [];
    if (kind === 'erase') await this.#erased(Number(key));
    if (kind !== 'map') return;
    const { keyChange } = this.#context.identities;
    if ((await keyChange.next())?.name === key) await keyChange.taken({ upTo: Number(upTo) });
  }

  /** The central server has nothing of this patient any more. */
  async #erased(patient: number): Promise<void> {
    try {
      await this.#context.identities.patients.erase(patient, 'the right to erasure');
    } catch (error) {
      if (!(error instanceof SymbolonError && error.code === 'not-found')) throw error;
    }
  }

  #failed(error: unknown): number {
    const { logger, rng } = this.#context;
    logger.error({ err: error }, 'changes of patients could not be prepared for the central server; it is tried again');
    return backOff(++this.#failures, rng);
  }
}
