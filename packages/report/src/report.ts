import type { BoundStudy, MethodResult, Said, StudyResult } from '@symbolon/analytics';

/** All that a report says: plain data, released before or agreed on. */
export interface Report {
  readonly title: string;
  /** Of the study file, for those who approve it. */
  readonly note: string | null;
  readonly sql: string;
  /** With its parameters, in words; null where the study is its SELECT. */
  readonly method: string | null;
  readonly agreement: { readonly title: string; readonly hash: string };
  /** When the run ended: ISO 8601. */
  readonly date: string;
  readonly parties: readonly ReportParty[];
  /** Distinct patients that must stand behind each number. */
  readonly minPatients: number;
  readonly result: ReportResult;
  readonly flow: Flow | null;
  /** What opened, in words. */
  readonly opened: readonly Said[];
  /** What a reader holds against the logs: name and hash of statement, transcript, study, log entry. */
  readonly proofs: readonly { readonly name: string; readonly value: string }[];
}

export interface ReportParty {
  readonly id: string;
  readonly name: string;
  /** Such as `visits: 12,000 rows of 4,100 patients`. */
  readonly holds: readonly string[];
  readonly receives: boolean;
  readonly learned: readonly string[];
}

export type ReportResult =
  | { readonly kind: 'study'; readonly study: ReportStudy; readonly result: StudyResult }
  | { readonly kind: 'method'; readonly result: MethodResult };

/** What of a bound study a report reads. */
export type ReportStudy = Pick<BoundStudy, 'columns' | 'keys' | 'nodes' | 'aggregates' | 'after'>;

/** From the rows of the tables to those that were counted. */
export interface Flow {
  readonly tables: readonly { readonly name: string; readonly parties: readonly FlowParty[] }[];
  /** How rows were joined and which of them count; how many are left after each is not released. */
  readonly steps: readonly { readonly kind: 'join' | 'where'; readonly text: string }[];
  /** What is left: a released count, or null. */
  readonly counted: { readonly name: string; readonly value: string | null };
}

export interface FlowParty {
  readonly id: string;
  readonly rows: number;
  readonly patients: number;
}

/** Numbers of rows and patients, by table alias and party; public, and padded where that was agreed. */
export type TableSizes = Readonly<
  Record<string, Readonly<Record<string, { readonly rows: number; readonly patients: number }>>>
>;

/** The flow of a study's or a method's rows. */
export function flowOf(
  bound: Pick<BoundStudy, 'tables' | 'joins' | 'nodes' | 'where'>,
  sizes: TableSizes,
  counted: Flow['counted'],
): Flow {
  const hub = bound.tables[0]!.alias;
  const joins = bound.joins.map((join) => ({
    kind: 'join' as const,
    text: joinText(hub, join),
  }));
  return {
    tables: bound.tables.map(({ name, alias, parties }) => ({
      name: name === alias ? name : `${name} (${alias})`,
      parties: parties.map((id) => ({ id, rows: 0, patients: 0, ...sizes[alias]?.[id] })),
    })),
    steps: [...joins, ...bound.where.map((at) => ({ kind: 'where' as const, text: opened(bound.nodes[at]!.sql) }))],
    counted,
  };
}

function joinText(hub: string, join: BoundStudy['joins'][number]): string {
  if (join.kind === 'linked') return `${hub} linked with ${join.spoke}`;
  if (join.kind === 'rule') return `${hub} matched with ${join.spoke}, where ${join.rule}`;
  return join.on.map(([left, right]) => `${hub}.${left} = ${join.spoke}.${right}`).join(' and ');
}

/** SQL without the parentheses around all of it. */
function opened(sql: string): string {
  if (!sql.startsWith('(') || !sql.endsWith(')')) return sql;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < sql.length; i++) {
    const sign = sql[i];
    if (sign === "'") quoted = !quoted;
    if (quoted) continue;
    depth += sign === '(' ? 1 : sign === ')' ? -1 : 0;
    if (depth === 0 && i < sql.length - 1) return sql;
  }
  return sql.slice(1, -1);
}
