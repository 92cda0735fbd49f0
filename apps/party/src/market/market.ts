import { isLicence, type LicenceUsage, type Offer, sampleRows } from '@symbolon/agreement';
import { type Also, ownerOf, type Person } from '@symbolon/service';
import type { Agreements } from '../agreements/agreements.ts';
import type { PartyContext } from '../context.ts';
import type { StudyQueries } from '../study/queries.ts';
import { browse, Catalogue } from './catalogue.ts';
import { fetchNews } from './fetch.ts';
import { type Approving, type LicenceInfo, Licences } from './licences.ts';
import {
  fileOf,
  type StatementFile,
  state,
  usageHere,
  type VerifiedStatement,
  verifyStatementFile,
} from './statements.ts';
import { type UseLine, useLine, usesOf } from './uses.ts';

/** An entry of a catalogue as people see it. */
export interface ShownOffer {
  readonly offer: Offer;
  /** Made up from the ranges of the offer alone: see `sampleRows`. */
  readonly sample: readonly Readonly<Record<string, string>>[];
}

/** What an organisation offers, asks for, has licensed, and was used. */
export class Market {
  readonly #catalogue: Catalogue;
  readonly #licences: Licences;
  readonly #context: PartyContext;

  constructor(context: PartyContext, agreements: Agreements, studies: StudyQueries) {
    this.#context = context;
    this.#catalogue = new Catalogue(context);
    this.#licences = new Licences(context, agreements, studies);
  }

  /** The own catalogue, or that of a partner. */
  async offers(partner?: string): Promise<ShownOffer[]> {
    const offers = partner === undefined ? await this.#catalogue.list() : await browse(this.#context.home, partner);
    return offers.map((offer) => ({ offer, sample: sampleRows(offer) }));
  }

  /** {@link Catalogue.publish}. @param person who publishes; here and below the owner of the folder, if absent */
  async publish(wanted: unknown, person?: Person, also?: Also<string>): Promise<Offer> {
    return this.#catalogue.publish(wanted, (await this.#who(person)).id, also);
  }

  /** {@link Catalogue.withdraw} */
  async withdraw(name: string, person?: Person): Promise<void> {
    await this.#catalogue.withdraw(name, (await this.#who(person)).id);
  }

  /** {@link Licences.request} */
  async request(
    wanted: unknown,
    without: readonly string[] = [],
    person?: Person,
    also?: Also<string>,
  ): Promise<LicenceInfo> {
    return this.#licences.request(wanted, await this.#who(person), { without, also });
  }

  /** {@link Licences.approve} */
  async approve(hash: string, saying: Approving = {}, person?: Person, also?: Also): Promise<LicenceInfo> {
    return this.#licences.approve(hash, await this.#who(person), saying, also);
  }

  /** {@link Licences.counter} */
  async counter(hash: string, changes: unknown, person?: Person, also?: Also<string>): Promise<LicenceInfo> {
    return this.#licences.counter(hash, changes, await this.#who(person), also);
  }

  /** {@link Licences.decline} */
  async decline(hash: string, reason: string, person?: Person, also?: Also): Promise<LicenceInfo> {
    return this.#licences.decline(hash, reason, await this.#who(person), also);
  }

  /** {@link Licences.sendRequest}: what is left of {@link request} once its draft is durable. */
  sendRequest(hash: string, person: Person): Promise<LicenceInfo> {
    return this.#licences.sendRequest(hash, person);
  }

  /** {@link Licences.sendAnswer}: what is left of {@link counter} once its draft is durable. */
  sendAnswer(hash: string, person: Person): Promise<LicenceInfo> {
    return this.#licences.sendAnswer(hash, person);
  }

  /** {@link Licences.sendApproved}: what is left of {@link approve} once it is signed. */
  sendApproved(hash: string, person: Person, saying: Approving): Promise<LicenceInfo> {
    return this.#licences.sendApproved(hash, person, saying);
  }

  /** Licences and requests for them. */
  list(): Promise<LicenceInfo[]> {
    return this.#licences.list();
  }

  /** {@link Licences.requests} */
  requests(): Promise<LicenceInfo[]> {
    return this.#licences.requests();
  }

  /** {@link Licences.show} */
  show(hash: string): Promise<LicenceInfo> {
    return this.#licences.show(hash);
  }

  /** Asks partners for what is new: {@link fetchNews}. */
  fetch(): Promise<string[]> {
    return fetchNews(this.#context);
  }

  /** Every use of every licence, or of one: what an owner is told. The newest first. */
  async uses(name?: string): Promise<UseLine[]> {
    const { agreements, database } = this.#context;
    const all = name === undefined ? await agreements.list() : [(await this.#licences.get(name)).stored];
    const lines: UseLine[] = [];
    for (const stored of all) {
      const { hash, agreement } = stored;
      if (!isLicence(agreement)) continue;
      lines.push(...(await usesOf(database, stored)).map((use) => useLine(hash, agreement, use)));
    }
    return lines.sort((a, b) => b.run - a.run);
  }

  /** What a licence came to in a month. @param month YYYY-MM */
  async usage(name: string, month: string): Promise<LicenceUsage> {
    return (await usageHere(this.#context, await this.#licences.get(name), month)).usage;
  }

  /** The signed statement of a month, with all that it follows from. */
  async state(name: string, month: string, also?: Also<StatementFile['statement']>): Promise<StatementFile> {
    return state(this.#context, await this.#licences.get(name), month, also);
  }

  /** A statement that was made, with all that it follows from. */
  async stated(name: string, statement: StatementFile['statement']): Promise<StatementFile> {
    return fileOf(this.#context, (await this.#licences.get(name)).stored, statement);
  }

  /** See {@link verifyStatementFile}. */
  verify(file: unknown): Promise<VerifiedStatement> {
    return verifyStatementFile(this.#context, file);
  }

  async #who(person: Person | undefined): Promise<Person> {
    return person ?? ownerOf(this.#context.database);
  }
}
