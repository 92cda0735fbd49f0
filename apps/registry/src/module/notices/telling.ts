import { offerLasts, type ToCentre } from '@symbolon/consent';
import { base64url } from '@symbolon/crypto';
import { backOff, Lane } from '@symbolon/service';
import { everything, type TakenNotice } from '../../common/notice-lane.ts';
import type { NoticeOrder } from '../../common/notices.ts';
import type { Context } from '../context.ts';

const soonMilliseconds = 1000;
/** As long as a session lasts that a ticket began (`offerLasts`), and some to spare for clocks. */
const sessionMilliseconds = offerLasts + 60_000;

/** What a notice concerns that is of a patient: by the identity that names it. */
export const concernOf = (patient: number): string => `patient ${patient}`;

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
    context.outbox.onRefused(() => this.#refused());
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
      await this.#write(
        { about: 'physician', physician: id, state, certificates: thumbprints },
        {
          ...{ urgent: true, concerns: [`physician ${id}`] },
        },
      );
    }
    await this.#tellInstallations();
    for (const { id, at } of await identities.changes.list(all)) {
      if (Date.parse(at) >= since.getTime()) await this.#tellChange(id);
    }
  }

  /** Of those that work for nobody any more, too. */
  async #tellInstallations(): Promise<void> {
    const { database, home } = this.#context;
    const rows = await database.selectFrom('installation').select(['id', 'institution']).execute();
    const known = new Map(rows.map(({ id, institution }) => [id, institution]));
    for (const { id, role } of home.partners.list()) {
      if (role !== 'workstation') continue;
      const said: ToCentre = { about: 'installation', installation: id, institution: known.get(id) ?? null };
      await this.#write(said, { urgent: true, concerns: [`installation ${id}`] });
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

  async #tellChange(change: number, subject?: string): Promise<void> {
    const { changes } = this.#context.identities;
    const made = await changes.forCentre(change);
    if (made === undefined) return changes.told(change);
    const both = { from: base64url(made.from), to: base64url(made.to) };
    const said: ToCentre =
      made.kind === 'merge' ? { about: 'merge', ...both } : { about: 'split', ...both, relations: [...made.relations] };
    const { from, to } = await changes.show(change);
    await this.#write(said, { subject, concerns: [from, to].map(concernOf) });
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
      const subject = `map:${next.name}:${upTo}`;
      await this.#write({ about: 'pseudonyms', pairs: said }, { subject, concerns: ['pseudonyms'] });
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
    // No notice that names an old pseudonym comes after it.
    await this.#write({ about: 'pseudonyms-done' }, { subject: `key:${key}`, concerns: [everything] });
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

  async #write(said: ToCentre, order: NoticeOrder): Promise<void> {
    const { database, outbox, settings } = this.#context;
    await database.transaction().execute((transaction) => outbox.write(transaction, settings.centre, said, order));
    outbox.wake(settings.centre);
  }

  async #taken({ subject }: TakenNotice): Promise<void> {
    const [kind, key, upTo] = subject?.split(':') ?? [];
    if (kind === 'erase') await this.#erased(Number(key));
    if (kind === 'change') await this.#context.identities.changes.told(Number(key));
    if (kind !== 'map') return;
    const { keyChange } = this.#context.identities;
    if ((await keyChange.next())?.name === key) await keyChange.taken({ upTo: Number(upTo) });
  }

  /** The central server has nothing of this patient any more, nor of whom it was merged into before: it was told of that first. */
  async #erased(patient: number): Promise<void> {
    const { database, identities } = this.#context;
    const query = database.selectFrom('identity').select(['id', 'merged_into']).where('id', '=', patient);
    const row = await query.executeTakeFirst();
    if (row !== undefined) await identities.patients.erase(row.merged_into ?? row.id, 'the right to erasure');
  }

  async #refused(): Promise<void> {
    await this.#context.alarms.raiseUnlessOpen({
      ...{ alarm: 'notice-refused', patient: null, physician: null, installation: null, tellPatient: false },
      text: 'the central server refuses what it is told: `symbolon registry status` shows what',
    });
  }

  #failed(error: unknown): number {
    const { logger, rng } = this.#context;
    logger.error({ err: error }, 'changes of patients could not be prepared for the central server; it is tried again');
    return backOff(++this.#failures, rng);
  }
}
