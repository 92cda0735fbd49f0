import {
  type Agreement,
  type AgreementState,
  coversLink,
  type Notice,
  requireLink,
  verifyAgreement,
} from '@symbolon/agreement';
import { base64url, documentBytes, fault, parseDocument } from '@symbolon/crypto';
import { type DatabaseSchema, keepCheckpoint, type Person, peerClient } from '@symbolon/service';
import type { Transaction } from 'kysely';
import { z } from 'zod';
import { authorizeAgreement, granted } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import type { TableDescription } from '../datasets/describe.ts';
import { datasetsOf } from '../subjects/concerned.ts';
import { type TuneParams, type TuneReport, tune } from '../tune/tune.ts';
import { answerTo } from './answer.ts';
import { type CheckReport, check } from './check.ts';
import { untold } from './deliveries.ts';
import { type DraftParams, draft } from './draft.ts';
import { type DraftStudiesParams, draftStudies } from './draft-studies.ts';
import { draftText } from './draft-text.ts';
import type { ExamplePair } from './examples.ts';
import { type AgreementChange, history } from './history.ts';
import { type Saying, say, take } from './notices.ts';
import { keepRefused } from './refused.ts';
import { type AgreementApproval, approve, sign, withdrawApproval } from './sign.ts';
import { lifecycleOf } from './state.ts';
import type { StoredAgreement } from './store.ts';
import { type TryRow, tryRule } from './try-rule.ts';

/** An agreement as an organisation sees it. */
export interface AgreementInfo {
  readonly hash: string;
  readonly title: string;
  /** See `agreementStates`. */
  readonly state: AgreementState;
  /** The notices that suspend, revoke or decline it. */
  readonly notices: readonly Pick<Notice, 'by' | 'action' | 'reason' | 'at'>[];
  /** Hash of the version that stands in its place, or answers it; null if there is none. */
  readonly version: string | null;
  /** Partners that have not heard yet what this organisation said of it. */
  readonly untold: readonly string[];
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

