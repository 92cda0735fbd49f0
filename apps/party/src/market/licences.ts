import {
  type AgreementState,
  beyondOffers,
  draftLicence,
  isLicence,
  type Licence,
  memberOf,
  ownersOf,
  parseLicenceRequest,
  type StudyMethod,
  studyMethods,
  withoutOwners,
} from '@symbolon/agreement';
import { fault, SymbolonError } from '@symbolon/crypto';
import type { Also, Person } from '@symbolon/service';
import type { Agreements } from '../agreements/agreements.ts';
import { requireComputable } from '../agreements/computable.ts';
import { lifecycleOf } from '../agreements/state.ts';
import type { StoredAgreement } from '../agreements/store.ts';
import type { PartyContext } from '../context.ts';
import type { StudyQueries } from '../study/queries.ts';
import { readListed } from '../study/question.ts';
import { browse, Catalogue } from './catalogue.ts';
import { type RunsUsed, runsUsed } from './quota.ts';

/** A licence, or a request for one, as a party sees it. */
export interface LicenceInfo {
  /** Its id: the hash of the agreement. Every result under it carries it in its signed statement. */
  readonly hash: string;
  readonly title: string;
  readonly state: AgreementState;
  readonly licensee: string;
  /** Those who hold the data. */
  readonly owners: readonly string[];
  /** Who has not signed. */
  readonly missing: readonly string[];
  /** Hash of the version that answers it, or stands in its place; null if there is none. */
  readonly version: string | null;
  readonly term: Licence['term'];
  readonly price: NonNullable<Licence['price']> | null;
  /** Of the licensee; null if there is none. */
  readonly quota: NonNullable<Licence['quota']>[string] | null;
  /** Runs of the licensee that count, by the own clock. */
  readonly used: RunsUsed;
  /** At an owner that has not signed: where it asks for more than the catalogue says. */
  readonly beyond: readonly string[];
}

/** What an owner may say with its signature. */
export interface Approving {
  /** Approve all listed studies and templates too. */
  readonly studies?: boolean | undefined;
  /** Sign though it asks for more than the catalogue says. */
  readonly beyond?: boolean | undefined;
}

/** Licences: agreements that one organisation asks for from the catalogues of others. */
export class Licences {
  readonly #context: PartyContext;
  readonly #agreements: Agreements;
  readonly #studies: StudyQueries;

  constructor(context: PartyContext, agreements: Agreements, studies: StudyQueries) {
    this.#context = context;
    this.#agreements = agreements;
    this.#studies = studies;
  }

  /**
   * Asks the owners of catalogue entries for a licence: reads the entries, drafts it, signs it and sends it. Where this person may not sign it stays a
   * draft, which somebody signs and sends as any other. Runs at: the licensee.
   *
   * @param options.without owners that are left out, as they have declined
   * @throws SymbolonError `not-found` naming an entry, `request-invalid`, `agreement-invalid`, `study-…`, `peer-silent`, …
   */
  async request(
    wanted: unknown,
    person: Person,
    { without = [], also }: { readonly without?: readonly string[]; readonly also?: Also<string> | undefined } = {},
  ): Promise<LicenceInfo> {
    const { home, agreements } = this.#context;
    const request = withoutOwners(parseLicenceRequest(wanted), without);
    const owners = [...new Set(request.offers.map(({ party }) => party))];
    const cards = owners.map((id) => home.partners.get(id));
    const catalogues = new Map(await Promise.all(owners.map(async (id) => [id, await browse(home, id)] as const)));
    const offers = request.offers.map(({ party, name }) => {
      const offer = catalogues.get(party)!.find((one) => one.name === name);
      if (offer !== undefined) return offer;
      throw fault('not-found', `${party} offers no '${name}'`, { culprit: name });
    });
    const licence = draftLicence(request, offers, {
      licensee: memberOf(home.card),
      owners: cards.map(memberOf),
      keyService: memberOf(home.partners.get(request.keyService)),
    });
    await requireComputable(licence);
    return this.sendRequest(await agreements.addDraft(licence, also), person);
  }

