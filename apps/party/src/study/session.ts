import type { Purpose } from '@symbolon/agreement';
import {
  cutRecords,
  decodeBound,
  type EncodeOptions,
  planBound,
  type Sizes,
  type StudyProgram,
  type StudyRun,
  studyProtocol,
} from '@symbolon/analytics';
import { base64url, canonicalBytes, hashLabelled, SymbolonError, u32 } from '@symbolon/crypto';
import { type FrameSocket, programHash, type ShownCheckpoint } from '@symbolon/service';
import type { StudyGrant } from '../authorize.ts';
import { Line } from '../run/line.ts';
import type { LiveGate } from '../run/live.ts';
import type { Report } from '../run/progress.ts';
import { runUnit, type UnitReport, type UnitResult, type UnitServer } from '../run/unit.ts';
import { greet } from './greeting.ts';
import { finished, releasedHash } from './opened.ts';
import { phase } from './progress.ts';
import type { BoundQuestion } from './question.ts';
import type { ReleasedStudy } from './runs.ts';
import { agreeOnStatement, agreeOnTranscript } from './statement.ts';
import type { OwnTables } from './tables.ts';

/** What a run needs of the rest of the server. */
export interface StudySessionParams {
  readonly server: Omit<UnitServer, 'grant'> & { readonly grant: StudyGrant };
  readonly own: BoundQuestion;
  readonly tables: OwnTables;
  readonly sizes: Sizes;
  /** 32 bytes, from the parts of all parties. */
  readonly attempt: Uint8Array;
  /** The attempt at a link whose pairs are joined by; null if none. */
  readonly link: string | null;
  /** Who started the run, and what for; null where that was not said. */
  readonly initiator: string;
  readonly purpose: Purpose | null;
  /** To all other parties, by place. */
  readonly sockets: ReadonlyMap<number, FrameSocket>;
  readonly now: () => Date;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** The newest checkpoint of a peer's log that is held here, a signed note; null if none. */
  seen(peer: string): Promise<string | null>;
  /** The own log, shown to a peer from what it says it has seen. */
  shownLog(peer: string, seen: string | null): ShownCheckpoint;
  /** Accepts a peer's log, or throws. */
  witness(peer: string, shown: ShownCheckpoint): Promise<unknown>;
  /** Holds that the agreement still allows it. */
  allowed(): Promise<void>;
  readonly gate: Pick<LiveGate, 'signing' | 'releasing'>;
}

/** What a run came to. */
export interface StudySessionResult {
  /** Null where this party learns nothing. */
  readonly released: ReleasedStudy | null;
  /** Canonical bytes of the statement that all signed. */
  readonly statement: Uint8Array;
  readonly rounds: number;
  readonly sessions: number;
  /** Of joins by a rule: own records of which the cap cut something, for their owner only. By the alias of the spoke. */
  readonly cut: Readonly<Record<string, number>>;
  readonly bytes: { readonly sent: number; readonly received: number; readonly answerKey: number };
}

// A timer's longest, 24 days: a party may have nothing to do while others are busy; whether they are there is seen on their lines.
const forever = 2 ** 31 - 1;

/**
 * One run over the lines between all its parties: fresh salts, sessions with fresh keys, one after the other, each of its own parties. Nothing
 * of it can be resumed.
 *
 * Runs at: all parties. Learns: what the last session opens to it.
 */
export async function runStudySession(params: StudySessionParams): Promise<StudySessionResult> {
  const { sockets } = params;
  const stop = new AbortController();
  const told = Promise.withResolvers<never>();
  for (const socket of sockets.values()) {
    void socket.ended.then((error) => {
      if (error.cause instanceof SymbolonError) told.reject(error);
    });
  }
  const working = session({ ...params, signal: AbortSignal.any([params.signal, stop.signal]) });
  try {
    // Whoever says why it hangs up ends the run, whatever its sessions are doing. Who has finished hangs up too, while others still read.
    return await Promise.race([working, told.promise]);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled([working]);
    throw error;
  }
}

