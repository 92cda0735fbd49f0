import { setImmediate } from 'node:timers/promises';
import { base64url, equalBytes, fault, fromBase64url, type Rng, verify } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import {
  type InputOf,
  type LinkProgram,
  type LinkResult,
  type LinkSession,
  linkCost,
  linkProgram,
  openLinkSession,
  programHash,
} from '@symbolon/linkage';
import { dataToSign, type FrameSocket, type Home, type ServerLog, type ShownCheckpoint } from '@symbolon/service';
import type { LinkGrant } from '../authorize.ts';
import type { RunTable } from './input.ts';
import type { OpenSession, SessionKeys } from './keys.ts';
import { Line } from './line.ts';
import { decodeMessage, encodeMessage, type Hello, helloSchema, readySchema } from './messages.ts';
import { phase, type Report } from './progress.ts';
import { matchesOf, releasedHash } from './released.ts';
import { agreeOnStatement, type StatementTerms } from './statement.ts';

/** What a session needs of the rest of the server. */
export interface SessionParams {
  readonly grant: LinkGrant;
  readonly table: RunTable;
  readonly rows: { readonly a: number; readonly b: number };
  /** 32 bytes, from both parties' halves. */
  readonly attempt: Uint8Array;
  readonly socket: FrameSocket;
  readonly home: Pick<Home, 'signingKey'>;
  readonly log: Pick<ServerLog, 'append'>;
  readonly kernels: Kernels;
  readonly rng: Rng;
  readonly now: () => Date;
  readonly openSession: OpenSession;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** The own log, shown to the peer from the size that the peer has seen. */
  shownLog(): ShownCheckpoint;
  /** Accepts the peer's log, or throws. */
  witness(shown: ShownCheckpoint): Promise<unknown>;
  /** Records the session as burned; when it resolves that survives power loss. */
  burn(session: string): Promise<void>;
  /** Holds that the agreement still allows it, and records that the peer can open the result from now on. */
  opened(): Promise<void>;
}

/** What a session came to. */
export interface SessionResult {
  readonly linked: LinkResult;
  /** Canonical bytes of the statement that both signed. */
  readonly statement: Uint8Array;
  readonly program: string;
  readonly rounds: number;
  readonly bytes: { readonly sent: number; readonly received: number; readonly answerKey: number };
}

type Program = ReturnType<typeof linkProgram>;
type Session = LinkSession<InputOf<Program>, LinkResult>;

// Clocks of two organisations may differ by so much, in milliseconds.
const clockTolerance = 3_600_000;

/**
 * One session, from the first frame to the signed statement: fresh keys, fresh permutation, fresh salts. Nothing of it can be
 * resumed. Whatever happens, all secrets in this process's reach are overwritten before it returns or throws.
 *
 * Runs at: both parties. Learns: which numbers of its rows and of the peer's belong together.
 */
export async function runSession(params: SessionParams): Promise<SessionResult> {
  const { grant, table, rows, socket, kernels, rng, report } = params;
  const program = linkProgram(table.input.rule, rows.a, rows.b, { ...grant.link, to: grant.learns });
  const { records: own, input } = table;
  const records =
    program.protocol === 'link-keys/1' ? own.keys() : input.rule.leaves.map((_, leaf) => own.vectors(leaf, kernels));
  const line = new Line(socket, grant.index);
  const salt = rng(32);
  const keysPhase = phase(report, 'keys');
  keysPhase(0);
  const greeting = await greet(params, line, program, salt);
  const keys = await openTogether(params, line, program);
  let engine: Session | undefined;
  let completed = false;
  try {
    await params.burn(base64url(keys.session));
    const masks = await keys.masks();
    keysPhase(1);
    engine = openLinkSession({
      program,
      index: grant.index,
      masks,
      channel: line.channel,
      kernels,
      name: () => line.peer,
      rng,
      pause: () => setImmediate(undefined, { signal: params.signal }),
    });
    const dataHash = await exchange(params, engine, records);
    const signatures = await coSign(params, line, keys.session, dataHash);
    const cost = linkCost(program);
    const mine = grant.index === cost.answerKeyTo;
    const answerKeyBytes = mine ? cost.answerKeyBytes : 0;
    const answerKey = mine ? keys.answerKey(dataHash, signatures, answerKeyBytes) : undefined;
    const linked = await evaluate(params, engine, cost.stages, answerKey);
    completed = true;
    const finish = phase(report, 'finish');
    finish(0);
    const salts = grant.index === 0 ? ([salt, greeting.salt] as const) : ([greeting.salt, salt] as const);
    const both = grant.learns.length === 2;
    const terms: StatementTerms = {
      agreement: grant.hash,
      session: base64url(keys.session),
      program: base64url(programHash(program)),
      transcript: base64url(line.transcript(engine.transcript(1 - grant.index))),
      released: both ? base64url(releasedHash(linked, salts)) : null,
      rows,
      matches: both ? matchesOf(linked) : null,
      attempt: base64url(params.attempt),
      date: greeting.at,
    };
    const statement = await agreeOnStatement({
      line,
      index: grant.index,
      terms,
      agreed: { agreement: grant.agreement, hash: grant.hash, signedBy: [], missing: [] },
      signingKey: params.home.signingKey,
    });
    finish(1);
    const bytes = { sent: engine.sentBytes, received: engine.receivedBytes, answerKey: answerKeyBytes };
    return { linked, statement, program: terms.program, rounds: cost.rounds, bytes };
  } finally {
    engine?.end();
    keys.end(completed);
  }
}

