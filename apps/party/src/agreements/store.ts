import {
  type Agreement,
  agreementHash,
  type Notice,
  parseAgreement,
  type VerifiedAgreement,
  verifyAgreement,
  verifyNotice,
} from '@symbolon/agreement';
import {
  base64url,
  canonicalBytes,
  documentBytes,
  fault,
  fromBase64url,
  mergeSignatures,
  parseCanonical,
  parseDocument,
  type SignedDocument,
} from '@symbolon/crypto';
import type { Also, Database, DatabaseSchema } from '@symbolon/service';
import type { Selectable, Transaction } from 'kysely';

/** An agreement that is kept here, its signatures and those of the notices about it verified at this moment. */
export interface StoredAgreement extends VerifiedAgreement {
  /** The document as it stands; a draft has no signatures. */
  readonly document: SignedDocument;
  readonly addedAt: string;
  /** Runs of it may have been forgotten here, so none is left: see `recoverParty`. */
  readonly exhausted: boolean;
  /** What its parties have said of it since, in the order in which it was kept here. */
  readonly notices: readonly Notice[];
}

/** Where an entry stands in the own log. */
export interface LogPlace {
  readonly epoch: number;
  readonly index: number;
}

// Drafts and half-signed agreements of partners take space; nobody has this many.
const maxAgreements = 10_000;