async function session(params: StudySessionParams): Promise<StudySessionResult> {
  const { server, own, sizes, sockets, report } = params;
  const { grant, home } = server;
  const [ids, to] = [grant.parties.map(({ id }) => id), receivers(grant)];
  const run = planBound(own.whole, sizes, { to });
  const lines = new Map(
    [...sockets].sort(([a], [b]) => a - b).map(([place, socket]) => [place, new Line(socket, grant.index < place)]),
  );
  const programs = base64url(programsHash(run));
  const greeting = await greet(params, lines, programs);
  const { units, cut } = await allUnits(params, run, lines);
  const last = units.get(run.units.length - 1)!;
  const learnt = grant.learns.includes(grant.index) ? decodeBound(own.whole, run, last.result) : undefined;
  const finish = phase(report, 'finish');
  finish(0);
  const seen = new Map(
    [...lines].map(([place, line]) => [place, line.transcript(framesWith(run, units, ids[place]!))]),
  );
  const transcript = await agreeOnTranscript(grant.index, lines, seen);
  const statement = await agreeOnStatement({
    lines,
    terms: {
      agreement: grant.hash,
      study: grant.study.name,
      studyHash: grant.studyHash,
      parties: ids,
      to,
      initiator: params.initiator,
      purpose: params.purpose,
      session: last.session,
      sessions: run.units.length,
      programs,
      transcript: base64url(transcript),
      released: learnt === undefined || to.length < ids.length ? null : releasedHash(last.result, greeting.salts),
      rows: rowsOf(sizes),
      attempt: base64url(params.attempt),
      ...(params.link === null ? {} : { link: params.link }),
      date: greeting.at,
    },
    agreed: { agreement: grant.agreement, hash: grant.hash, signedBy: [], missing: [] },
    signingKey: home.signingKey,
  });
  finish(1);
  const sum = (of: (unit: UnitResult<StudyProgram>) => number): number =>
    [...units.values()].reduce((all, unit) => all + of(unit), 0);
  return {
    released: learnt === undefined ? null : await finished(own, learnt),
    statement,
    rounds: run.units.reduce((all, { program }) => all + studyProtocol.cost(program).rounds, 0),
    sessions: run.units.length,
    cut,
    bytes: {
      sent: sum(({ bytes }) => bytes.sent),
      received: sum(({ bytes }) => bytes.received),
      answerKey: sum(({ bytes }) => bytes.answerKey),
    },
  };
}

/** Ids of those who learn the result, in the order of the parties. */
export function receivers({ parties, learns }: Pick<StudyGrant, 'parties' | 'learns'>): string[] {
  return learns.map((place) => parties[place]!.id);
}

/** One hash of all programs, and of who runs each. */
function programsHash({ units }: StudyRun): Uint8Array {
  const each = units.map(({ parties, program }) => [parties, base64url(programHash(program))]);
  return hashLabelled('symbolon study programs', canonicalBytes(each));
}

type UnitResults = ReadonlyMap<number, UnitResult<StudyProgram>>;

/** The sessions that this party takes part in, one after the other; what they keep as shares goes into the last. */
async function allUnits(
  params: StudySessionParams,
  run: StudyRun,
  lines: ReadonlyMap<number, Line>,
): Promise<{ units: UnitResults; cut: StudySessionResult['cut'] }> {
  const { server, tables, sockets, signal, report, attempt } = params;
  const { grant } = server;
  const own = grant.parties[grant.index]!.id;
  const places = grant.parties.map(({ id }) => id);
  const results = new Map<number, UnitResult<StudyProgram>>();
  const last = run.units.length - 1;
  const cut: Record<string, number> = {};
  for (const [number, unit] of run.units.entries()) {
    const { program, parties } = unit;
    if (!parties.includes(own)) continue;
    const members = parties.map((id) => grant.parties[places.indexOf(id)]!);
    const index = parties.indexOf(own);
    const others = [...parties.keys()].filter((place) => place !== index);
    // Given away, so only to where it is needed.
    const kept = new Map(number === last ? [...results].map(([before, { result }]) => [before, result] as const) : []);
    const result = await runUnit(
      { ...server, grant: { ...grant, parties: members, index } },
      {
        program,
        attempt: hashLabelled('symbolon study session', attempt, u32(number)),
        lines: new Map(others.map((place) => [place, lines.get(places.indexOf(parties[place]!))!])),
        signal,
        hangUp: (why: SymbolonError) => {
          for (const socket of sockets.values()) void socket.close(why);
        },
        patience: number === 0 ? undefined : forever,
        input: () => ({ run, unit: number, party: own, tables: tables.tables, kept, ...cellsOf(tables) }),
        allowed: () => params.allowed(),
        signing: (transaction) => params.gate.signing(transaction, number === last),
        releasing: (id) => params.gate.releasing(id, number === last),
        opening: (open) => open(),
        report: unitReport(report, program),
      },
    );
    results.set(number, result);
    const records = cutRecords(run, number, result.result);
    if (records !== undefined) cut[unit.matched!.alias] = records;
  }
  return { units: results, cut };
}

function cellsOf({ cells }: OwnTables): Pick<EncodeOptions, 'cells'> {
  return cells === undefined ? {} : { cells };
}

/** The hashes of all frames with a party, session after session. */
function framesWith({ units }: StudyRun, results: UnitResults, id: string): Uint8Array[] {
  return [...results].flatMap(([number, { frames }]) => frames.get(units[number]!.parties.indexOf(id)) ?? []);
}

function unitReport(report: Report, program: StudyProgram): UnitReport {
  const { stages } = studyProtocol.cost(program);
  const steps = {
    keys: phase(report, 'keys'),
    exchange: phase(report, 'exchange'),
    evaluate: phase(report, 'evaluate', stages),
  };
  return (step, share) => steps[step](Math.floor(share * (step === 'evaluate' ? stages : 1)));
}

/** By alias and holder. */
function rowsOf(sizes: Sizes): Record<string, Record<string, number>> {
  const of = (holders: Sizes[string]): Record<string, number> =>
    Object.fromEntries(Object.entries(holders).map(([party, { rows }]) => [party, rows]));
  return Object.fromEntries(Object.entries(sizes).map(([alias, holders]) => [alias, of(holders)]));
}
