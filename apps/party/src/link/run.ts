import type { Purpose } from '@symbolon/agreement';
import { base64url } from '@symbolon/crypto';
import { type FrameSocket, seenCheckpoint, showLog, witnessCheckpoint } from '@symbolon/service';
import type { LinkGrant } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { warmThread } from '../run/compute/computed.ts';
import { afterHangUp, asFault, forPeer } from '../run/faults.ts';
import type { Job } from '../run/job.ts';
import type { RunServer } from '../run/keys.ts';
import { type LiveGate, liveGate } from '../run/live.ts';
import { rounded } from '../run/progress.ts';
import { logStatement } from '../run/statement-log.ts';
import { joinsByLink } from '../study/linkage.ts';
import { decide } from './decide.ts';
import { loadInput, numberRows, type RunTable } from './input.ts';
import { matchPages } from './matches.ts';
import { phase } from './progress.ts';
import { matchesOf } from './released.ts';
import type { RunDetails, RunInfo } from './runs.ts';
import { runSession, type SessionResult } from './session.ts';
import type { UnitLines } from './units.ts';

/** What both sides know once they have agreed to run. */
export interface Attempt {
  readonly grant: LinkGrant;
  readonly table: RunTable;
  readonly rows: { readonly a: number; readonly b: number };
  /** 32 bytes, from both parties' halves. */
  readonly attempt: Uint8Array;
  /** The checkpoint of this party's log that the peer holds, a signed note; null if none. */
  readonly seen: string | null;
  /** The run's own line. */
  connect(): Promise<FrameSocket>;
  /** The lines of its sessions. */
  readonly lines: UnitLines;
}

/** From so many rows on a thread is warmed up while the table is read. */
const warmedRows = 2 ** 17;
/** Of memory, for each row: what an intersection takes. Shards take less, in threads that were not warmed, too. */
const warmedBytes = 256;

/** Reads this party's table as the grant's agreement wants it, for one run, without people who opted out. @param purpose of the run, if it is known */
export async function readTable(
  { datasets, settings, rng, optOuts }: PartyContext,
  { threads }: Pick<RunServer, 'threads'>,
  grant: LinkGrant,
  purpose?: Purpose,
): Promise<RunTable> {
  const { dataset } = grant.agreement.tables[grant.table];
  threads.ready();
  const screen = await optOuts.screen(dataset, grant.agreement, purpose);
  const found = await datasets.show(dataset);
  if (found.rows >= warmedRows) warmThread(threads, grant.link.blocking === undefined ? warmedBytes * found.rows : 0);
  const source = await datasets.source(dataset);
  // Before the records are read: what changes meanwhile is then not taken for what was linked.
  // Studies that join by the link, and alerts, find its records again by their numbers.
  const isNamedLater = joinsByLink(grant.agreement) || grant.agreement.alerts !== undefined;
  const data = isNamedLater ? await fingerprint(source) : undefined;
  const input = await loadInput({
    agreement: grant.agreement,
    side: grant.table,
    source,
    found,
    leftOut: screen.leftOut,
    memory: settings.duckdbMemory,
    seconds: settings.duckdbSeconds,
  });
  const table = { ...numberRows(input, rng), screen };
  return data === undefined ? table : { ...table, data };
}

/** {@link readTable} as a phase of a job. @param early what was read for it before */
export async function load(
  context: PartyContext,
  server: Pick<RunServer, 'threads'>,
  grant: LinkGrant,
  job: Job,
  early?: Promise<RunTable>,
): Promise<RunTable> {
  const step = phase(job.report, 'load');
  step(0);
  const { purpose } = job.task;
  const read = await early;
  const isStill = read !== undefined && (await isCurrent(context, read, grant, purpose));
  const table = isStill ? read : await readTable(context, server, grant, purpose);
  step(1);
  job.signal.throwIfAborted();
  return table;
}

/** Whether a table that was read early leaves out whom a run for this purpose leaves out now. */
async function isCurrent(
  { optOuts }: PartyContext,
  { screen }: RunTable,
  { agreement }: LinkGrant,
  purpose: Purpose | undefined,
): Promise<boolean> {
  return screen.same(await optOuts.screen(screen.dataset, agreement, purpose));
}

/**
 * One attempt from its record to its result. Whatever ends it is named in the run's record and in the log, the peer is told, and
 * the next attempt begins from nothing.
 */