/** Both say what they are about to run; nothing secret is used before they agree. */
async function greet(
  params: SessionParams,
  line: Line,
  program: LinkProgram,
  salt: Uint8Array,
): Promise<{ salt: Uint8Array; at: string }> {
  const { grant, attempt, now } = params;
  const { note, from, proof } = params.shownLog();
  const own: Hello = {
    kind: 'hello',
    version: 1,
    attempt: base64url(attempt),
    agreement: grant.hash,
    program: base64url(programHash(program)),
    salt: base64url(salt),
    at: `${now().toISOString().slice(0, 19)}Z`,
    log: { note, from, proof: proof.map(base64url) },
  };
  await line.send(encodeMessage(own));
  const theirs = decodeMessage(helloSchema, await line.receive(), line.peer);
  for (const field of ['attempt', 'agreement', 'program'] as const) {
    if (theirs[field] === own[field]) continue;
    throw fault('peer-disagrees', `${line.peer} is about to run another ${field}`, { culprit: line.peer });
  }
  if (theirs.salt === own.salt) {
    throw fault('frame-order', `${line.peer} sent this party’s own random start back`, { culprit: line.peer });
  }
  if (Math.abs(Date.parse(theirs.at) - Date.parse(own.at)) > clockTolerance) {
    throw fault('peer-disagrees', `the clocks of ${line.peer} and this party differ by more than an hour`, {
      culprit: line.peer,
      hint: 'Set both clocks (UTC), best by NTP.',
    });
  }
  await params.witness({ note: theirs.log.note, from: theirs.log.from, proof: theirs.log.proof.map(fromBase64url) });
  return { salt: fromBase64url(theirs.salt), at: grant.index === 0 ? own.at : theirs.at };
}

/** Both ask the key service; when either cannot, both stop waiting. */
async function openTogether(params: SessionParams, line: Line, program: LinkProgram): Promise<SessionKeys> {
  const { grant, openSession } = params;
  const stop = new AbortController();
  const signal = AbortSignal.any([params.signal, stop.signal]);
  let keys: SessionKeys | undefined;
  const own = openSession({ grant, program, attempt: params.attempt, signal }).then(async (opened) => {
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

/** Masked data in both directions: from here on both hold the same. */
async function exchange(
  { rng, report }: SessionParams,
  engine: Session,
  records: InputOf<Program>,
): Promise<Uint8Array> {
  const step = phase(report, 'exchange');
  step(0);
  const hash = await engine.exchange(records, rng(32));
  step(1);
  return hash;
}

/** Both sign the hash of the masked data; each holds the other's signature against its own hash. */
async function coSign(
  { grant, home, log, opened }: SessionParams,
  line: Line,
  session: Uint8Array,
  dataHash: Uint8Array,
): Promise<readonly [Uint8Array, Uint8Array]> {
  const signed = dataToSign(session, dataHash);
  await opened();
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

async function evaluate(
  { report, signal }: SessionParams,
  engine: Session,
  stages: number,
  answerKey: ReturnType<SessionKeys['answerKey']> | undefined,
): Promise<LinkResult> {
  const step = phase(report, 'evaluate', stages);
  step(0);
  const steps = engine.evaluate(answerKey);
  for (let done = 0; ; ) {
    const { value, done: ended } = await steps.next();
    signal.throwIfAborted();
    if (ended) {
      step(stages);
      return value;
    }
    const stage = Math.floor(value * stages);
    if (stage > done && stage < stages) {
      done = stage;
      step(done);
    }
  }
}
