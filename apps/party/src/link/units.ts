import { fault, hashLabelled, type SymbolonError, u32 } from '@symbolon/crypto';
import type { InputOf, LinkPlan, LinkProgram, ResultOf } from '@symbolon/linkage';
import type { DatabaseSchema, FrameSocket } from '@symbolon/service';
import type { Transaction } from 'kysely';
import { Line } from '../run/line.ts';
import { decodeMessage, encodeMessage } from '../run/messages.ts';
import { runUnit, type UnitReport, type UnitResult, type UnitServer } from '../run/unit.ts';
import { type Done, doneSchema } from './messages.ts';
import { isTransient, mostTries, retried } from './retry.ts';

/** How the lines of an attempt come about: the initiator opens them, the peer waits for them. Units are numbered; each try of one has a line of its own. */
export type UnitLines =
  | { readonly role: 'initiator'; open(unit: number, again: number): Promise<FrameSocket> }
  | {
      readonly role: 'peer';
      /** @param admit refuses by throwing */
      follow(admit: (unit: number, again: number) => (socket: FrameSocket) => void): void;
    };

/** The sessions of a run: its shards, as many at a time as both sides can, then the one that opens the result. */
export interface UnitsOrder {
  readonly server: UnitServer;
  readonly plan: LinkPlan;
  /** 32 bytes, from both parties' halves. */
  readonly attempt: Uint8Array;
  readonly line: Line;
  readonly lines: UnitLines;
  /** Sessions at a time. */
  readonly parallel: number;
  /** How long the initiator may leave a peer without any session, in milliseconds. */
  readonly idleMilliseconds: number;
  readonly signal: AbortSignal;
  input(unit: number): Promise<InputOf<LinkProgram>> | InputOf<LinkProgram>;
  /** Takes what a shard left, once both sides hold it. */
  take(shard: number, result: ResultOf<LinkProgram>): void;
  allowed(unit: number): Promise<void>;
  /** See `UnitOrder`. */
  signing(unit: number, transaction: Transaction<DatabaseSchema>): Promise<void>;
  releasing(unit: number, session: string): Promise<void>;
  report(unit: number): UnitReport;
  /** A try that failed, of which there will be another. */
  failed(unit: number, error: SymbolonError): void;
}

/** What a session came to. */
interface Ended extends UnitResult<LinkProgram> {
  /** Hash of all its frames, equal at both sides. */
  readonly transcript: Uint8Array;
}

/** What all sessions came to, in their order. */
export type UnitResults = readonly Ended[];

/**
 * Runs all sessions of a run. Shards are tried again: their results are shares, so nothing is opened twice. So is the session after them,
 * until it has taken those shares. Every try has fresh keys and a line of its own; what the initiator says is done counts, on both sides, and
 * results of any other try are dropped.
 *
 * Runs at: both parties. Learns: what the last session opens.
 */
export function runUnits(order: UnitsOrder): Promise<UnitResults> {
  let given = false;
  const last = shardsOf(order);
  const watched: Watched = {
    ...order,
    input: (unit) => {
      if (unit === last) given = true;
      return order.input(unit);
    },
    mayRepeat: (unit) => unit < last || !given,
  };
  return order.lines.role === 'initiator' ? drive(watched, order.lines) : follow(watched, order.lines);
}

interface Watched extends UnitsOrder {
  /** Whether a session has not taken what can be given once only. */
  mayRepeat(unit: number): boolean;
}

function shardsOf({ plan }: UnitsOrder): number {
  return plan.blocking?.sharding.shards ?? 0;
}

/** A run of one session loses nothing when it begins anew. */
function triesOf(order: UnitsOrder): number {
  return shardsOf(order) > 0 ? mostTries : 1;
}

async function drive(order: Watched, lines: UnitLines & { role: 'initiator' }): Promise<UnitResults> {
  const { line, signal, server } = order;
  const shards = shardsOf(order);
  const results: Ended[] = [];
  const turn = turns();
  const run = async (unit: number): Promise<void> => {
    const trying = {
      what: unit < shards ? `shard ${unit + 1}` : 'the session after all shards',
      most: triesOf(order),
      signal,
      rng: server.rng,
      mayRepeat: () => order.mayRepeat(unit),
      failed: (error: SymbolonError): void => order.failed(unit, error),
    };
    results[unit] = await retried(trying, async (again) => {
      // From the line to the keys, one session at a time: so the peer, too, shows its log to the key service in order.
      const release = await turn();
      const socket = await lines.open(unit, again).catch((error: unknown) => {
        release();
        throw error;
      });
      const result = await one(order, unit, again, socket, signal, (open) => open().finally(release)).finally(release);
      const frame = await socket.receive().finally(() => void socket.close());
      requireDone(decodeMessage(doneSchema, frame, line.peer), unit, result, line.peer);
      return result;
    });
    if (unit < shards) order.take(unit, results[unit].result);
    await line.send(encodeMessage({ kind: 'done', unit, session: results[unit].session } satisfies Done));
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < shards) await run(next++);
  };
  await Promise.all(Array.from({ length: Math.min(order.parallel, shards) }, worker));
  await run(shards);
  return results;
}