export async function perform(context: PartyContext, server: RunServer, job: Job, attempt: Attempt): Promise<RunInfo> {
  const { runs, log, logger } = context;
  const { grant, table } = attempt;
  const id = await onRecord(context, job, attempt);
  let socket: FrameSocket | undefined;
  const cancelled = (): void => void socket?.close(asFault(job.signal.reason));
  job.signal.addEventListener('abort', cancelled);
  try {
    socket = await attempt.connect();
    job.signal.throwIfAborted();
    const gate = liveGate(context, grant.hash, id, [table.screen]);
    const result = await session({ context, server, job, attempt, socket, id, gate });
    const store = phase(job.report, 'store');
    store(0);
    await runs.done(id, {
      pages:
        result.linked.kind === 'pairs'
          ? matchPages(result.linked, grant.index, table.order, table.input.key, table.input.record)
          : [],
      statement: result.statement,
      keeping: (transaction) => gate.keeping(transaction),
      details: () => details(result, attempt, job),
    });
    store(1);
    await logStatement(context, 'link-done', id, result.statement);
    await socket.close();
    logger.info({ run: id, agreement: grant.hash, matches: matchesOf(result.linked) }, 'link done');
    return await runs.show(id);
  } catch (error) {
    let named = asFault(job.signal.aborted ? job.signal.reason : error);
    if (socket !== undefined) {
      await socket.close(forPeer(named, context.home.card.id));
      named = afterHangUp(named, [await socket.ended]);
    }
    await runs.failed(id, named);
    const { session: burned } = await runs.show(id);
    const { code, culprit = null } = named;
    logger.error({ run: id, agreement: grant.hash, err: error }, 'link failed');
    await log.append({
      kind: 'link-failed',
      agreement: grant.hash,
      attempt: base64url(attempt.attempt),
      session: burned,
      code,
      culprit,
    });
    throw named;
  } finally {
    job.signal.removeEventListener('abort', cancelled);
  }
}

/**
 * Puts an attempt on record and into the log, before the log is shown to anybody: so whoever puts this database back to before the attempt
 * is behind what others hold. @returns its number in this party's store
 */
async function onRecord({ runs, log }: PartyContext, { task }: Job, { grant, attempt }: Attempt): Promise<number> {
  const name = base64url(attempt);
  let id: number | undefined;
  await log.append({ kind: 'link-begun', agreement: grant.hash, attempt: name }, async (transaction) => {
    id = await runs.start(grant.hash, name, task.initiator, transaction);
  });
  return id!;
}

function session(params: {
  context: PartyContext;
  server: RunServer;
  job: Job;
  attempt: Attempt;
  socket: FrameSocket;
  id: number;
  gate: LiveGate;
}): Promise<SessionResult> {
  const { context, server, job, attempt, socket, id, gate } = params;
  const { home, log, logger, rng, now, runs, settings } = context;
  const { grant, table, rows, seen, lines } = attempt;
  return runSession({
    server: { ...server, grant, home, log, rng, burn: (burned) => runs.burn(id, burned) },
    table,
    rows,
    initiator: job.task.initiator,
    purpose: job.task.purpose ?? null,
    attempt: attempt.attempt,
    socket,
    lines,
    kernels: context.kernels(),
    now,
    report: job.report,
    signal: job.signal,
    parallel: settings.threads,
    shardEntries: settings.shardEntries,
    idleMilliseconds: home.config.peerSeconds * 1000,
    shownLog: () => showLog(context, seen, grant.peer),
    witness: (shown) => witnessCheckpoint(context, home.partners.get(grant.peer), shown),
    allowed: async () => {
      // The agreement may have ended, been replaced or used up while the tables were exchanged (PROTOCOLS §8).
      const { initiator: by, person, purpose } = job.task;
      await decide(context, { agreement: grant.hash, by, person, purpose, rows });
    },
    gate,
    failed: (unit, error) => logger.warn({ run: id, unit, err: error }, 'a session is tried again'),
  });
}

/** The checkpoint of a peer's log that was accepted here last; null if none. */
export function seenOf({ database, home }: PartyContext, peer: string): Promise<string | null> {
  return seenCheckpoint(database, home.partners.get(peer));
}

function details(result: SessionResult, { rows, table: { data, input } }: Attempt, job: Job): RunDetails {
  const { program, rounds, bytes, sessions, shards, cut, full } = result;
  const phases = job.seconds();
  const { prepare = 0, shards: inShards = 0, keys = 0, exchange = 0, evaluate = 0 } = phases;
  return {
    rows,
    ...(data === undefined ? {} : { data }),
    leftOut: input.leftOut,
    matches: matchesOf(result.linked),
    initiator: job.task.initiator,
    program,
    sessions,
    shards,
    cut,
    ...(full === null ? {} : { full }),
    rounds,
    bytes,
    seconds: rounded((performance.now() - job.started) / 1000),
    protocolSeconds: rounded(prepare + inShards + keys + exchange + evaluate),
    phaseSeconds: Object.fromEntries(Object.entries(phases).map(([name, seconds]) => [name, rounded(seconds)])),
  };
}
