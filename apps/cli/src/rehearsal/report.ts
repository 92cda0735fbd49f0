import { planCostOf, planLink } from '@symbolon/linkage';
import type { LinkInput } from '@symbolon/party';
import { bytes, counted, facts, number, percent, table } from '../ui.ts';
import type { ClearRun } from './clear.ts';
import { compareOpened, matchesIn, type Opened } from './opened.ts';
import { type PairSet, quality } from './pairs.ts';
import type { Rehearsal, Role } from './rehearsal.ts';
import type { Usage } from './role-process.ts';

/** What a rehearsal found. Its fields and their order are those of the command's JSON. */
export interface LinkReport {
  readonly job: 'link';
  /** Rows. */
  readonly left: number;
  readonly right: number;
  readonly matches: number;
  /** Whether the secure run told what the rule gives in the clear, but for pairs that the cap of blocking keys cut. */
  readonly equalsClear: boolean;
  /** Against the truth; null where none was given, where pairs opened to both is not what was agreed, or where the share is of nothing. */
  readonly precision: number | null;
  readonly recall: number | null;
  /** From the wish to link to the stored result. */
  readonly seconds: number;
  /** Sent by each role in the run. */
  readonly bytes: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly auditVerified: boolean;
  /** From the first folder to the last comparison. */
  readonly secondsTotal: number;
  /** Of `seconds`, from the opened line to the opened result. */
  readonly protocolSeconds: number;
  /** At the side that began. */
  readonly phaseSeconds: Readonly<Record<string, number>>;
  /** Of each role's process, from its start to its end. */
  readonly processes: Readonly<Record<string, Usage>>;
  /** With one-time keys of their own; all but the last are shards. */
  readonly sessions: number;
  readonly shards: number;
  /** Records of each side of which the cap of blocking cut something: each knows its own only. */
  readonly cut: Readonly<Record<string, number>>;
  /** Pairs of the clear run that the cap lost; null where pairs did not open to both. */
  readonly cutPairs: number | null;
  /** What opened: pairs to both; own rows of the one that learns; how many. */
  readonly opened: Opened['kind'];
}

/** What has come out, before it is put together. */
export interface Found {
  readonly rehearsal: Rehearsal;
  readonly opened: Opened;
  readonly clear: ClearRun;
  /** Both tables as they went into the run. */
  readonly inputs: readonly [a: LinkInput, b: LinkInput];
  readonly truth: PairSet | undefined;
  readonly auditVerified: boolean;
  readonly usage: Partial<Record<Role, Usage>>;
  readonly secondsTotal: number;
}

export function linkReport(found: Found): LinkReport {
  const { rehearsal, opened, clear, truth, auditVerified, usage, secondsTotal } = found;
  const { script, data, runs } = rehearsal;
  const { left, right } = runs;
  const { seconds, protocolSeconds, phaseSeconds, rounds, sessions, shards, cut, bytes: leftBytes } = left.details!;
  const { bytes: rightBytes, cut: rightCut } = right.details!;
  const { equalsClear, cutPairs } = compareOpened(opened, clear, script.terms ?? {});
  const shares =
    truth === undefined || opened.kind !== 'pairs' ? { precision: null, recall: null } : quality(opened.pairs, truth);
  const processes = Object.entries(usage).map(([role, used]) => [script[role as Role].id, used] as const);
  return {
    job: 'link',
    left: data.left.rows,
    right: data.right.rows,
    matches: matchesIn(opened),
    equalsClear,
    ...shares,
    seconds: rounded(seconds),
    bytes: {
      [script.left.id]: leftBytes.sent,
      [script.right.id]: rightBytes.sent,
      [script.keys.id]: leftBytes.answerKey + rightBytes.answerKey + fullPadBytes(found),
    },
    rounds,
    auditVerified,
    secondsTotal: rounded(secondsTotal),
    protocolSeconds,
    phaseSeconds,
    processes: Object.fromEntries(processes),
    sessions,
    shards,
    cut: { [script.left.id]: cut, [script.right.id]: rightCut },
    cutPairs,
    opened: opened.kind,
  };
}

/** Pads of full length, which the key service sends beside the answer key. */
function fullPadBytes({ rehearsal, inputs: [a, b] }: Found): number {
  if (rehearsal.script.pads !== 'full') return 0;
  const {
    cardinality = 'many-to-many',
    prefer = 'first',
    learn = 'both',
    reveal = 'pairs',
  } = rehearsal.script.terms ?? {};
  const to = { a: [0], b: [1], both: [0, 1] }[learn];
  const { padBytes } = planCostOf(planLink(a.rules, { cardinality, prefer, reveal, to }, [a.rows, b.rows]));
  return padBytes[0] + padBytes[1];
}

/** The report in two small tables. */
export function reportText(report: LinkReport, truth: 'none' | 'given'): string {
  return `${reportFacts(report, truth)}\n\n${roleTable(report)}`;
}

/** What was found, and whether it is right. */
export function reportFacts(report: LinkReport, truth: 'none' | 'given' | 'generator'): string {
  const { left, right, matches, equalsClear, cutPairs, precision, recall, rounds, auditVerified } = report;
  const against = truth === 'generator' ? 'of the people who really are in both' : 'of the pairs that --truth holds';
  const rows: [string, string][] = [
    ['matches', `${counted(matches, 'pair')} of ${number(left)} × ${number(right)} rows`],
    [
      'clear run',
      equalsClear
        ? `equal: ${same[report.opened]}${cutPairs === null || cutPairs === 0 ? '' : `, but ${counted(cutPairs, 'pair')} that the cap cut`}`
        : 'DIFFERENT: the secure run did not give what the clear run gives',
    ],
  ];
  if (truth !== 'none' && report.opened === 'pairs') {
    rows.push(
      ['precision', `${percent(precision)} of the pairs found are true`],
      ['recall', `${percent(recall)} ${against} were found`],
    );
  }
  rows.push(
    ['run', `${report.seconds.toFixed(1)} s, of which the protocol ${report.protocolSeconds.toFixed(1)} s`],
    ['rounds', number(rounds)],
    ['logs', auditVerified ? 'verified, entry by entry, at all three' : 'NOT VERIFIED'],
  );
  return facts(rows);
}

const same: Readonly<Record<Opened['kind'], string>> = {
  pairs: 'the very same pairs, one by one',
  rows: 'rows that have a match there, and no others',
  count: 'as many as the rule gives there',
};

function roleTable({ bytes: sent, processes }: LinkReport): string {
  const rows = Object.entries(sent).map(([role, count]) => {
    const used = processes[role];
    const seconds = used === undefined ? '–' : `${used.cpuSeconds.toFixed(1)} s`;
    return [role, bytes(count), used === undefined ? '–' : bytes(used.peakBytes), seconds];
  });
  return table(['role', 'sent', 'peak memory', 'cpu time'], rows);
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
