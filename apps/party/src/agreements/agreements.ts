import {
  type Agreement,
  cosignAgreement,
  coversLink,
  maySign,
  type PredecessorState,
  requireCards,
  requireLink,
  signAgreement,
  verifyAgreement,
} from '@symbolon/agreement';
import { base64url, documentBytes, fault, parseDocument } from '@symbolon/crypto';
import { keepCheckpoint, peerClient } from '@symbolon/service';
import { z } from 'zod';
import { authorizeAgreement, granted } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import type { TableDescription } from '../datasets/describe.ts';
import { type TuneParams, type TuneReport, tune } from '../tune/tune.ts';
import { type CheckReport, check } from './check.ts';
import { type DraftParams, draft } from './draft.ts';
import { type DraftStudiesParams, draftStudies } from './draft-studies.ts';
import type { ExamplePair } from './examples.ts';
import type { StoredAgreement } from './store.ts';
import { type TryRow, tryRule } from './try-rule.ts';

/** An agreement as an organisation sees it. */
export interface AgreementInfo {
  readonly hash: string;
  readonly title: string;
  /** `signing`: some have signed. */
  readonly state: 'draft' | 'signing' | 'signed' | 'superseded';
  readonly signedBy: readonly string[];
  readonly missing: readonly string[];
  /** Which table of the link is the own one; null if this organisation holds neither, or there is no link. */
  readonly as: 'a' | 'b' | null;
  readonly addedAt: string;
  /** Links that may have opened their result; studies are counted each for itself. */
  readonly runs: number;
  /** How many more it allows; none where runs of it may have been forgotten here. */
  readonly runsLeft: number;
  readonly agreement: Agreement;
}

const maxPending = 100;
const receipt = z.object({ hash: z.string(), missing: z.array(z.string()) });

/** What an organisation does with agreements. Every step that binds it has an entry in its log. */
export class Agreements {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** Keeps a new draft, unsigned. */
  async draft(params: DraftParams): Promise<AgreementInfo> {
    const { home, datasets, agreements } = this.#context;
    const agreement = await draft(params, await datasets.describe(params.dataset), home);
    return this.#info(await agreements.get(await agreements.addDraft(agreement)));
  }

  /** Keeps a new draft of an agreement on studies, unsigned. */
  async draftStudies(params: DraftStudiesParams): Promise<AgreementInfo> {
    const { home, agreements } = this.#context;
    const agreement = await draftStudies(params, home);
    return this.#info(await agreements.get(await agreements.addDraft(agreement)));
  }

  /** What a partner needs to know of an own data set to draft an agreement; it may be shown to anyone. */
  describe(dataset: string): Promise<TableDescription> {
    return this.#context.datasets.describe(dataset);
  }

