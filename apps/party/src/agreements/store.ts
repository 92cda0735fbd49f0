import {
  type Agreement,
  agreementHash,
  parseAgreement,
  type VerifiedAgreement,
  verifyAgreement,
} from '@symbolon/agreement';
import {
  base64url,
  canonicalBytes,
  fault,
  fromBase64url,
  mergeSignatures,
  parseCanonical,
  type SignedDocument,
} from '@symbolon/crypto';
import type { Database } from '@symbolon/service';

/** An agreement that is kept here, its signatures verified at this moment. */
export interface StoredAgreement extends VerifiedAgreement {
  /** The document as it stands; a draft has no signatures. */
  readonly document: SignedDocument;
  readonly addedAt: string;
  /** Runs of it may have been forgotten here, so none is left: see `recoverParty`. */
  readonly exhausted: boolean;
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

  /** Keeps a draft that nobody has signed. */
  async addDraft(agreement: Agreement): Promise<string> {
    return this.put({ payload: base64url(canonicalBytes(agreement)), signatures: [] });
  }

  /**
   * Keeps a verified document, with the signatures that are here already and the new ones; when it resolves, it survives power loss.
   * @param exhausted whether runs of it may have been forgotten; what is exhausted stays so
   * @returns the agreement's hash
   */
  async put(document: SignedDocument, exhausted = false): Promise<string> {
    const { agreement, hash } = verified(document);
    await this.#database.transaction().execute(async (transaction) => {
      const here = await transaction
        .selectFrom('agreement')
        .select('document')
        .where('hash', '=', hash)
        .executeTakeFirst();
      const all = here === undefined ? document : mergeSignatures(decode(here.document), document);
      const { signedBy } = verified(all);
      if (here === undefined) {
        const { count } = await transaction
          .selectFrom('agreement')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        if (count >= maxAgreements) throw fault('conflict', `there are ${maxAgreements} agreements here already`);
      }
      const at = this.#now().toISOString();
      const row = { title: agreement.title, predecessor: agreement.predecessor, document: canonicalBytes(all) };
      const spent = exhausted ? { exhausted: 1 as const } : {};
      await transaction
        .insertInto('agreement')
        .values({ hash, ...row, ...spent, added_at: at })
        .onConflict((conflict) => conflict.column('hash').doUpdateSet({ document: row.document, ...spent }))
        .execute();
      for (const party of signedBy) {
        await transaction
          .insertInto('agreement_signature')
          .values({ agreement: hash, party, signed_at: at })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    });
    return hash;
  }

  /** Forgets one that has had no run. */
  async remove(hash: string): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('agreement_signature').where('agreement', '=', hash).execute();
      await transaction.deleteFrom('agreement').where('hash', '=', hash).execute();
    });
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
    return read(row);
  }

  async find(hash: string): Promise<StoredAgreement | undefined> {
    const row = await this.#database.selectFrom('agreement').selectAll().where('hash', '=', hash).executeTakeFirst();
    return row === undefined ? undefined : read(row);
  }

  async list(): Promise<StoredAgreement[]> {
    const rows = await this.#database.selectFrom('agreement').selectAll().orderBy('added_at').execute();
    return rows.map(read);
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

  /** The agreements that name this one as their predecessor. */
  async successors(hash: string): Promise<StoredAgreement[]> {
    const rows = await this.#database.selectFrom('agreement').selectAll().where('predecessor', '=', hash).execute();
    return rows.map(read);
  }
}

function read(row: { hash: string; document: Uint8Array; added_at: string; exhausted: 0 | 1 }): StoredAgreement {
  const document = decode(row.document);
  const checked = verified(document);
  if (checked.hash !== row.hash) {
    throw fault('agreement-altered', `the agreement kept as ${row.hash} has another content`, { culprit: row.hash });
  }
  return { ...checked, document, addedAt: row.added_at, exhausted: row.exhausted === 1 };
}

function decode(bytes: Uint8Array): SignedDocument {
  return parseCanonical(bytes) as unknown as SignedDocument;
}

function verified(document: SignedDocument): VerifiedAgreement {
  if (document.signatures.length > 0) return verifyAgreement(document);
  const agreement = parseAgreement(fromBase64url(document.payload));
  const missing = agreement.parties.map(({ id }) => id);
  return { agreement, hash: agreementHash(agreement), signedBy: [], missing };
}
