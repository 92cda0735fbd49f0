import type { Sizes } from '@symbolon/analytics';
import { base64url, type SymbolonError } from '@symbolon/crypto';
import { type FrameSocket, seenCheckpoint, showLog, witnessCheckpoint } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { afterHangUp, asFault, forPeer } from '../run/faults.ts';
import type { Job } from '../run/job.ts';
import type { RunServer } from '../run/keys.ts';
import { type LiveGate, liveGate } from '../run/live.ts';
import { rounded } from '../run/progress.ts';
import { logStatement } from '../run/statement-log.ts';
import { type Decided, decide } from './decide.ts';
import { type EncryptedPart, evaluateOwn, isEncrypted, type Sealed } from './encrypted.ts';
import { alignOwn } from './linkage.ts';
import { phase } from './progress.ts';
import type { StudyRunDetails, StudyRunInfo } from './runs.ts';
import { receivers, runStudySession, type StudySessionResult } from './session.ts';
import { loadOwn, type OwnTables } from './tables.ts';

/** An attempt that this party has on record. */
export interface Attempt extends Decided {
  /** Number of the run in this party's store. */
  readonly id: number;
  readonly tables: OwnTables;
  /** The attempt at a link whose pairs the own tables are joined by; null if none. */
  readonly link: string | null;
}

/** What all parties know once they have agreed to run. */
export interface Agreed {
  readonly sizes: Sizes;
  /** The attempt at a link whose pairs are joined by; null if none. */
  readonly link: string | null;
  /** 32 bytes, from the parts of all parties. */
  readonly attempt: Uint8Array;
  /** The lines to all other parties, by place. */
  connect(): Promise<ReadonlyMap<number, FrameSocket>>;
}

/**
 * Puts an attempt on record, then reads the own tables for it. A fault that lies in the records spends one of the study's runs, as else whoever
 * asks could learn of the records by failures alone (PROTOCOLS §5).
 * @param own its part of the attempt's id, by which it is known until it has one; `link` is that of {@link linkOf}
 */
export async function prepare(
  context: PartyContext,
  job: Job<StudyRunInfo>,
  decided: Decided,
  { part, link, sealed }: { readonly part: Uint8Array; readonly link: string | null; readonly sealed: Sealed },
): Promise<Attempt> {
  const { grant, own } = decided;
  const id = await onRecord(context, job, decided, part);
  try {
    const step = phase(job.report, 'load');
    step(0);
    const tables = isEncrypted(context, decided)
      ? await evaluateOwn(context, sealed, decided, encryptedPart(context, job, decided, id))
      : await alignOwn(
          context,
          grant,
          own.rows,
          await loadOwn(context, grant.agreement, own.rows, job.task.purpose),
          link,
        );
    step(1);
    job.signal.throwIfAborted();
    return { ...decided, id, tables, link };
  } catch (error) {
    throw await failed(context, { id, grant }, error);
  }
}

function encryptedPart(
  context: PartyContext,
  { task, signal, report }: Job<StudyRunInfo>,
  { grant: { study } }: Decided,
  run: number,
): EncryptedPart {
  const { agreement, initiator, person, purpose } = task;
  return {
    ...{ run, purpose, signal },
    onProgress: (done, of) => phase(report, 'load', of + 1)(done),
    allowed: () => decide(context, { agreement, study: study.name, by: initiator, person, purpose, rows: {} }),
  };
}

/**
 * Puts an attempt on record and into the log, before the log is shown to anybody: so whoever puts this database back to before the attempt
 * is behind what others hold. @returns its number in this party's store
 */
async function onRecord(
  { studyRuns, log }: PartyContext,
  { task }: Job<StudyRunInfo>,
  { grant: { hash, study } }: Decided,
  part: Uint8Array,
): Promise<number> {
  const name = base64url(part);
  let id: number | undefined;
  await log.append({ kind: 'study-begun', agreement: hash, study: study.name, part: name }, async (transaction) => {
    id = await studyRuns.start(hash, name, study.name, task.initiator, transaction);
  });
  return id!;
}

