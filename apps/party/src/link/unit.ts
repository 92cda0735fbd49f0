import { base64url, equalBytes, fault, fromBase64url, type Rng, type SymbolonError, verify } from '@symbolon/crypto';
import { type InputOf, type LinkProgram, linkCost, type ResultOf } from '@symbolon/linkage';
import { dataToSign, type FrameSocket, type Home, type ServerLog } from '@symbolon/service';
import type { Threads } from '@symbolon/service/threads';
import type { LinkGrant } from '../authorize.ts';
import { ComputedSession } from './compute/computed.ts';
import { asFault, forPeer } from './faults.ts';
import type { OpenSession, SessionKeys } from './keys.ts';
import { Line } from './line.ts';
import { decodeMessage, encodeMessage, readySchema } from './messages.ts';

/** What every session of a run needs of the rest of the server. */
export interface UnitServer {
  readonly grant: LinkGrant;
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
export interface UnitOrder<Program extends LinkProgram> {
  readonly program: Program;
  /** 32 bytes, of this try alone. */
  readonly attempt: Uint8Array;
  readonly socket: FrameSocket;
  readonly signal: AbortSignal;
  /** Made when the keys are there; given away. */
  input(): Promise<InputOf<Program>> | InputOf<Program>;
  /** Before this party signs the masked data: holds that the agreement still allows it. */
  allowed(): Promise<void>;
  /** Opens the session, and lets the next one be opened. */
  opening<Result>(open: () => Promise<Result>): Promise<Result>;
  readonly report: UnitReport;
}

/** What a session came to. */
export interface UnitResult<Program extends LinkProgram> {
  readonly result: ResultOf<Program>;
  /** Its id, in base64url. */
  readonly session: string;
  /** Hash of all its frames, equal at both sides. */
  readonly transcript: Uint8Array;
  readonly bytes: { readonly sent: number; readonly received: number; readonly answerKey: number };
}

/**
 * One session, on a line of its own: fresh keys, fresh random starts. Nothing of it can be resumed. Whatever happens, all secrets in this
 * process's reach are overwritten before it returns or throws; where it throws, the line is closed.
 *
 * Runs at: both parties. Learns: what the program opens.
 */
export async function runUnit<Program extends LinkProgram>(
  server: UnitServer,
  order: UnitOrder<Program>,
): Promise<UnitResult<Program>> {
  const { grant, threads, rng } = server;
  const { program, socket, signal, report } = order;
  const { index } = grant;
  const line = new Line(socket, index);
  let keys: SessionKeys | undefined;
  let computed: ComputedSession<Program> | undefined;
  let completed = false;
  const told = (error: unknown): SymbolonError => forPeer(asFault(error), server.home.card.id);
  const abort = (): void => {
    void socket.close(told(signal.reason));
    computed?.end();
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    report('keys', 0);
    keys = await order.opening(() => openTogether(server, order, line));
    await server.burn(base64url(keys.session));
    const secrets = await keys.secrets();
    computed = await ComputedSession.open(threads, { program, index, peer: line.peer, secrets }, line.channel);
    report('keys', 1);
    report('exchange', 0);
    const dataHash = await computed.exchange(await order.input(), rng(32));
    report('exchange', 1);
    const signatures = await coSign(server, order, line, keys.session, dataHash);
    const { answerKeyTo, answerKeyBytes } = linkCost(program);
    const bytes = index === answerKeyTo ? answerKeyBytes : 0;
    const answerKey = index === answerKeyTo ? keys.answerKey(dataHash, signatures, bytes) : undefined;
    report('evaluate', 0);
    const { result, sent, received, transcript } = await computed.evaluate(answerKey, (share) => {
      if (share < 1) report('evaluate', share);
    });
    report('evaluate', 1);
    completed = true;
    return {
      result,
      session: base64url(keys.session),
      transcript: line.transcript(transcript),
      bytes: { sent, received, answerKey: bytes },
    };
  } catch (error) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    void socket.close(told(cause));
    throw cause;
  } finally {
    signal.removeEventListener('abort', abort);
    computed?.end();
    keys?.end(completed);
  }
}

/** Both ask the key service; when either cannot, both stop waiting. */
async function openTogether(
  { grant, openSession }: UnitServer,
  order: UnitOrder<LinkProgram>,
  line: Line,
): Promise<SessionKeys> {
  const { program, attempt } = order;
  const stop = new AbortController();
  const signal = AbortSignal.any([order.signal, stop.signal]);
  let keys: SessionKeys | undefined;
  const own = openSession({ grant, program, attempt, signal }).then(async (opened) => {
    keys = opened;
    await line.send(encodeMessage({ kind: 'ready', session: base64url(opened.session) }));
    return opened;
  });
  const theirs = line.receive().then((frame) => decodeMessage(readySchema, frame, line.peer));
  try {
    const [opened, ready] = await Promise.all([own, theirs]);
    if (ready.session !== base64url(opened.session)) {
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

/** Both sign the hash of the masked data; each holds the other's signature against its own hash. */
async function coSign(
  { grant, home, log }: UnitServer,
  { allowed }: UnitOrder<LinkProgram>,
  line: Line,
  session: Uint8Array,
  dataHash: Uint8Array,
): Promise<readonly [Uint8Array, Uint8Array]> {
  const signed = dataToSign(session, dataHash);
  await allowed();
  const own = home.signingKey.sign(signed);
  await log.append({
    kind: 'data-signed',
    agreement: grant.hash,
    session: base64url(session),
    data: base64url(dataHash),
  });
  await line.send(own);
  const theirs = await line.receive(64);
  const { signingKey } = grant.agreement.parties.find(({ id }) => id === grant.peer)!;
  if (equalBytes(own, theirs) || !verify(fromBase64url(signingKey), signed, theirs)) {
    throw fault('hash-mismatch', `${grant.peer} did not sign the masked data that this party holds`, {
      culprit: grant.peer,
    });
  }
  return grant.index === 0 ? [own, theirs] : [theirs, own];
}