/** The agreements of an organisation. Nothing is believed because it stands here: every read verifies all signatures again. */
export class AgreementStore {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** The same store inside a transaction. */
  within(transaction: Transaction<DatabaseSchema>): AgreementStore {
    return new AgreementStore(transaction, this.#now);
  }

  /** Keeps a draft that nobody has signed; when it resolves, it survives power loss. @returns the agreement's hash */
  async addDraft(agreement: Agreement, also?: Also<string>): Promise<string> {
    const document = { payload: base64url(canonicalBytes(agreement)), signatures: [] };
    const hash = agreementHash(agreement);
    await this.#database.transaction().execute(async (transaction) => {
      await this.within(transaction).keep(document);
      await also?.(transaction, hash);
    });
    return hash;
  }

  /**
   * Keeps a verified document, with the signatures that are here already and the new ones. Call it {@link within} a transaction.
   * @param options.logged the entry that says so
   * @param options.exhausted whether runs of it may have been forgotten; what is exhausted stays so
   */
  async keep(document: SignedDocument, options: { logged?: LogPlace; exhausted?: boolean } = {}): Promise<void> {
    const { agreement, hash } = verified(document);
    const { logged, exhausted = false } = options;
    const here = await this.#database
      .selectFrom('agreement')
      .select('document')
      .where('hash', '=', hash)
      .executeTakeFirst();
    const all = here === undefined ? document : mergeSignatures(decode(here.document), document);
    const { signedBy } = verified(all);
    if (here === undefined) await this.#requireRoom();
    const at = this.#now().toISOString();
    const { title, predecessor, counters = null } = agreement;
    const row = { title, predecessor, counters, document: canonicalBytes(all) };
    const spent = exhausted ? { exhausted: 1 as const } : {};
    await this.#database
      .insertInto('agreement')
      .values({ hash, ...row, ...spent, added_at: at })
      .onConflict((conflict) => conflict.column('hash').doUpdateSet({ document: row.document, ...spent }))
      .execute();
    for (const party of signedBy) {
      await this.#database
        .insertInto('agreement_signature')
        .values({
          agreement: hash,
          party,
          signed_at: at,
          log_epoch: logged?.epoch ?? null,
          log_index: logged?.index ?? null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }

  /** Keeps a verified notice that `requireNext` has passed. Call it {@link within} a transaction. @param person who gave it here, if it is an own one */
  async keepNotice(
    { agreement, by, sequence }: Notice,
    document: SignedDocument,
    logged: LogPlace,
    person: string | null,
  ): Promise<void> {
    await this.#database
      .insertInto('agreement_notice')
      .values({
        agreement,
        party: by,
        sequence,
        document: documentBytes(document),
        person,
        kept_at: this.#now().toISOString(),
        log_epoch: logged.epoch,
        log_index: logged.index,
      })
      .execute();
  }

  /** Forgets one that has had no run. What was said of it stays. */
  async remove(hash: string): Promise<void> {
    await this.#database.deleteFrom('agreement_signature').where('agreement', '=', hash).execute();
    await this.#database.deleteFrom('agreement').where('hash', '=', hash).execute();
  }

  /** By hash, or by its first 6 or more characters; throws `not-found`, or `agreement-altered` if what stands here is not what was kept. */
  async get(hash: string): Promise<StoredAgreement> {
    if (hash.length < 6) throw fault('request-invalid', 'an agreement is named by at least 6 characters of its hash');
    const [row, another] = await this.#database
      .selectFrom('agreement')
      .selectAll()
      .where('hash', '>=', hash)
      .where('hash', '<=', `${hash}~`)
      .limit(2)
      .execute();
    if (row === undefined) throw fault('not-found', `there is no agreement ${hash} here`, { culprit: hash });
    if (another !== undefined) {
      throw fault('conflict', `several agreements begin with ${hash}`, { hint: 'Give more of the hash.' });
    }
    return this.#read(row);
  }

  async find(hash: string): Promise<StoredAgreement | undefined> {
    const row = await this.#database.selectFrom('agreement').selectAll().where('hash', '=', hash).executeTakeFirst();
    return row && this.#read(row);
  }

  async list(): Promise<StoredAgreement[]> {
    return this.#readAll(await this.#database.selectFrom('agreement').selectAll().orderBy('added_at').execute());
  }

  /** How many agreements `signer` has signed and `own` has not. */
  async pending(signer: string, own: string): Promise<number> {
    const { count } = await this.#database
      .selectFrom('agreement_signature as theirs')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('party', '=', signer)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('agreement_signature as ours')
              .select('ours.party')
              .whereRef('ours.agreement', '=', 'theirs.agreement')
              .where('ours.party', '=', own),
          ),
        ),
      )
      .executeTakeFirstOrThrow();
    return count;
  }

  /** The versions that stand in the place of this one, or want to: its successors, what answers it, and what answers those. */
  async successors(hash: string): Promise<StoredAgreement[]> {
    const found = new Map<string, StoredAgreement>();
    for (let names = [hash]; names.length > 0; ) {
      const rows = await this.#database
        .selectFrom('agreement')
        .selectAll()
        .where(({ or, eb }) => or([eb('predecessor', '=', hash), eb('counters', 'in', names)]))
        .execute();
      const fresh = await this.#readAll(rows.filter((row) => !found.has(row.hash)));
      for (const version of fresh) found.set(version.hash, version);
      names = fresh.map((version) => version.hash);
    }
    return [...found.values()];
  }

  /** The proposals that an agreement answers, directly or not, as far as they are here: the nearest first. */
  async answered({ counters }: Agreement): Promise<StoredAgreement[]> {
    const found: StoredAgreement[] = [];
    for (let next = counters; next !== undefined; next = found.at(-1)!.agreement.counters) {
      const version = await this.find(next);
      if (version === undefined) break;
      found.push(version);
    }
    return found;
  }

  async #requireRoom(): Promise<void> {
    const { count } = await this.#database
      .selectFrom('agreement')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (count >= maxAgreements) throw fault('conflict', `there are ${maxAgreements} agreements here already`);
  }

  /** One after the other: a transaction has one connection. */
  async #readAll(rows: readonly AgreementRow[]): Promise<StoredAgreement[]> {
    const all: StoredAgreement[] = [];
    for (const row of rows) all.push(await this.#read(row));
    return all;
  }

  async #read(row: AgreementRow): Promise<StoredAgreement> {
    const document = decode(row.document);
    const checked = verified(document);
    if (checked.hash !== row.hash) {
      throw fault('agreement-altered', `the agreement kept as ${row.hash} has another content`, { culprit: row.hash });
    }
    const notices = await this.#database
      .selectFrom('agreement_notice')
      .select('document')
      .where('agreement', '=', row.hash)
      .orderBy('log_epoch')
      .orderBy('log_index')
      .execute();
    return {
      ...checked,
      document,
      addedAt: row.added_at,
      exhausted: row.exhausted === 1,
      notices: notices.map((notice) => verifyNotice(parseDocument(notice.document), checked)),
    };
  }
}

type AgreementRow = Selectable<DatabaseSchema['agreement']>;

function decode(bytes: Uint8Array): SignedDocument {
  return parseCanonical(bytes) as unknown as SignedDocument;
}

function verified(document: SignedDocument): VerifiedAgreement {
  if (document.signatures.length > 0) return verifyAgreement(document);
  const agreement = parseAgreement(fromBase64url(document.payload));
  const missing = agreement.parties.map(({ id }) => id);
  return { agreement, hash: agreementHash(agreement), signedBy: [], missing };
}