  /** Keeps a new draft, unsigned, of an agreement that somebody has written. */
  async draftText(source: string, format: 'yaml' | 'json'): Promise<AgreementInfo> {
    const { home, agreements } = this.#context;
    const agreement = await draftText(source, format, home);
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

  /**
   * Signs; what is signed binds. Signed here before, it changes nothing.
   *
   * @param person who signs for this organisation; the owner of the folder, if absent
   * @throws SymbolonError `agreement-superseded` where another version was signed in the same place, `agreement-revoked`, `unknown-organisation`, …
   */
  async sign(name: string, person?: Person): Promise<AgreementInfo> {
    const stored = await this.#context.agreements.get(name);
    if (await sign(this.#context, stored, person)) {
      await this.#tellReplaced(stored.agreement);
      await keepCheckpoint(this.#context);
    }
    return this.show(stored.hash);
  }

  /** Approves that it is signed here, or that its link is run. @param person the owner of the folder, if absent */
  async approve(name: string, action: AgreementApproval, person?: Person): Promise<AgreementInfo> {
    const stored = await this.#context.agreements.get(name);
    await approve(this.#context, stored, action, person);
    return this.show(stored.hash);
  }

  /** Takes such approvals back. @param person the owner of the folder, if absent */
  async withdrawApproval(name: string, action: AgreementApproval, person?: Person): Promise<AgreementInfo> {
    const stored = await this.#context.agreements.get(name);
    await withdrawApproval(this.#context, stored, action, person);
    return this.show(stored.hash);
  }

  /** Puts an agreement to rest until this organisation resumes it. @param saying why, in words that all parties are told */
  async suspend(name: string, saying: Saying): Promise<AgreementInfo> {
    await say(this.#context, name, 'suspend', saying);
    return this.show(name);
  }

  /** Ends a suspension by this organisation. */
  async resume(name: string, saying: Saying): Promise<AgreementInfo> {
    await say(this.#context, name, 'resume', saying);
    return this.show(name);
  }

  /** Says that this organisation does not want it renewed: it ends with the term that runs then. */
  async lapse(name: string, saying: Saying): Promise<AgreementInfo> {
    await say(this.#context, name, 'lapse', saying);
    return this.show(name);
  }

  /** Ends an agreement for good. */
  async revoke(name: string, saying: Saying): Promise<AgreementInfo> {
    await say(this.#context, name, 'revoke', saying);
    return this.show(name);
  }

  /** Says that this organisation will not sign a proposal. */
  async decline(name: string, saying: Saying): Promise<AgreementInfo> {
    await say(this.#context, name, 'decline', saying);
    return this.show(name);
  }

  /** Takes what another party has said of an agreement: see {@link take}. @param by who brings it */
  heard(file: Uint8Array, by: string): Promise<Notice> {
    return keepRefused(this.#context, 'notice-refused', by, () => take(this.#context, file, by));
  }

  /** Keeps a changed version of a proposal as a draft that answers it. @param changes a JSON merge patch (RFC 7396) of the proposal */
  async counter(name: string, changes: unknown): Promise<AgreementInfo> {
    const { agreements, now } = this.#context;
    const stored = await agreements.get(name);
    const { state } = await lifecycleOf(agreements, stored, now());
    if (state !== 'proposed' && state !== 'countered') {
      throw fault('conflict', `"${stored.agreement.title}" is ${state}; only what is proposed can be answered`, {
        hint: 'To change what all have signed, draft a successor.',
      });
    }
    return this.show(await agreements.addDraft(answerTo(stored, changes)));
  }

  /** Every change of an agreement's state that is known here, in their order. */
  async history(name: string): Promise<AgreementChange[]> {
    return history(this.#context, await this.#context.agreements.get(name));
  }

  /** Deletes a draft, or what a partner has signed and this organisation has not. Throws `conflict` where it is signed here or used up. */
  async discard(hash: string): Promise<AgreementInfo> {
    const { home, agreements, log, database, holds } = this.#context;
    const stored = await agreements.get(hash);
    const { title } = stored.agreement;
    if (stored.signedBy.includes(home.card.id)) {
      throw fault('conflict', `"${title}" is signed here and stays`, {
        hint: 'It binds until its term ends, a successor that all sign replaces it, or a party revokes it: symbolon agreement revoke',
      });
    }
    // Nobody here knows whether it was signed in the part that was lost.
    if (stored.exhausted)
      throw fault('conflict', `"${title}" was known here before this store was recovered, and stays`);
    const info = await this.#info(stored);
    const remove = async (transaction: Transaction<DatabaseSchema>): Promise<void> => {
      const here = agreements.within(transaction);
      if ((await here.get(stored.hash)).signedBy.includes(home.card.id)) {
        throw fault('conflict', `"${title}" is signed here and stays`);
      }
      await holds.requireNone(transaction, datasetsOf(stored.agreement, home.card.id));
      await here.remove(stored.hash);
    };
    if (stored.signedBy.length === 0) await database.transaction().execute(remove);
    else await log.append({ kind: 'agreement-discarded', agreement: stored.hash, title }, remove);
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
      const partner = id === home.card.id ? home.card : home.partners.get(id);
      // Whoever cannot be reached fetches it: market/fetch.ts.
      if (id === home.card.id || partner.outbound === true) continue;
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
  receive(file: Uint8Array, by: string = this.#context.home.card.id): Promise<AgreementInfo> {
    return keepRefused(this.#context, 'agreement-refused', by, () => this.#receive(file, by));
  }

  async #receive(file: Uint8Array, by: string): Promise<AgreementInfo> {
    const { home, agreements, log } = this.#context;
    const document = parseDocument(file);
    const received = verifyAgreement(document);
    granted(authorizeAgreement(received, home, by));
    const before = await agreements.find(received.hash);
    const signs = ({ signedBy }: Pick<StoredAgreement, 'signedBy'>): boolean => signedBy.includes(home.card.id);
    if (before === undefined && by !== home.card.id) await this.#requireRoom(received.signedBy);
    // An own signature that comes from outside was given before this store was put back, and nobody here knows the runs since.
    const forgotten = log.epoch > 1 && signs(received) && !(before !== undefined && signs(before));
    const { hash, signedBy } = received;
    if (before === undefined || signedBy.some((id) => !before.signedBy.includes(id))) {
      const all = received.agreement.parties
        .map(({ id }) => id)
        .filter((id) => signedBy.includes(id) || before?.signedBy.includes(id));
      const event = { kind: 'agreement-received', agreement: hash, by, signedBy: all };
      await log.append(event, (transaction, index) =>
        agreements.within(transaction).keep(document, { logged: { epoch: log.epoch, index }, exhausted: forgotten }),
      );
      await this.#tellReplaced(received.agreement);
      await keepCheckpoint(this.#context);
    }
    return this.show(hash);
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

  /** What a new version replaces may have to stop. */
  async #tellReplaced({ predecessor, counters }: Agreement): Promise<void> {
    for (const hash of [predecessor, counters ?? null]) if (hash !== null) await this.#context.changes.tell(hash);
  }

  async #info(stored: StoredAgreement): Promise<AgreementInfo> {
    const { agreement, hash, signedBy, missing, addedAt, exhausted } = stored;
    const { home, agreements, runs, now } = this.#context;
    const own = (['a', 'b'] as const).find((side) => agreement.tables?.[side].party === home.card.id);
    const opened = await runs.opens(hash);
    const { state, notices, version } = await lifecycleOf(agreements, stored, now());
    return {
      hash,
      title: agreement.title,
      state,
      notices: notices.map(({ by, action, reason, at }) => ({ by, action, reason, at })),
      version,
      untold: await untold(this.#context, hash),
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