/** A try as the peer of the initiator sees it. */
interface Try {
  readonly again: number;
  readonly stop: AbortController;
  readonly result: Promise<Ended>;
}

async function follow(order: Watched, lines: UnitLines & { role: 'peer' }): Promise<UnitResults> {
  const { line, idleMilliseconds } = order;
  const shards = shardsOf(order);
  const tries = new Map<number, Try>();
  const results: Ended[] = [];
  const stopped = Promise.withResolvers<never>();
  const shared = Promise.withResolvers<void>();
  let running = 0;
  let idle: NodeJS.Timeout | undefined;
  const watch = (change: number): void => {
    running += change;
    clearTimeout(idle);
    if (running > 0) return;
    const silent = fault('peer-silent', `${line.peer} began no session for ${idleMilliseconds / 1000} s`, {
      culprit: line.peer,
    });
    idle = setTimeout(() => stopped.reject(silent), idleMilliseconds);
  };
  const begin = (unit: number, again: number, socket: FrameSocket): void => {
    const before = tries.get(unit);
    before?.stop.abort(fault('session-expired', `${line.peer} tries again`, { culprit: line.peer }));
    const stop = new AbortController();
    const signal = AbortSignal.any([order.signal, stop.signal]);
    const perform = async (): Promise<Ended> => {
      await before?.result.catch(() => undefined);
      const due = {
        ...order,
        input: (of: number) => (of === shards ? shared.promise.then(() => order.input(of)) : order.input(of)),
      };
      const result = await one(due, unit, again, socket, signal, (open) => open());
      await socket.send(encodeMessage({ kind: 'done', unit, session: result.session } satisfies Done));
      return result;
    };
    watch(1);
    const result = perform().finally(() => watch(-1));
    result.catch((error: unknown) => {
      if (stop.signal.aborted) return;
      if (isTransient(error) && again + 1 < triesOf(order) && order.mayRepeat(unit)) order.failed(unit, error);
      else stopped.reject(error);
    });
    tries.set(unit, { again, stop, result });
  };
  lines.follow((unit, again) => {
    const expected = unit <= shards && results[unit] === undefined && again < triesOf(order) && order.mayRepeat(unit);
    if (!expected || again <= (tries.get(unit)?.again ?? -1)) {
      throw fault('session-unknown', 'no such session is due here', { culprit: line.peer });
    }
    return (socket) => begin(unit, again, socket);
  });
  watch(0);
  const confirm = async (): Promise<UnitResults> => {
    for (let count = 0; count <= shards; count++) {
      if (count === shards) shared.resolve();
      const done = decodeMessage(doneSchema, await line.receive(undefined, forever), line.peer);
      const current = tries.get(done.unit);
      if (current === undefined || results[done.unit] !== undefined) {
        throw fault('frame-order', `${line.peer} says that a session is done which is not due`, { culprit: line.peer });
      }
      const result = await current.result;
      requireDone(done, done.unit, result, line.peer);
      results[done.unit] = result;
      if (done.unit < shards) order.take(done.unit, result.result);
    }
    return results;
  };
  try {
    return await Promise.race([confirm(), stopped.promise]);
  } finally {
    clearTimeout(idle);
    for (const { stop } of tries.values()) stop.abort(fault('session-expired', 'the run has ended'));
  }
}

// A timer's longest, 24 days: whether the initiator is there is seen by its sessions.
const forever = 2 ** 31 - 1;

async function one(
  order: UnitsOrder,
  unit: number,
  again: number,
  socket: FrameSocket,
  signal: AbortSignal,
  opening: <Result>(open: () => Promise<Result>) => Promise<Result>,
): Promise<Ended> {
  const { server, plan, attempt } = order;
  const { index } = server.grant;
  const line = new Line(socket, index === 0);
  const result = await runUnit<LinkProgram>(server, {
    program: unit < shardsOf(order) ? plan.blocking!.shard : plan.last,
    attempt: hashLabelled('symbolon link session', attempt, u32(unit), u32(again)),
    lines: new Map([[1 - index, line]]),
    hangUp: (why) => void socket.close(why),
    signal,
    input: () => order.input(unit),
    allowed: () => order.allowed(unit),
    signing: (transaction) => order.signing(unit, transaction),
    releasing: (session) => order.releasing(unit, session),
    opening,
    report: order.report(unit),
  });
  return { ...result, transcript: line.transcript(result.frames.get(1 - index)!) };
}

function requireDone(
  done: { readonly unit: number; readonly session: string },
  unit: number,
  { session }: Pick<Ended, 'session'>,
  peer: string,
): void {
  if (done.unit === unit && done.session === session) return;
  throw fault('peer-disagrees', `${peer} has done another session`, { culprit: peer });
}

/** Takes turns: each waits for the one before to say that it is through, once or more. */
function turns(): () => Promise<() => void> {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    return resolve;
  };
}
