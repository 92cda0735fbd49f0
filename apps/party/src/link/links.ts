import type { Card } from '@symbolon/agreement';
import { base64url, fault, fromBase64url, hashLabelled } from '@symbolon/crypto';
import { type Also, connectSocket, type FrameSocket, peerClient, type SocketOffer } from '@symbolon/service';
import { z } from 'zod';
import type { Asker, LinkGrant } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { asFault, forPeer } from '../run/faults.ts';
import type { Job, JobTask } from '../run/job.ts';
import type { Jobs } from '../run/jobs.ts';
import type { RunServer } from '../run/keys.ts';
import { Announced, type Announcement } from './announced.ts';
import { decide } from './decide.ts';
import { Door } from './door.ts';
import type { RunTable } from './input.ts';
import { type Acceptance, acceptanceSchema, type Proposal } from './messages.ts';
import { phase } from './progress.ts';
import { type Attempt, load, perform, readTable, seenOf } from './run.ts';
import type { RunInfo } from './runs.ts';

/** Where the initiator opens the line of frames; `attempt` names which one. */
export const framesPath = '/v1/links/frames';

/** The links of a server, begun here or by a peer. */
export class Links {
  readonly #context: PartyContext;
  readonly #server: RunServer;
  readonly #jobs: Jobs;
  readonly #doors = new Map<string, Door>();
  readonly #announced = new Announced();

  constructor(context: PartyContext, server: RunServer, jobs: Jobs) {
    this.#context = context;
    this.#server = server;
    this.#jobs = jobs;
  }

  /** Begins a link on behalf of a person. Throws `conflict` while another runs; everything else is the job's to say. @param also written with the job's number */
  async begin(
    agreement: string,
    asker: Pick<Asker, 'person' | 'purpose'> = {},
    also?: Also<number>,
  ): Promise<Job<RunInfo>> {
    const job = await this.#take({ ...asker, agreement, initiator: this.#context.home.card.id }, also);
    job.run(() => this.#initiate(job).finally(() => this.#jobs.release(job)));
    return job;
  }

  /** Runs at: the initiator. */
  async #initiate(job: Job<RunInfo>): Promise<RunInfo> {
    const context = this.#context;
    const { home, rng } = context;
    const { agreement, person, purpose } = job.task;
    const request = { agreement, by: home.card.id, person, purpose };
    const first = await decide(context, { ...request, rows: {} });
    const partner = home.partners.get(first.peer);
    const step = phase(job.report, 'propose');
    step(0);
    const client = peerClient({ home, partner });
    const half = rng(32);
    const { signal } = job;
    let table: RunTable;
    let accepted: Acceptance;
    try {
      const body: Announcement = { agreement };
      await client.call('POST', '/v1/links/announced', { body, answer: z.strictObject({}), signal });
      table = await load(context, this.#server, first, job);
      await decide(context, { ...request, rows: { [first.table]: table.input.rows } });
      step(0);
      const proposal: Proposal = {
        agreement,
        purpose: purpose ?? null,
        rows: table.input.rows,
        half: base64url(half),
        seen: await seenOf(context, first.peer),
      };
      accepted = await client.call('POST', '/v1/links', { body: proposal, answer: acceptanceSchema, signal });
    } finally {
      await client.close();
    }
    const rows =
      first.table === 'a' ? { a: table.input.rows, b: accepted.rows } : { a: accepted.rows, b: table.input.rows };
    const grant = await decide(context, { ...request, rows });
    const attempt = attemptId(half, fromBase64url(accepted.half));
    step(1);
    const open = (params: Readonly<Record<string, string>> = {}): Promise<FrameSocket> =>
      connectSocket(home, partner, framesPath, { attempt: base64url(attempt), ...params });
    return perform(context, this.#server, job, {
      grant,
      table,
      rows,
      attempt,
      seen: accepted.seen,
      connect: () => open(),
      lines: {
        role: 'initiator',
        open: (unit, again) => open({ unit: String(unit), try: String(again) }),
      },
    });
  }