  /** What this organisation should know before it signs. */
  async check(hash: string): Promise<CheckReport> {
    return check(this.#context, await this.#context.agreements.get(hash));
  }

  /** What the rule says of example pairs, comparison by comparison. */
  async tryRule(hash: string, pairs: readonly ExamplePair[]): Promise<TryRow[]> {
    return tryRule(requireLink((await this.#context.agreements.get(hash)).agreement), pairs);
  }

  /** Measures blocking keys on the own table, and proposes some. Nothing leaves. */
  async tune(hash: string, params: TuneParams = {}): Promise<TuneReport> {
    return tune(this.#context, await this.#context.agreements.get(hash), params);
  }

  /** Signs; what is signed binds. Throws `agreement-superseded` where another successor was signed, `unknown-organisation`, … */
  async sign(hash: string): Promise<AgreementInfo> {
    const { home, agreements, log } = this.#context;
    const stored = await agreements.get(hash);
    const { agreement, document } = stored;
    requireCards(agreement, [home.card, ...home.partners.list()]);
    if (stored.exhausted) {
      throw fault(
        'agreement-limit',
        `"${agreement.title}" was known here before this store was recovered: draft it anew`,
      );
    }
    const permission = maySign(agreement, await this.#predecessor(agreement));
    if (!permission.grant) throw fault(permission.code, permission.reason);
    if (!stored.signedBy.includes(home.card.id)) {
      const signed =
        document.signatures.length === 0
          ? signAgreement(agreement, home.signingKey)
          : cosignAgreement(document, home.signingKey);
      await log.append({ kind: 'agreement-signed', agreement: stored.hash, title: agreement.title });
      await agreements.put(signed);
      await keepCheckpoint(this.#context);
    }
    return this.show(stored.hash);
  }

  /** Deletes a draft, or what a partner has signed and this organisation has not. Throws `conflict` where it is signed here or used up. */
  async discard(hash: string): Promise<AgreementInfo> {
    const { home, agreements, log } = this.#context;
    const stored = await agreements.get(hash);
    const { title } = stored.agreement;
    if (stored.signedBy.includes(home.card.id)) {
      throw fault('conflict', `"${title}" is signed here and stays`, {
        hint: 'What is signed binds until its term ends, or a successor that all sign replaces it.',
      });
    }
    // Nobody here knows whether it was signed in the part that was lost.
    if (stored.exhausted)
      throw fault('conflict', `"${title}" was known here before this store was recovered, and stays`);
    const info = await this.#info(stored);
    if (stored.signedBy.length > 0) await log.append({ kind: 'agreement-discarded', agreement: stored.hash, title });
    await agreements.remove(stored.hash);
    return info;
  }

  /** Sends an agreement with the signatures it has to the servers of all other parties. */
  async send(hash: string): Promise<void> {
    const { home, agreements } = this.#context;
    const { agreement, document, signedBy } = await agreements.get(hash);
    if (signedBy.length === 0) {
      throw fault('agreement-unsigned', `nobody has signed the draft "${agreement.title}"`, {
        hint: 'Sign it first: an unsigned draft binds nobody, and partners do not take it.',
      });
    }
    const body = { document: base64url(documentBytes(document)) };
    for (const { id } of agreement.parties) {
      if (id === home.card.id) continue;
      const client = peerClient({ home, partner: home.partners.get(id) });
      try {
        await client.call('POST', '/v1/agreements', { body, answer: receipt });
      } finally {
        await client.close();
      }
    }
  }

  /**
   * Keeps a document that a party sent or handed over, with the signatures that are here already.
   * @param by who sent it; this organisation itself for a file
   */
  async receive(file: Uint8Array, by: string = this.#context.home.card.id): Promise<AgreementInfo> {
    const { home, agreements, log } = this.#context;
    const document = parseDocument(file);
    const received = verifyAgreement(document);
    granted(authorizeAgreement(received, home, by));
    const before = await agreements.find(received.hash);
    const signs = ({ signedBy }: Pick<StoredAgreement, 'signedBy'>): boolean => signedBy.includes(home.card.id);
    if (before === undefined && by !== home.card.id) await this.#requireRoom(received.signedBy);
    // An own signature that comes from outside was given before this store was put back, and nobody here knows the runs since.
    const forgotten = log.epoch > 1 && signs(received) && !(before !== undefined && signs(before));
    const hash = await agreements.put(document, forgotten);
    const after = await agreements.get(hash);
    if (before?.signedBy.length !== after.signedBy.length) {
      await log.append({ kind: 'agreement-received', agreement: hash, by, signedBy: after.signedBy });
      await keepCheckpoint(this.#context);
    }
    return this.#info(after);
  }

  /** The document as a file for {@link receive} elsewhere. */
  async export(hash: string): Promise<Uint8Array> {
    const { document, agreement } = await this.#context.agreements.get(hash);
    if (document.signatures.length === 0) {
      throw fault('agreement-unsigned', `nobody has signed the draft "${agreement.title}"`, { hint: 'Sign it first.' });
    }
    return documentBytes(document);
  }

  async list(): Promise<AgreementInfo[]> {
    return Promise.all((await this.#context.agreements.list()).map((stored) => this.#info(stored)));
  }

  /** Throws `not-found`. */
  async show(hash: string): Promise<AgreementInfo> {
    return this.#info(await this.#context.agreements.get(hash));
  }

  /** Partners may propose, but not fill the store, which every decision looks through for successors. */
  async #requireRoom(signers: readonly string[]): Promise<void> {
    const { home, agreements } = this.#context;
    const own = home.card.id;
    for (const signer of signers) {
      if (signer === own || (await agreements.pending(signer, own)) < maxPending) continue;
      throw fault('conflict', `${signer} has signed ${maxPending} agreements that ${own} has not`, { culprit: signer });
    }
  }

  async #predecessor({ predecessor }: Agreement): Promise<PredecessorState> {
    if (predecessor === null) return { inForce: null, signedSuccessor: null };
    const { home, agreements } = this.#context;
    const old = await agreements.find(predecessor);
    const successors = await agreements.successors(predecessor);
    const signed = successors.find(({ signedBy }) => signedBy.includes(home.card.id));
    return { inForce: old?.missing.length === 0 ? old.agreement : null, signedSuccessor: signed?.hash ?? null };
  }

  async #info(stored: StoredAgreement): Promise<AgreementInfo> {
    const { agreement, hash, signedBy, missing, addedAt, exhausted } = stored;
    const { home, agreements, runs } = this.#context;
    const own = (['a', 'b'] as const).find((side) => agreement.tables?.[side].party === home.card.id);
    const opened = await runs.opens(hash);
    const replaced = (await agreements.successors(hash)).some((successor) => successor.missing.length === 0);
    return {
      hash,
      title: agreement.title,
      state: replaced ? 'superseded' : missing.length === 0 ? 'signed' : signedBy.length === 0 ? 'draft' : 'signing',
      signedBy,
      missing,
      as: own ?? null,
      addedAt,
      runs: opened,
      runsLeft: exhausted || !coversLink(agreement) ? 0 : Math.max(0, agreement.link.maxRuns - opened),
      agreement,
    };
  }
}
