import { type Notice, requireLink } from '@symbolon/agreement';
import { documentBytes, fault } from '@symbolon/crypto';
import { type Also, keepCheckpoint, type Person } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import type { TableDescription } from '../datasets/describe.ts';
import { type TuneParams, type TuneReport, tune } from '../tune/tune.ts';
import { waitingForPeople } from '../waiting.ts';
import { answerTo } from './answer.ts';
import { type CheckReport, check } from './check.ts';
import { requireComputable } from './computable.ts';
import { discard } from './discard.ts';
import { type DraftParams, draft } from './draft.ts';
import { type DraftStudiesParams, draftStudies } from './draft-studies.ts';
import { draftText } from './draft-text.ts';
import type { ExamplePair } from './examples.ts';
import { receive, send, tellReplaced } from './exchange.ts';
import { type AgreementChange, history } from './history.ts';
import { type AgreementInfo, agreementInfo } from './info.ts';
import { type Saying, say, take } from './notices.ts';
import { differences, preview, textProblems } from './preview.ts';
import { keepRefused } from './refused.ts';
import { type AgreementApproval, approvable, approve, sign, withdrawApproval } from './sign.ts';
import { lifecycleOf } from './state.ts';
import { type TryRow, tryRule } from './try-rule.ts';

/** What an organisation does with agreements. Every step that binds it has an entry in its log. `also` is written with the change itself. */
export class Agreements {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** Keeps a new draft, unsigned. */
  async draft(params: DraftParams, also?: Also<string>): Promise<AgreementInfo> {
    const { home, datasets, agreements } = this.#context;
    const agreement = await draft(params, await datasets.describe(params.dataset), home);
    return agreementInfo(this.#context, await agreements.get(await agreements.addDraft(agreement, also)));
  }

  /** Keeps a new draft of an agreement on studies, unsigned. */
  async draftStudies(params: DraftStudiesParams, also?: Also<string>): Promise<AgreementInfo> {
    const { home, agreements } = this.#context;
    const agreement = await draftStudies(params, home);
    return agreementInfo(this.#context, await agreements.get(await agreements.addDraft(agreement, also)));
  }

  /** Keeps a new draft, unsigned, of an agreement that somebody has written. */
  async draftText(source: string, format: 'yaml' | 'json', also?: Also<string>): Promise<AgreementInfo> {
    const { home, agreements } = this.#context;
    const agreement = await draftText(source, format, home);
    return agreementInfo(this.#context, await agreements.get(await agreements.addDraft(agreement, also)));
  }

  /** What the draft of a link would say, in words; nothing is kept. */
  async preview(params: DraftParams) {
    const { home, datasets } = this.#context;
    return preview(params, await datasets.describe(params.dataset), home);
  }

  /** {@link textProblems} */
  textProblems(source: string, format: 'yaml' | 'json') {
    return textProblems(source, format);
  }

  /** Who here has approved that it is signed, that its link is run, or that its alerts are told. */
  async approvals(name: string) {
    const { agreements, approvals } = this.#context;
    const { hash } = await agreements.get(name);
    const subjects = approvable.map((action) => ({ action, agreement: hash, name: '' }));
    return (await Promise.all(subjects.map((subject) => approvals.list(subject)))).flat();
  }

  /** {@link waitingForPeople} */
  waiting() {
    return waitingForPeople(this.#context);
  }

  /** {@link differences} */
  async differences(name: string) {
    const { agreements } = this.#context;
    return differences(this.#context, await agreements.get(name));
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
  async sign(name: string, person?: Person, also?: Also): Promise<AgreementInfo> {
    const stored = await this.#context.agreements.get(name);
    if (await sign(this.#context, stored, person, also)) {
      await tellReplaced(this.#context, stored.agreement);
      await keepCheckpoint(this.#context);
    }
    return this.show(stored.hash);
  }

  /** Approves that it is signed here, or that its link is run. @param person the owner of the folder, if absent */
  async approve(name: string, action: AgreementApproval, person?: Person, also?: Also): Promise<AgreementInfo> {
    const stored = await this.#context.agreements.get(name);
    await approve(this.#context, stored, action, person, also);
    return this.show(stored.hash);
  }

  /** Takes such approvals back. @param person the owner of the folder, if absent */
  async withdrawApproval(name: string, action: AgreementApproval, person?: Person): Promise<AgreementInfo> {
    const stored = await this.#context.agreements.get(name);
    await withdrawApproval(this.#context, stored, action, person);
    return this.show(stored.hash);
  }

  /** Puts an agreement to rest until this organisation resumes it. @param saying why, in words that all parties are told */
  async suspend(name: string, saying: Saying, also?: Also): Promise<AgreementInfo> {
    await say(this.#context, name, 'suspend', saying, also);
    return this.show(name);
  }

  /** Ends a suspension by this organisation. */
  async resume(name: string, saying: Saying, also?: Also): Promise<AgreementInfo> {
    await say(this.#context, name, 'resume', saying, also);
    return this.show(name);
  }

  /** Says that this organisation does not want it renewed: it ends with the term that runs then. */
  async lapse(name: string, saying: Saying, also?: Also): Promise<AgreementInfo> {
    await say(this.#context, name, 'lapse', saying, also);
    return this.show(name);
  }

  /** Ends an agreement for good. */
  async revoke(name: string, saying: Saying, also?: Also): Promise<AgreementInfo> {
    await say(this.#context, name, 'revoke', saying, also);
    return this.show(name);
  }

  /** Says that this organisation will not sign a proposal. */
  async decline(name: string, saying: Saying, also?: Also): Promise<AgreementInfo> {
    await say(this.#context, name, 'decline', saying, also);
    return this.show(name);
  }

  /** Takes what another party has said of an agreement: see {@link take}. @param by who brings it */
  heard(file: Uint8Array, by: string): Promise<Notice> {
    return keepRefused(this.#context, 'notice-refused', by, () => take(this.#context, file, by));
  }

  /**
   * Keeps a changed version of a proposal as a draft that answers it. Throws `agreement-invalid`, `study-…` or `rule-…` where it could not be computed.
   * @param changes a JSON merge patch (RFC 7396) of the proposal
   */
  async counter(name: string, changes: unknown, also?: Also<string>): Promise<AgreementInfo> {
    const { agreements, now } = this.#context;
    const stored = await agreements.get(name);
    const { state } = await lifecycleOf(agreements, stored, now());
    if (state !== 'proposed' && state !== 'countered') {
      throw fault('conflict', `"${stored.agreement.title}" is ${state}; only what is proposed can be answered`, {
        hint: 'To change what all have signed, draft a successor.',
      });
    }
    const answer = answerTo(stored, changes);
    await requireComputable(answer);
    return this.show(await agreements.addDraft(answer, also));
  }

  /** Every change of an agreement's state that is known here, in their order. */
  async history(name: string): Promise<AgreementChange[]> {
    return history(this.#context, await this.#context.agreements.get(name));
  }

  /** {@link discard} @returns what it was */
  async discard(hash: string): Promise<AgreementInfo> {
    const stored = await this.#context.agreements.get(hash);
    const info = await agreementInfo(this.#context, stored);
    await discard(this.#context, stored);
    return info;
  }

  /** {@link send} */
  async send(hash: string): Promise<void> {
    await send(this.#context, await this.#context.agreements.get(hash));
  }

  /** {@link receive}. @param by who sent it; this organisation itself for a file */
  async receive(file: Uint8Array, by: string = this.#context.home.card.id): Promise<AgreementInfo> {
    return this.show(await keepRefused(this.#context, 'agreement-refused', by, () => receive(this.#context, file, by)));
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
    return Promise.all((await this.#context.agreements.list()).map((stored) => agreementInfo(this.#context, stored)));
  }

  /** Throws `not-found`. */
  async show(hash: string): Promise<AgreementInfo> {
    return agreementInfo(this.#context, await this.#context.agreements.get(hash));
  }
}
