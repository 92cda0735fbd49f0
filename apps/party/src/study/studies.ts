import type { Card } from '@symbolon/agreement';
import {
  base64url,
  canonicalBytes,
  type ErrorCode,
  equalBytes,
  errorCodes,
  fault,
  SymbolonError,
} from '@symbolon/crypto';
import { type Also, connectSocket, type FrameSocket, type SocketOffer } from '@symbolon/service';
import type { Asker } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { asFault, cancelledBy, forPeer } from '../run/faults.ts';
import type { Job } from '../run/job.ts';
import type { Jobs } from '../run/jobs.ts';
import type { RunServer } from '../run/keys.ts';
import { allSizes, attemptId, commonLink, toldSizes } from './attempt.ts';
import { type Decided, decide } from './decide.ts';
import { Door } from './door.ts';
import type { Sealed } from './encrypted.ts';
import { Invitation } from './invitation.ts';
import { linkOf } from './linkage.ts';
import { dials, openMesh } from './mesh.ts';
import type { Acceptance, Proposal, Start, Withdrawal } from './messages.ts';
import { type Agreed, type Attempt, failed, perform, prepare, rowsByTable } from './run.ts';
import type { StudyRunInfo } from './runs.ts';

/** Where parties open their lines; `attempt` names which one. */
export const studyFramesPath = '/v1/studies/frames';

/** What this party has accepted and waits for. */
interface Pending {
  readonly initiator: string;
  readonly job: Job<StudyRunInfo>;
  readonly attempt: Attempt;
  readonly start: PromiseWithResolvers<Agreed>;
  /** The initiator has said to start, which it does once. */
  started: boolean;
  /** Why it ended, if it did before it was started. */
  ended: SymbolonError | undefined;
}

/** The studies of a server, begun here or by a partner. */
export class Studies {
  readonly #context: PartyContext;
  readonly #server: RunServer;
  readonly #jobs: Jobs;
  readonly #sealed: Sealed;
  /** By this party's part of the attempt's id. */
  readonly #pending = new Map<string, Pending>();
  /** By the attempt's id. */
  readonly #doors = new Map<string, Door>();

  /** @param sealed where this organisation's rows may be encrypted at a server */
  constructor(context: PartyContext, server: RunServer, jobs: Jobs, sealed: Sealed) {
    this.#context = context;
    this.#sealed = sealed;
    this.#server = server;
    this.#jobs = jobs;
  }

