import type { SymbolonError } from '@symbolon/crypto';
import { peerClient } from '@symbolon/service';
import { z } from 'zod';
import type { PartyContext } from '../context.ts';
import { forPeer } from '../run/faults.ts';
import type { Job } from '../run/job.ts';
import type { Decided } from './decide.ts';
import { type Acceptance, acceptanceSchema, type Proposal, type Start, type Withdrawal } from './messages.ts';
import { phase } from './progress.ts';

const nothing = z.strictObject({});

/** What the initiator of an attempt says to all other parties, all at once, and what they answered. Runs at: the initiator. */
export class Invitation {
  /** By party; the initiator's own is added by itself. */
  readonly accepted = new Map<string, Acceptance>();
  readonly #context: PartyContext;
  readonly #job: Job;
  readonly #decided: Decided;

  constructor(context: PartyContext, job: Job, decided: Decided) {
    this.#context = context;
    this.#job = job;
    this.#decided = decided;
  }

  /** Asks all other parties; each reads its tables before it answers. @param link see `proposalSchema` */
  async propose(link: string | null): Promise<void> {
    const { grant, own } = this.#decided;
    const { purpose = null } = this.#job.task;
    const { hash: agreement, studyHash, study } = grant;
    const asked = own.asked ?? undefined;
    const body: Proposal = { agreement, study: study.name, studyHash, asked, purpose, link };
    const others = this.#others();
    const step = phase(this.#job.report, 'propose', others.length);
    step(0);
    await all(others, async (id) => {
      this.accepted.set(id, await this.#call(id, '/v1/studies', body, acceptanceSchema, this.#job.signal));
      step(this.accepted.size);
    });
  }

  /** Tells all others to start. */
  async start(what: Omit<Start, 'part'>): Promise<void> {
    await all(this.#others(), async (id) => {
      const body: Start = { part: this.accepted.get(id)!.part, ...what };
      await this.#call(id, '/v1/studies/start', body, nothing, this.#job.signal);
    });
  }

  /** Tells those who wait; a courtesy, as they do not wait forever. */
  async withdraw(why: SymbolonError): Promise<void> {
    const { id: own } = this.#context.home.card;
    const { code, message } = forPeer(why, own);
    const reason = `${code}: ${message}`.slice(0, 1000);
    const told = [...this.accepted].flatMap(([id, { part }]) => {
      const body: Withdrawal = { part, reason };
      return id === own ? [] : [this.#call(id, '/v1/studies/withdrawn', body, nothing)];
    });
    await Promise.allSettled(told);
  }

  #others(): string[] {
    return this.#decided.grant.parties.map(({ id }) => id).filter((id) => id !== this.#context.home.card.id);
  }

  async #call<Answer extends z.ZodType>(
    id: string,
    path: string,
    body: object,
    answer: Answer,
    signal?: AbortSignal,
  ): Promise<z.output<Answer>> {
    const { home } = this.#context;
    const client = peerClient({ home, partner: home.partners.get(id) });
    try {
      return await client.call('POST', path, { body, answer, ...(signal === undefined ? {} : { signal }) });
    } finally {
      await client.close();
    }
  }
}

/** Waits for all, then throws what the first of them failed with. */
async function all(parties: readonly string[], ask: (id: string) => Promise<void>): Promise<void> {
  for (const one of await Promise.allSettled(parties.map(ask))) if (one.status === 'rejected') throw one.reason;
}
