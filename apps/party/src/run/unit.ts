import { base64url, equalBytes, fault, fromBase64url, type Rng, type SymbolonError, verify } from '@symbolon/crypto';
import {
  type DatabaseSchema,
  dataToSign,
  type Home,
  type Program,
  programCost,
  type ServerLog,
} from '@symbolon/service';
import type { Threads } from '@symbolon/service/threads';
import type { Transaction } from 'kysely';
import type { SessionGrant } from '../authorize.ts';
import { ComputedSession } from './compute/computed.ts';
import type { SessionInput, SessionResult } from './compute/sessions.ts';
import { asFault, forPeer } from './faults.ts';
import type { OpenSession, SessionKeys } from './keys.ts';
import type { Line } from './line.ts';
import { decodeMessage, encodeMessage, type Ready, readySchema } from './messages.ts';

/** What every session of a run needs of the rest of the server. */
export interface UnitServer {
  readonly grant: SessionGrant;
  readonly home: Pick<Home, 'signingKey' | 'card'>;
  readonly log: Pick<ServerLog, 'append'>;
  readonly threads: Threads;
  readonly rng: Rng;
  readonly openSession: OpenSession;
  /** Records the session as burned; when it resolves that survives power loss. */
  burn(session: string): Promise<void>;
}

/** A step of a session, and how much of it is done. */
export type UnitReport = (step: 'keys' | 'exchange' | 'evaluate', share: number) => void;

/** One session of a run. */
export interface UnitOrder<Of extends Program> {
  readonly program: Of;
  /** 32 bytes, of this try alone. */
  readonly attempt: Uint8Array;
  /** To each of the other parties, by place. */
  readonly lines: ReadonlyMap<number, Line>;
  readonly signal: AbortSignal;
  /** Ends the lines, and says why. */
  hangUp(why: SymbolonError): void;
  /** How long the others may take to begin, in milliseconds, if not as long as for any frame. */
  readonly patience?: number | undefined;
  /** Made when the keys are there; given away. */
  input(): Promise<SessionInput<Of>> | SessionInput<Of>;
  /** Before this party signs the masked data: holds that the agreement still allows it. */
  allowed(): Promise<void>;
  /** In one transaction with the entry that this party signs: holds that nobody has stopped the agreement, and records what the signature brings. */
  signing(transaction: Transaction<DatabaseSchema>): Promise<void>;
  /**
   * After all have signed, before this party does anything with the answer key: holds that nobody has stopped the agreement meanwhile, durably
   * where the session opens the result.
   */
  releasing(session: string): Promise<void>;
  /** Opens the session, and lets the next one be opened. */
  opening<Result>(open: () => Promise<Result>): Promise<Result>;
  readonly report: UnitReport;
}

/** What a session came to. */
export interface UnitResult<Of extends Program> {
  readonly result: SessionResult<Of>;
  /** Its id, in base64url. */
  readonly session: string;
  /** With each peer, the hashes of its frames: those of the lower place to the higher, and back. */
  readonly frames: ReadonlyMap<number, readonly [Uint8Array, Uint8Array]>;
  readonly bytes: { readonly sent: number; readonly received: number; readonly answerKey: number };
}

/**
 * One session: fresh keys, fresh random starts. Nothing of it can be resumed. Whatever happens, all secrets in this process's reach are
 * overwritten before it returns or throws; where it throws, the lines are closed.
 *
 * Runs at: all parties. Learns: what the program opens.
 */