  /** Begins a study on behalf of a person. Throws `conflict` while anything else runs; everything else is the job's to say. @param also written with the job's number */
  async begin(
    agreement: string,
    study: string,
    asker: Pick<Asker, 'person' | 'purpose'> = {},
    also?: Also<number>,
  ): Promise<Job<StudyRunInfo>> {
    const { id } = this.#context.home.card;
    const job = await this.#jobs.take<StudyRunInfo>({ ...asker, agreement, study, initiator: id }, also);
    job.run(() => this.#initiate(job, study).finally(() => this.#jobs.release(job)));
    return job;
  }

  /** Runs at: the initiator. */
  async #initiate(job: Job<StudyRunInfo>, study: string): Promise<StudyRunInfo> {
    const context = this.#context;
    const { home, rng } = context;
    const { agreement, person, purpose } = job.task;
    const request = { agreement, study, by: home.card.id, person, purpose };
    const decided = await decide(context, { ...request, rows: {} });
    const link = await linkOf(context, decided.grant, decided.own.rows, null);
    const ownPart = rng(32);
    const invitation = new Invitation(context, job, decided);
    const { accepted } = invitation;
    const preparing = prepare(context, job, decided, { part: ownPart, link, sealed: this.#sealed });
    let agreed: Agreed;
    try {
      const asked = await Promise.allSettled([preparing, invitation.propose(link)]);
      for (const one of asked) if (one.status === 'rejected') throw one.reason;
      const attempt = await preparing;
      accepted.set(home.card.id, { part: base64url(ownPart), sizes: toldSizes(attempt.tables.sizes), link });
      const parts = Object.fromEntries([...accepted].map(([id, { part }]) => [id, part]));
      const told = Object.fromEntries([...accepted].map(([id, { sizes }]) => [id, sizes]));
      const sizes = allSizes(decided, told);
      const common = commonLink([...accepted.values()].map((one) => one.link));
      await decide(context, { ...request, rows: rowsByTable(decided.own.rows.tables, sizes) });
      await invitation.start({ parts, sizes: told, link: common });
      const id = attemptId(decided.grant.parties, parts, common);
      agreed = { sizes, link: common, attempt: id, connect: () => this.#connect(decided, home.card.id, id) };
    } catch (error) {
      const named = asFault(job.signal.aborted ? job.signal.reason : error);
      await invitation.withdraw(named);
      const attempt = await preparing.catch(() => undefined);
      throw attempt === undefined ? named : await failed(context, attempt, named);
    }
    return perform(context, this.#server, job, await preparing, agreed);
  }

  /**
   * Answers a proposal by this party's own copy of the agreement: reads its tables, then waits for the start. Runs at: all but the initiator.
   */
  async accept(peer: Card, proposal: Proposal): Promise<Acceptance> {
    const context = this.#context;
    const { agreement, study } = proposal;
    const purpose = proposal.purpose ?? undefined;
    try {
      const decided = await this.#decideAsked(peer, proposal);
      const link = await linkOf(context, decided.grant, decided.own.rows, proposal.link);
      const job = await this.#jobs.take<StudyRunInfo>({ agreement, study, initiator: peer.id, purpose });
      const part = context.rng(32);
      let attempt: Attempt;
      try {
        attempt = await prepare(context, job, decided, { part, link, sealed: this.#sealed });
      } catch (error) {
        this.#jobs.release(job);
        job.run(() => Promise.reject(error));
        throw error;
      }
      this.#follow(base64url(part), { initiator: peer.id, job, attempt });
      return { part: base64url(part), sizes: toldSizes(attempt.tables.sizes), link };
    } catch (error) {
      throw await this.#told(peer, proposal, error);
    }
  }

  /** Decides on a proposal. A study that the agreement allows and does not list is kept, so that people here can look at it and approve it. */
  async #decideAsked(peer: Card, { agreement, study, studyHash, asked, purpose }: Proposal): Promise<Decided> {
    const context = this.#context;
    const keep = async (): Promise<void> => {
      if (asked !== undefined) await context.asked.keep({ agreement, name: study, asked, by: peer.id, person: null });
    };
    const request = { agreement, study, studyHash, by: peer.id, purpose: purpose ?? undefined, rows: {} };
    try {
      const decided = await decide(context, request, asked);
      await keep();
      return decided;
    } catch (error) {
      if (error instanceof SymbolonError && error.code === 'unapproved') await keep();
      throw error;
    }
  }

  /** Waits for the start, then runs. */
  #follow(part: string, accepted: Pick<Pending, 'initiator' | 'job' | 'attempt'>): void {
    const { initiator, job, attempt } = accepted;
    const pending: Pending = { ...accepted, start: Promise.withResolvers(), started: false, ended: undefined };
    // Of those that ended the newest is kept, to say why to whoever starts it late.
    for (const [old, { ended }] of this.#pending) if (ended !== undefined) this.#pending.delete(old);
    this.#pending.set(part, pending);
    const { start } = pending;
    const milliseconds = 1000 * this.#context.home.config.peerSeconds;
    const silent = fault('peer-silent', `${initiator} proposed a study and did not start it`, { culprit: initiator });
    const timer = setTimeout(() => start.reject(silent), milliseconds);
    job.signal.addEventListener('abort', () => start.reject(job.signal.reason), { once: true });
    job.run(async () => {
      try {
        const agreed = await start.promise.catch(async (error: unknown) => {
          pending.ended = await failed(this.#context, attempt, error);
          throw pending.ended;
        });
        clearTimeout(timer);
        return await perform(this.#context, this.#server, job, attempt, agreed);
      } finally {
        clearTimeout(timer);
        if (pending.ended === undefined) this.#pending.delete(part);
        this.#jobs.release(job);
      }
    });
  }

  /** All parties take part: holds what the initiator says of them against the own agreement, and waits for their lines. */
  async start(peer: Card, { part, parts, sizes: told, link }: Start): Promise<void> {
    const pending = this.#due(peer, part);
    if (pending.started) throw fault('frame-order', 'this attempt has been started before', { culprit: peer.id });
    pending.started = true;
    const { attempt, job } = pending;
    const { grant, own } = attempt;
    try {
      const ids = grant.parties.map(({ id }) => id);
      const { id: self } = this.#context.home.card;
      const complete = Object.keys(parts).length === ids.length && ids.every((id) => Object.hasOwn(parts, id));
      const honest = equalBytes(canonicalBytes(told[self] ?? {}), canonicalBytes(toldSizes(attempt.tables.sizes)));
      const linked = attempt.link === null || attempt.link === link;
      if (!complete || parts[self] !== part || !honest || !linked) {
        throw fault('peer-disagrees', `${peer.id} starts another attempt than ${self} accepted`, { culprit: peer.id });
      }
      const sizes = allSizes(attempt, told);
      const { agreement, purpose } = job.task;
      const rows = rowsByTable(own.rows.tables, sizes);
      await decide(this.#context, { agreement, study: grant.study.name, by: peer.id, purpose, rows });
      const id = attemptId(grant.parties, parts, link);
      const connect = this.#waitForLines(attempt, peer.id, id, job);
      pending.start.resolve({ sizes, link, attempt: id, connect });
    } catch (error) {
      pending.start.reject(error);
      throw await this.#told(peer, { agreement: grant.hash, study: grant.study.name }, error);
    }
  }

  /** The initiator will not start what was accepted, or another party could not. */
  withdrawn(peer: Card, { part, reason }: Withdrawal): void {
    const { job } = this.#due(peer, part);
    const [, code, message] = /^([a-z-]+): (.*)$/s.exec(reason) ?? [];
    const known = code !== undefined && Object.hasOwn(errorCodes, code);
    const cause = known ? fault(code as ErrorCode, message!, { culprit: peer.id }) : undefined;
    const words = reason.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
    job.cancel(
      code === 'cancelled'
        ? cancelledBy(peer.id)
        : fault('peer-gone', `${peer.id} withdrew the study: ${words}`, { culprit: peer.id, cause }),
    );
  }

  /** Lets the parties of an attempt open their lines, each once. */
  admit({ peer, params }: SocketOffer): (socket: FrameSocket) => void {
    const door = this.#doors.get(params.get('attempt') ?? '');
    if (door === undefined) {
      throw fault('session-unknown', 'no such attempt waits for a line here', { culprit: peer.id });
    }
    return door.admit(peer.id);
  }

  #due(peer: Card, part: string): Pending {
    const pending = this.#pending.get(part);
    if (pending === undefined || pending.initiator !== peer.id) {
      throw fault('session-unknown', 'no such attempt waits here', { culprit: peer.id });
    }
    if (pending.ended !== undefined) throw forPeer(pending.ended, this.#context.home.card.id);
    return pending;
  }

  /** From here on others may open lines. */
  #waitForLines(
    decided: Decided,
    initiator: string,
    attempt: Uint8Array,
    job: Job<StudyRunInfo>,
  ): () => ReturnType<Agreed['connect']> {
    const { grant } = decided;
    const { connectSeconds } = this.#context.home.config;
    const ids = grant.parties.map(({ id }) => id);
    const place = { index: grant.index, initiator: ids.indexOf(initiator) };
    const callers = ids.filter((_, other) => other !== grant.index && !dials(place, other));
    const name = base64url(attempt);
    const door = new Door(callers, 3000 * connectSeconds, job.signal);
    this.#doors.set(name, door);
    return () =>
      this.#connect(decided, initiator, attempt, door).finally(() => {
        this.#doors.delete(name);
      });
  }

  #connect({ grant }: Decided, initiator: string, attempt: Uint8Array, door?: Door): ReturnType<Agreed['connect']> {
    const { home } = this.#context;
    const parties = grant.parties.map(({ id }) => id);
    return openMesh({
      parties,
      index: grant.index,
      initiator: parties.indexOf(initiator),
      dial: (id) => connectSocket(home, home.partners.get(id), studyFramesPath, { attempt: base64url(attempt) }),
      wait: (id) => door!.line(id),
    });
  }

  /** What a peer is told of an error; where that is less than what happened, the log says it here. */
  async #told(peer: Card, about: { agreement: string; study: string }, error: unknown): Promise<Error> {
    const { home, log, logger } = this.#context;
    const { agreement, study } = about;
    const named = asFault(error);
    const told = forPeer(named, home.card.id);
    if (told !== named) {
      logger.error({ agreement, study, by: peer.id, err: error }, 'could not take part in a study');
      await log.append({ kind: 'study-failed', agreement, study, by: peer.id, code: named.code });
    }
    return told;
  }
}