/** One attempt from its lines to its result. Whatever ends it is named in the run's record and in the log, and all other parties are told. */
export async function perform(
  context: PartyContext,
  server: RunServer,
  job: Job<StudyRunInfo>,
  attempt: Attempt,
  agreed: Agreed,
): Promise<StudyRunInfo> {
  const { studyRuns, logger, home } = context;
  const { id, grant } = attempt;
  let sockets: ReadonlyMap<number, FrameSocket> = new Map();
  const hangUp = (why: SymbolonError): Promise<unknown> =>
    Promise.all([...sockets.values()].map((socket) => socket.close(forPeer(why, home.card.id))));
  const cancelled = (): void => void hangUp(asFault(job.signal.reason));
  job.signal.addEventListener('abort', cancelled);
  try {
    await studyRuns.name(id, base64url(agreed.attempt));
    const connect = phase(job.report, 'connect');
    connect(0);
    server.threads.ready();
    const others = grant.parties.map((party) => party.id).filter((party) => party !== home.card.id);
    const met = context.witnesses.beforeRun([...others, grant.keyService], job.signal);
    met.catch(() => undefined);
    sockets = await agreed.connect();
    await met;
    job.signal.throwIfAborted();
    connect(1);
    const gate = liveGate(context, grant.hash, id, attempt.tables.screens);
    const result = await session({ context, server, job, attempt, agreed, sockets, gate });
    const store = phase(job.report, 'store');
    store(0);
    const { released, statement } = result;
    await studyRuns.done(id, {
      released,
      statement,
      keeping: (transaction) => gate.keeping(transaction),
      details: details(result, attempt, agreed, job),
    });
    store(1);
    await logStatement(context, 'study-done', id, statement);
    await Promise.all([...sockets.values()].map((socket) => socket.close()));
    logger.info({ run: id, agreement: grant.hash, study: grant.study.name, cut: result.cut }, 'study done');
    return await studyRuns.show(id);
  } catch (error) {
    let named = asFault(job.signal.aborted ? job.signal.reason : error);
    await hangUp(named);
    named = afterHangUp(named, await Promise.all([...sockets.values()].map(({ ended }) => ended)));
    throw await failed(context, attempt, named);
  } finally {
    job.signal.removeEventListener('abort', cancelled);
  }
}

// What a failure says of the records, not of the file that they stand in.
const ofRecords = /^data-(out-of-range|duplicate-id|malformed)$/;

/** Records the end of an attempt that failed. @returns what ended it */
export async function failed(
  { studyRuns, log, logger }: PartyContext,
  { id, grant }: Pick<Attempt, 'id' | 'grant'>,
  error: unknown,
): Promise<SymbolonError> {
  const named = asFault(error);
  const { code, culprit = null } = named;
  if (ofRecords.test(code)) await studyRuns.opened(id);
  await studyRuns.failed(id, named);
  const { session, attempt } = await studyRuns.show(id);
  logger.error({ run: id, agreement: grant.hash, study: grant.study.name, err: error }, 'study failed');
  await log.append({
    kind: 'study-failed',
    agreement: grant.hash,
    study: grant.study.name,
    attempt,
    session,
    code,
    culprit,
  });
  return named;
}

function session(params: {
  context: PartyContext;
  server: RunServer;
  job: Job<StudyRunInfo>;
  attempt: Attempt;
  agreed: Agreed;
  sockets: ReadonlyMap<number, FrameSocket>;
  gate: LiveGate;
}): Promise<StudySessionResult> {
  const { context, server, job, attempt, agreed, sockets, gate } = params;
  const { home, log, rng, now, studyRuns, database } = context;
  const { id, grant, own, tables } = attempt;
  const { agreement, initiator, person, purpose } = job.task;
  const rows = rowsByTable(own.rows.tables, agreed.sizes);
  return runStudySession({
    server: { ...server, grant, home, log, rng, burn: (burned) => studyRuns.burn(id, burned) },
    own,
    tables,
    sizes: agreed.sizes,
    attempt: agreed.attempt,
    link: agreed.link,
    initiator,
    purpose: purpose ?? null,
    sockets,
    now,
    report: job.report,
    signal: job.signal,
    seen: (peer) => seenCheckpoint(database, home.partners.get(peer)),
    shownLog: (peer, seen) => showLog(context, seen, peer),
    witness: (peer, shown) => witnessCheckpoint(context, home.partners.get(peer), shown),
    allowed: async () => {
      // The agreement or the approval may have ended while the tables were exchanged (PROTOCOLS §8).
      await decide(context, { agreement, study: grant.study.name, by: initiator, person, purpose, rows });
    },
    gate,
  });
}

/** Rows by the tables' names in the agreement, and by holder. */
export function rowsByTable(
  tables: readonly { readonly alias: string; readonly name: string }[],
  sizes: Sizes,
): Record<string, Record<string, number>> {
  return Object.fromEntries(
    tables.map(({ alias, name }) => [
      name,
      Object.fromEntries(Object.entries(sizes[alias] ?? {}).map(([party, { rows }]) => [party, rows])),
    ]),
  );
}

function details(
  { rounds, bytes, sessions, cut }: StudySessionResult,
  { grant, tables }: Attempt,
  { sizes }: Agreed,
  job: Job<StudyRunInfo>,
): StudyRunDetails {
  const phases = job.seconds();
  const { keys = 0, exchange = 0, evaluate = 0 } = phases;
  return {
    initiator: job.task.initiator,
    parties: grant.parties.map(({ id }) => id),
    to: receivers(grant),
    studyHash: grant.studyHash,
    sizes,
    leftOut: tables.leftOut,
    sessions,
    cut,
    rounds,
    bytes,
    seconds: rounded((performance.now() - job.started) / 1000),
    protocolSeconds: rounded(keys + exchange + evaluate),
    phaseSeconds: Object.fromEntries(Object.entries(phases).map(([name, seconds]) => [name, rounded(seconds)])),
  };
}
