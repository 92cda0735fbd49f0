import type { Purpose } from '@symbolon/agreement';
import { base64url, fault, fromBase64url, hashLabelled, type SymbolonError } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import {
  type InputOf,
  type LinkPlan,
  type LinkProgram,
  type LinkResult,
  linkCost,
  planCostOf,
  planHash,
  planLink,
  RunSide,
  type ShardResult,
} from '@symbolon/linkage';
import type { FrameSocket, ShownCheckpoint } from '@symbolon/service';
import type { LinkGrant } from '../authorize.ts';
import { prepareInThread } from '../run/compute/computed.ts';
import { Line } from '../run/line.ts';
import type { LiveGate } from '../run/live.ts';
import { decodeMessage, encodeMessage, moment, requireClock } from '../run/messages.ts';
import type { Report } from '../run/progress.ts';
import type { UnitReport, UnitServer } from '../run/unit.ts';
import type { RunTable } from './input.ts';
import { type Hello, helloSchema } from './messages.ts';
import { phase } from './progress.ts';
import { fullRows, matchesOf, releasedHash } from './released.ts';
import { agreeOnStatement, type StatementTerms } from './statement.ts';
import { runUnits, type UnitLines, type UnitResults } from './units.ts';

/** What a run needs of the rest of the server. */
export interface SessionParams {
  readonly server: UnitServer & { readonly grant: LinkGrant };
  readonly table: RunTable;
  readonly rows: { readonly a: number; readonly b: number };
  /** Who started it. */
  readonly initiator: string;
  readonly purpose: Purpose | null;
  /** 32 bytes, from both parties' halves. */
  readonly attempt: Uint8Array;
  /** The run's own line; its sessions have others. */
  readonly socket: FrameSocket;
  readonly lines: UnitLines;
  /** Encodes records. */
  readonly kernels: Kernels;
  readonly now: () => Date;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Sessions that this server computes at a time. */
  readonly parallel: number;
  /** Entries of a shard, about. */
  readonly shardEntries: number;
  readonly idleMilliseconds: number;
  /** The own log, shown to the peer from the size that the peer has seen. */
  shownLog(): ShownCheckpoint;
  /** Accepts the peer's log, or throws. */
  witness(shown: ShownCheckpoint): Promise<unknown>;
  /** Holds that the agreement still allows it. */
  allowed(): Promise<void>;
  readonly gate: Pick<LiveGate, 'signing' | 'releasing'>;
  /** A session failed, and is tried again. */
  failed(unit: number, error: SymbolonError): void;
}

/** What a run came to. */
export interface SessionResult {
  readonly linked: LinkResult;
  /** Canonical bytes of the statement that both signed. */
  readonly statement: Uint8Array;
  readonly program: string;
  readonly rounds: number;
  readonly sessions: number;
  readonly shards: number;
  /** Own records of which the cap cut something; for their owner only. */
  readonly cut: number;
  /** See `fullRows`. */
  readonly full: number | null;
  readonly bytes: { readonly sent: number; readonly received: number; readonly answerKey: number };
}

/**
 * One run, from the first frame to the signed statement: fresh permutation, fresh salts, and sessions with fresh keys. Nothing of it can
 * be resumed.
 *
 * Runs at: both parties. Learns: what the last session opens.
 */
export async function runSession(params: SessionParams): Promise<SessionResult> {
  const { server, table, rows, socket, report } = params;
  const { grant, home } = server;
  const outcome = { ...grant.link, to: grant.learns };
  const plan = planLink(table.input.rules, outcome, [rows.a, rows.b], params.shardEntries);
  const line = new Line(socket, grant.index === 0);
  const stop = new AbortController();
  const ended = socket.ended.then((error) => Promise.reject(error));
  const work = async (): Promise<SessionResult> => {
    const salt = server.rng(32);
    const program = base64url(planHash(plan));
    const greeting = await greet(params, line, program, salt);
    const salts = grant.index === 0 ? ([salt, greeting.salt] as const) : ([greeting.salt, salt] as const);
    const { units, cut } = await sessions(params, plan, line, greeting.parallel, salts, stop.signal);
    const linked = units.at(-1)!.result as LinkResult;
    const finish = phase(report, 'finish');
    finish(0);
    const both = grant.learns.length === 2;
    const terms: StatementTerms = {
      agreement: grant.hash,
      initiator: params.initiator,
      purpose: params.purpose,
      session: sessionsName(units),
      sessions: units.length,
      program,
      transcript: base64url(line.transcript(units.map(({ transcript }) => transcript))),
      released: both ? base64url(releasedHash(linked, salts)) : null,
      rows,
      matches: both ? matchesOf(linked) : null,
      attempt: base64url(params.attempt),
      date: greeting.at,
    };
    const agreed = { agreement: grant.agreement, hash: grant.hash, signedBy: [], missing: [] };
    const { index } = grant;
    const statement = await agreeOnStatement({ line, index, terms, agreed, signingKey: home.signingKey });
    finish(1);
    const sum = (of: (unit: UnitResults[number]) => number): number => units.reduce((all, unit) => all + of(unit), 0);
    return {
      linked,
      statement,
      program,
      rounds: planCostOf(plan).rounds,
      sessions: units.length,
      shards: units.length - 1,
      cut,
      full: fullRows(linked, plan),
      bytes: {
        sent: sum(({ bytes }) => bytes.sent),
        received: sum(({ bytes }) => bytes.received),
        answerKey: sum(({ bytes }) => bytes.answerKey),
      },
    };
  };
  const working = work();
  try {
    // Whoever hangs up ends the run, whatever its sessions are doing.
    return await Promise.race([working, ended]);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled([working]);
    throw error;
  }
}

