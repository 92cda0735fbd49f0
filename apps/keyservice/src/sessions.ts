import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import {
  type AnswerRequest,
  ByteStream,
  encodeOpenAnswer,
  isDuplicate,
  keepCheckpoint,
  type OpenRequest,
  programCost,
  Quota,
  SecretBytes,
  showLog,
  witnessCheckpoint,
} from '@symbolon/service';
import {
  authorizeAnswer,
  authorizeMember,
  authorizeOpen,
  authorizePads,
  authorizeProgram,
  type Refusal,
} from './authorize.ts';
import type { Context } from './context.ts';
import { Session } from './session.ts';
import { WaitingRoom } from './waiting-room.ts';

/**
 * The sessions of a key service. What is secret is in memory only, so a restart ends every session; what was issued and released is
 * in the database before anybody is told.
 */
export class Sessions {
  readonly #context: Context;
  readonly #room: WaitingRoom<Session>;
  readonly #quota: Quota;
  readonly #open = new Map<string, { session: Session; timer: NodeJS.Timeout }>();

  constructor(context: Context) {
    const { settings, now } = context;
    this.#context = context;
    this.#room = new WaitingRoom(settings.waitSeconds, (requests) => this.#issue(requests));
    this.#quota = new Quota(settings.maxRequestsPerMinute, now);
  }