  /** Signs an own draft of a licence and sends it, where this person may. */
  async sendRequest(hash: string, person: Person): Promise<LicenceInfo> {
    if (await this.#signed(hash, person)) await this.#agreements.send(hash);
    return this.show(hash);
  }

  /** All licences that somebody has signed, and own drafts, the oldest first. */
  async list(): Promise<LicenceInfo[]> {
    const all = await this.#context.agreements.list();
    const infos: LicenceInfo[] = [];
    for (const stored of all) if (isLicence(stored.agreement)) infos.push(await this.#info(stored, stored.agreement));
    return infos;
  }

  /** Those that wait for somebody's answer. */
  async requests(): Promise<LicenceInfo[]> {
    return (await this.list()).filter(isRequest);
  }

  /** By its hash or the first 6 or more characters. Throws `not-found`. */
  async show(name: string): Promise<LicenceInfo> {
    const { stored, licence } = await this.get(name);
    return this.#info(stored, licence);
  }

  /** Throws `not-found`. */
  async get(name: string): Promise<{ readonly stored: StoredAgreement; readonly licence: Licence }> {
    const stored = await this.#context.agreements.get(name);
    const { agreement } = stored;
    if (isLicence(agreement)) return { stored, licence: agreement };
    throw fault('not-found', `the agreement "${agreement.title}" is not a licence`, { culprit: name });
  }

  /**
   * Grants what was asked for, or accepts what an owner answered: signs it, and tells the others. Throws `agreement-limit` where it goes beyond the
   * own catalogue and nobody said that it may.
   */
  async approve(name: string, person: Person, saying: Approving = {}, also?: Also): Promise<LicenceInfo> {
    const { stored, licence } = await this.get(name);
    const info = await this.#info(stored, licence);
    if (info.beyond.length > 0 && saying.beyond !== true) {
      throw fault(
        'agreement-limit',
        `"${info.title}" asks for more than the catalogue says: ${info.beyond.join('; ')}`,
        {
          culprit: info.licensee,
          hint: 'Answer it with a changed version, or approve it with --beyond.',
        },
      );
    }
    await this.#agreements.sign(stored.hash, person, also);
    return this.sendApproved(stored.hash, person, saying);
  }

  /** Tells the others of a licence that is signed here, and approves its studies. */
  async sendApproved(name: string, person: Person, { studies = false }: Approving = {}): Promise<LicenceInfo> {
    const { stored, licence } = await this.get(name);
    await this.#tell(stored.hash);
    if (studies) {
      for (const { name: study } of licence.studies.list) await this.#studies.approve(stored.hash, study, person);
    }
    return this.show(stored.hash);
  }

  /** Answers a request with a changed version, signed and sent. @param changes a JSON merge patch of the licence */
  async counter(name: string, changes: unknown, person: Person, also?: Also<string>): Promise<LicenceInfo> {
    const { stored } = await this.get(name);
    const { hash } = await this.#agreements.counter(stored.hash, changes, also);
    return this.sendAnswer(hash, person);
  }

  /** Signs a draft that answers a request, and sends it. */
  async sendAnswer(hash: string, person: Person): Promise<LicenceInfo> {
    const answer = await this.get(hash);
    await requireComputable(answer.licence);
    await this.#agreements.sign(hash, person);
    await this.#tell(hash);
    return this.show(hash);
  }

  /** Says no; all others are told why. */
  async decline(name: string, reason: string, person: Person, also?: Also): Promise<LicenceInfo> {
    const { stored } = await this.get(name);
    await this.#agreements.decline(stored.hash, { reason, person: person.id }, also);
    return this.show(stored.hash);
  }

  /** Whoever cannot be reached asks itself: what is signed here stays. */
  async #tell(hash: string): Promise<void> {
    try {
      await this.#agreements.send(hash);
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      this.#context.logger.warn(
        { agreement: hash, code: error.code },
        'a licence could not be sent to all its parties',
      );
    }
  }

  async #signed(hash: string, person: Person): Promise<boolean> {
    try {
      await this.#agreements.sign(hash, person);
      return true;
    } catch (error) {
      if (error instanceof SymbolonError && (error.code === 'forbidden' || error.code === 'unapproved')) return false;
      throw error;
    }
  }

  async #info(stored: StoredAgreement, licence: Licence): Promise<LicenceInfo> {
    const { home, agreements, now, database } = this.#context;
    const { hash, missing } = stored;
    const { licensee } = licence.licence;
    const { state, version } = await lifecycleOf(agreements, stored, now());
    const own = home.card.id;
    const asked = missing.includes(own) && licensee !== own;
    return {
      hash,
      title: licence.title,
      state,
      licensee,
      owners: ownersOf(licence),
      missing,
      version,
      term: licence.term,
      price: licence.price ?? null,
      quota: licence.quota?.[licensee] ?? null,
      used: await runsUsed(database, stored, licensee, now()),
      beyond: asked ? beyondOffers(licence, own, await new Catalogue(this.#context).list(), methodsOf(licence)) : [],
    };
  }
}

/** Whether it waits for somebody's answer. */
export function isRequest({ state }: Pick<LicenceInfo, 'state'>): boolean {
  return state === 'draft' || state === 'proposed' || state === 'countered';
}

/** The methods of the studies that a licence lists. */
function methodsOf({ studies: { list, templates = [] } }: Licence): StudyMethod[] {
  return [...list, ...templates].map((listed) => {
    const name = readListed(listed).method?.name ?? 'select';
    const known = studyMethods.find((method) => method === name);
    if (known !== undefined) return known;
    throw fault('study-invalid', `there is no method ${name}`, { culprit: listed.name });
  });
}