/** The id of the only session, or one hash of all, in order. */
function sessionsName(units: UnitResults): string {
  const [only, ...more] = units;
  if (more.length === 0) return only!.session;
  return base64url(hashLabelled('symbolon run sessions', ...units.map(({ session }) => fromBase64url(session))));
}

/** All sessions of a run, with what they take and what becomes of their results. */
async function sessions(
  params: SessionParams,
  plan: LinkPlan,
  line: Line,
  parallel: number,
  salts: readonly [Uint8Array, Uint8Array],
  stopped: AbortSignal,
): Promise<{ units: UnitResults; cut: number }> {
  const { server, attempt, lines, report, idleMilliseconds } = params;
  const shards = plan.blocking?.sharding.shards ?? 0;
  // The peer may open a session's line as soon as it has this side's greeting: what a shard takes is waited for there.
  const side = plan.blocking === undefined ? undefined : prepared(params, plan, salts);
  const shardsDone = phase(report, 'shards', shards);
  side?.then(() => shardsDone(0)).catch(() => undefined);
  let done = 0;
  let made: RunSide | undefined;
  try {
    const units = await runUnits({
      server,
      plan,
      attempt,
      line,
      lines,
      parallel,
      idleMilliseconds,
      signal: AbortSignal.any([params.signal, stopped]),
      input: async (unit) => {
        made = await side;
        if (made === undefined) return wholeInput(params, plan);
        return unit < shards ? made.input(unit) : made.resolved();
      },
      take: (shard, result) => {
        made!.take(shard, result as ShardResult);
        shardsDone(++done);
      },
      allowed: () => params.allowed(),
      signing: (unit, transaction) => params.gate.signing(transaction, unit === shards),
      releasing: (unit, session) => params.gate.releasing(session, unit === shards),
      report: (unit) => (unit < shards ? () => undefined : unitReport(report, plan)),
      failed: (unit, error) => {
        params.failed(unit, error);
        if (error.code === 'keyservice-down') waits(report, unit < shards ? [done, shards] : undefined);
      },
    });
    return { units, cut: made?.cutRecords ?? 0 };
  } finally {
    made?.end();
  }
}

/** Reports that what a session needs now is the key service. @param shards done, of how many; undefined after all of them */
function waits(report: Report, shards: readonly [done: number, of: number] | undefined): void {
  const [done, of] = shards ?? [0, 1];
  const text = 'waiting for the key service';
  report({ phase: shards === undefined ? 'keys' : 'shards', text, done, of, secondsLeft: null });
}

/** The own table as the shards of a run take it. */
async function prepared(
  { server, table, kernels, report }: SessionParams,
  { blocking }: LinkPlan,
  salts: readonly [Uint8Array, Uint8Array],
): Promise<RunSide> {
  const run = blocking!;
  const { order, records } = table;
  const side = server.grant.index;
  const step = phase(report, 'prepare');
  step(0);
  const runKey = hashLabelled('symbolon run key', ...salts);
  const making = prepareInThread(server.threads, { run, side, order, runKey, ...records.blocks(kernels) });
  // They are texts by the million.
  table.input.release();
  const made = await making;
  step(1);
  return new RunSide({ run, side, order, ...made });
}

/** What the only session of a run without shards takes. */
function wholeInput({ table: { records, input }, kernels }: SessionParams, { last }: LinkPlan): InputOf<LinkProgram> {
  if (last.protocol === 'link-keys/1') return records.keys();
  return input.whole.leaves.map((_, leaf) => records.vectors(leaf, kernels));
}

function unitReport(report: Report, plan: LinkPlan): UnitReport {
  const { stages } = linkCost(plan.last);
  const steps = {
    keys: phase(report, 'keys'),
    exchange: phase(report, 'exchange'),
    evaluate: phase(report, 'evaluate', stages),
  };
  let last = -1;
  return (step, share) => {
    const of = step === 'evaluate' ? stages : 1;
    const now = Math.floor(share * of);
    if (step === 'evaluate' && now === last) return;
    last = step === 'evaluate' ? now : -1;
    steps[step](now);
  };
}

/** Both say what they are about to run; nothing secret is used before they agree. */
async function greet(
  params: SessionParams,
  line: Line,
  program: string,
  salt: Uint8Array,
): Promise<{ salt: Uint8Array; at: string; parallel: number }> {
  const { attempt, now, parallel } = params;
  const { grant } = params.server;
  const { note, from, proof } = params.shownLog();
  const own: Hello = {
    kind: 'hello',
    version: 1,
    attempt: base64url(attempt),
    agreement: grant.hash,
    program,
    parallel,
    salt: base64url(salt),
    at: moment(now),
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
  requireClock(own.at, theirs.at, line.peer);
  await params.witness({ note: theirs.log.note, from: theirs.log.from, proof: theirs.log.proof.map(fromBase64url) });
  return {
    salt: fromBase64url(theirs.salt),
    at: grant.index === 0 ? own.at : theirs.at,
    parallel: Math.min(parallel, theirs.parallel),
  };
}