  /** Sessions whose secrets are in memory, and attempts in which a party waits for others. */
  get counts(): { open: number; waiting: number } {
    return { open: this.#open.size, waiting: this.#room.size };
  }

  /** PROTOCOLS §1 steps 1 and 2: waits for the other parties, then gives the caller its seeds. */
  open(request: OpenRequest, caller: Card, signal: AbortSignal): Promise<SecretBytes> {
    return this.#answering('open', caller, undefined, async () => {
      const context = this.#context;
      const { home } = context;
      const { index } = granted(authorizeOpen(request, caller, (id) => home.partners.find(id)));
      const { from, proof } = request.consistency;
      const shown = { note: request.checkpoint, from, proof: proof.map(fromBase64url) };
      await witnessCheckpoint(context, caller, shown);
      // A key service whose database was put back issues nothing to whoever knows better.
      showLog(context, request.seen, caller.id);
      // Right before the room is entered: nobody else may take the last place in between.
      this.#requireRoom(request, caller);
      const session = await this.#room.enter(request, index, signal);
      if (session.wiped) throw fault('session-expired', 'the session was closed at once', { culprit: caller.id });
      const log = showLog(context, request.seen, caller.id);
      return new SecretBytes(encodeOpenAnswer({ ...session.answerFor(index), log }));
    });
  }

  /** The caller's full-length input pads, once. */
  pads(name: string, caller: Card): Promise<ByteStream> {
    return this.#answering('pads', caller, name, async () => {
      const session = await this.#find(name, caller);
      const { index } = granted(authorizePads(session, caller));
      session.padsAsked.add(index);
      const bytes = session.makePads(index, this.#context.rng, () => this.#progress(session));
      return new ByteStream(bytes, session.cost.padBytes[index]!);
    });
  }

  /** PROTOCOLS §1 step 4: the corrections for one party, against all signatures, once. The release is durable before the first byte. */
  answer(name: string, caller: Card, request: AnswerRequest): Promise<ByteStream> {
    return this.#answering('answer', caller, name, async () => {
      const session = await this.#find(name, caller);
      granted(authorizeAnswer(session, caller, request));
      session.released = true;
      try {
        await this.#recordRelease(session, request.dataHash);
      } catch (error) {
        this.#forget(session);
        throw error;
      }
      return new ByteStream(this.#corrections(session), session.cost.answerKeyBytes);
    });
  }

  /** A party says that the session will not go on. */
  abort(name: string, caller: Card): Promise<void> {
    return this.#answering('abort', caller, name, async () => {
      const session = await this.#find(name, caller);
      this.#forget(session);
      await this.#context.log.append({ kind: 'session-aborted', session: name, by: caller.id });
    });
  }

  /** Wipes everything. */
  close(): void {
    this.#room.close();
    for (const { session } of [...this.#open.values()]) this.#forget(session);
  }

  async #issue(requests: readonly OpenRequest[]): Promise<Session> {
    const { settings, log, rng, now, threads } = this.#context;
    const [request] = requests as [OpenRequest];
    const cost = programCost(request.program);
    this.#requirePadMemory(request, cost.padBytes);
    granted(authorizeProgram(request, cost, settings));
    const session = new Session({ request, nonces: requests.map(({ nonce }) => nonce), cost, rng });
    const { agreement, programHash, attempt, pads } = request;
    const parties = request.parties.map(({ id }) => id);
    const at = now().toISOString();
    try {
      const row = {
        id: session.name,
        agreement,
        program: programHash,
        attempt,
        parties: JSON.stringify(parties),
        issued_at: at,
        data_hash: null,
        released_at: null,
      };
      await log.append(
        { kind: 'session-issued', session: session.name, agreement, program: programHash, parties, pads, at },
        async (transaction) => void (await transaction.insertInto('issued_session').values(row).execute()),
      );
      await keepCheckpoint(this.#context);
    } catch (error) {
      session.wipe();
      if (isDuplicate(error)) throw fault('session-burned', 'this attempt has had its session');
      throw error;
    }
    this.#open.set(session.name, { session, timer: this.#expire(session) });
    threads.ready();
    return session;
  }

  async #recordRelease({ name }: Session, dataHash: string): Promise<void> {
    const { log, now } = this.#context;
    const at = now().toISOString();
    await log.append({ kind: 'answer-released', session: name, data: dataHash, at }, async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('issued_session')
        .set({ data_hash: dataHash, released_at: at })
        .where('id', '=', name)
        .where('released_at', 'is', null)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows !== 1n) throw fault('session-burned', 'the answer key was released before');
    });
  }

  async *#corrections(session: Session): AsyncGenerator<Uint8Array> {
    try {
      yield* session.corrections(this.#context.threads, () => this.#progress(session));
    } finally {
      this.#forget(session);
    }
  }

  #requireRoom({ attempt }: OpenRequest, caller: Card): void {
    if (this.#room.has(attempt)) return;
    const { maxSessions, maxSessionsPerPartner } = this.#context.settings;
    const of = ({ session }: { session: Session }) => 'index' in authorizeMember(session, caller);
    const own = [...this.#open.values()].filter(of).length + this.#room.countOf(caller.organisationKey);
    if (own >= maxSessionsPerPartner) {
      throw fault('keyservice-refused', `${caller.id} has ${own} sessions open`, { culprit: caller.id });
    }
    if (this.#open.size + this.#room.size >= maxSessions) {
      throw fault('keyservice-refused', 'too many sessions are open; try again later', { culprit: caller.id });
    }
  }

  /** Full-length pads stay in memory until the answer key is out, those of all sessions together. */
  #requirePadMemory({ pads, parties }: OpenRequest, inputBytes: readonly number[]): void {
    if (pads !== 'full') return;
    const held = [...this.#open.values()].filter(({ session }) => session.pads === 'full');
    const wanted = [inputBytes, ...held.map(({ session }) => session.cost.padBytes)].flat();
    const bytes = wanted.reduce((sum, one) => sum + one, 0);
    if (bytes <= this.#context.settings.maxPadBytes || held.length === 0) return;
    throw fault(
      'keyservice-refused',
      `the full-length pads of all sessions would have ${bytes} bytes; try again later`,
      {
        culprit: parties[0]!.id,
      },
    );
  }

  async #find(name: string, caller: Card): Promise<Session> {
    const session = this.#open.get(name)?.session;
    if (session !== undefined) {
      granted(authorizeMember(session, caller));
      return session;
    }
    const row = await this.#context.database
      .selectFrom('issued_session')
      .select(['parties', 'released_at'])
      .where('id', '=', name)
      .executeTakeFirst();
    const own = row !== undefined && (JSON.parse(row.parties) as string[]).includes(caller.id);
    if (!own) throw fault('session-unknown', 'no such session is open', { culprit: caller.id });
    if (row.released_at !== null) {
      throw fault('session-burned', 'the answer key was released before', { culprit: caller.id });
    }
    throw fault(
      'session-expired',
      'the session was closed: its time was up, it was aborted, or the key service restarted',
      {
        culprit: caller.id,
      },
    );
  }

  #expire(session: Session): NodeJS.Timeout {
    const timer = setTimeout(() => this.#forget(session), this.#context.settings.sessionSeconds * 1000);
    return timer.unref();
  }

  #progress(session: Session): void {
    const entry = this.#open.get(session.name);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    entry.timer = this.#expire(session);
  }

  #forget(session: Session): void {
    clearTimeout(this.#open.get(session.name)?.timer);
    this.#open.delete(session.name);
    session.wipe();
  }

  /** Counts the request, and puts a refusal into the log. */
  async #answering<T>(request: string, caller: Card, session: string | undefined, task: () => Promise<T>): Promise<T> {
    if (!this.#quota.take(caller.organisationKey)) {
      throw fault('keyservice-refused', `${caller.id} asks too often; try again in a minute`, { culprit: caller.id });
    }
    try {
      return await task();
    } catch (error) {
      // A conflict is a race that the caller settles by asking again.
      if (error instanceof SymbolonError && error.code !== 'conflict') {
        const { code, culprit = caller.id } = error;
        await this.#context.log.append({
          kind: 'refused',
          request,
          by: caller.id,
          code,
          culprit,
          session: session ?? null,
        });
      }
      throw error;
    }
  }
}

function granted<Grant extends object>(decision: Grant | Refusal): Grant {
  if ('refused' in decision) throw fault(decision.refused, decision.reason, { culprit: decision.culprit });
  return decision;
}