  /**
   * Reads the own table for a peer that reads its own before it proposes; answers before it is read, and says nothing of it. Runs at: the
   * peer of the initiator.
   */
  async announce(peer: Card, { agreement }: Announcement): Promise<void> {
    try {
      const grant = await this.#probe(peer, agreement);
      this.#jobs.requireFree('exchange');
      this.#announced.hold(peer.id, agreement, () => readTable(this.#context, this.#server, grant));
    } catch (error) {
      throw await this.#told(peer, agreement, error);
    }
  }

  /**
   * Answers a peer's proposal by this party's own copy of the agreement; the attempt then waits for the peer's line. Runs at: the peer
   * of the initiator.
   */
  async accept(peer: Card, proposal: Proposal): Promise<Acceptance> {
    const context = this.#context;
    const { agreement, purpose } = proposal;
    const request = { agreement, by: peer.id, purpose: purpose ?? undefined };
    let job: Job<RunInfo> | undefined;
    try {
      const probe = await this.#probe(peer, agreement);
      const theirs = probe.table === 'a' ? 'b' : 'a';
      await decide(context, { ...request, rows: { [theirs]: proposal.rows } });
      const early = this.#announced.take(peer.id, agreement);
      const taken = await this.#take({ agreement, initiator: peer.id, purpose: request.purpose });
      job = taken;
      const table = await load(context, this.#server, probe, taken, early);
      const rows =
        theirs === 'a' ? { a: proposal.rows, b: table.input.rows } : { a: table.input.rows, b: proposal.rows };
      const grant = await decide(context, { ...request, rows });
      const half = context.rng(32);
      const attempt = attemptId(fromBase64url(proposal.half), half);
      const seen = await seenOf(context, peer.id);
      // From here on the peer may open the line.
      const door = new Door(peer.id, 2000 * context.home.config.connectSeconds, taken.signal);
      const name = base64url(attempt);
      this.#doors.set(name, door);
      const { main: line, lines } = door;
      const agreed: Attempt = { grant, table, rows, attempt, seen: proposal.seen, connect: () => line, lines };
      const ended = (): void => {
        this.#doors.delete(name);
        door.shut();
        this.#jobs.release(taken);
      };
      taken.run(() => perform(context, this.#server, taken, agreed).finally(ended));
      return { rows: table.input.rows, half: base64url(half), seen };
    } catch (error) {
      if (job !== undefined) this.#jobs.release(job);
      job?.run(() => Promise.reject(asFault(error)));
      throw await this.#told(peer, proposal.agreement, error);
    }
  }

  /** Before anything of the own table is read, or an own link is kept waiting, the peer must be one that this agreement names as the other side. */
  async #probe(peer: Card, agreement: string): Promise<LinkGrant> {
    const grant = await decide(this.#context, { agreement, by: peer.id, rows: {} });
    if (grant.peer !== peer.id) throw fault('agreement-party', `${peer.id} is not the other side of this agreement`);
    return grant;
  }

  /** What a peer is told of an error; where that is less than what happened, the log says it here. */
  async #told(peer: Card, agreement: string, error: unknown): Promise<Error> {
    const { home, log, logger } = this.#context;
    const named = asFault(error);
    const told = forPeer(named, home.card.id);
    if (told !== named) {
      logger.error({ agreement, by: peer.id, err: error }, 'could not take part in a link');
      await log.append({ kind: 'link-failed', agreement, by: peer.id, code: named.code });
    }
    return told;
  }

  /** Lets the initiator of an attempt open its line, and those of its sessions; each once. */
  admit({ peer, params }: SocketOffer): (socket: FrameSocket) => void {
    const door = this.#doors.get(params.get('attempt') ?? '');
    if (door === undefined || door.peer !== peer.id) {
      throw fault('session-unknown', 'no such attempt waits for a line here', { culprit: peer.id });
    }
    return door.admit(params);
  }

  async #take(task: JobTask, also?: Also<number>): Promise<Job<RunInfo>> {
    const job = await this.#jobs.take<RunInfo>(task, also);
    this.#announced.clear();
    return job;
  }
}

/** Both parties' halves, the initiator's first: fresh if either is. */
function attemptId(initiator: Uint8Array, peer: Uint8Array): Uint8Array {
  return hashLabelled('symbolon attempt', initiator, peer);
}