export async function runUnit<Of extends Program>(server: UnitServer, order: UnitOrder<Of>): Promise<UnitResult<Of>> {
  const { grant, threads, rng } = server;
  const { program, lines, signal, report } = order;
  const { index } = grant;
  let keys: SessionKeys | undefined;
  let computed: ComputedSession<Of> | undefined;
  let completed = false;
  const told = (error: unknown): SymbolonError => forPeer(asFault(error), server.home.card.id);
  const abort = (): void => {
    order.hangUp(told(signal.reason));
    computed?.end();
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    report('keys', 0);
    keys = await order.opening(() => openTogether(server, order));
    await server.burn(base64url(keys.session));
    const secrets = await keys.secrets();
    const names = grant.parties.map(({ id }) => id);
    const channel = {
      send: (to: number, frame: Uint8Array) => lines.get(to)!.channel.send(to, frame),
      receive: (from: number) => lines.get(from)!.channel.receive(from),
    };
    computed = await ComputedSession.open(threads, { program, index, names, secrets }, channel);
    report('keys', 1);
    report('exchange', 0);
    const dataHash = await computed.exchange(await order.input(), rng(32));
    report('exchange', 1);
    const signatures = await coSign(server, order, keys.session, dataHash);
    await order.releasing(base64url(keys.session));
    signal.throwIfAborted();
    const { answerKeyTo, answerKeyBytes } = programCost(program);
    const bytes = index === answerKeyTo ? answerKeyBytes : 0;
    const answerKey = index === answerKeyTo ? keys.answerKey(dataHash, signatures, bytes) : undefined;
    report('evaluate', 0);
    const { result, sent, received, frames } = await computed.evaluate(answerKey, (share) => {
      if (share < 1) report('evaluate', share);
    });
    report('evaluate', 1);
    completed = true;
    return { result, session: base64url(keys.session), frames, bytes: { sent, received, answerKey: bytes } };
  } catch (error) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    order.hangUp(told(cause));
    throw cause;
  } finally {
    signal.removeEventListener('abort', abort);
    computed?.end();
    keys?.end(completed);
  }
}

/** All ask the key service; when one cannot, all stop waiting. */
async function openTogether({ grant, openSession }: UnitServer, order: UnitOrder<Program>): Promise<SessionKeys> {
  const { program, attempt, patience } = order;
  const lines = [...order.lines.values()];
  const stop = new AbortController();
  const signal = AbortSignal.any([order.signal, stop.signal]);
  let keys: SessionKeys | undefined;
  const own = openSession({ grant, program, attempt, signal }).then(async (opened) => {
    keys = opened;
    const ready: Ready = { kind: 'ready', session: base64url(opened.session) };
    await Promise.all(lines.map((line) => line.send(encodeMessage(ready))));
    return opened;
  });
  const theirs = lines.map(async (line) => {
    const frame = await line.receive(undefined, patience);
    return { line, ready: decodeMessage(readySchema, frame, line.peer) };
  });
  try {
    const [opened, ...told] = await Promise.all([own, ...theirs]);
    for (const { line, ready } of told) {
      if (ready.session === base64url(opened.session)) continue;
      throw fault('peer-disagrees', `${line.peer} holds keys of another session`, { culprit: line.peer });
    }
    return opened;
  } catch (error) {
    stop.abort();
    await Promise.allSettled([own]);
    keys?.end(false);
    throw error;
  }
}

/** All sign the hash of the masked data; each holds the others' signatures against its own hash. @returns signatures of p0 … pN−1 */
async function coSign(
  { grant, home, log }: UnitServer,
  { allowed, signing, lines }: UnitOrder<Program>,
  session: Uint8Array,
  dataHash: Uint8Array,
): Promise<readonly Uint8Array[]> {
  const signed = dataToSign(session, dataHash);
  await allowed();
  const own = home.signingKey.sign(signed);
  const event = { kind: 'data-signed', agreement: grant.hash, session: base64url(session), data: base64url(dataHash) };
  await log.append(event, signing);
  await Promise.all([...lines.values()].map((line) => line.send(own)));
  return Promise.all(
    grant.parties.map(async ({ id, signingKey }, party) => {
      if (party === grant.index) return own;
      const theirs = await lines.get(party)!.receive(64);
      if (equalBytes(own, theirs) || !verify(fromBase64url(signingKey), signed, theirs)) {
        throw fault('hash-mismatch', `${id} did not sign the masked data that this party holds`, { culprit: id });
      }
      return theirs;
    }),
  );
}
