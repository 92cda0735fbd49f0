import type { StudyAgreement } from '@symbolon/agreement';
import type { Sizes, TableSize } from '@symbolon/analytics';
import { fault, fromBase64url, hashLabelled } from '@symbolon/crypto';
import type { Decided } from './decide.ts';
import type { Acceptance } from './messages.ts';

/** The parts of all parties, in their order: fresh if any is. @param link the attempt at a link whose pairs are joined by; null if none */
export function attemptId(
  parties: readonly { readonly id: string }[],
  parts: Readonly<Record<string, string>>,
  link: string | null,
): Uint8Array {
  const all = parties.map(({ id }) => parts[id]!);
  return hashLabelled('symbolon study attempt', ...[...all, ...(link === null ? [] : [link])].map(fromBase64url));
}

/** The one link whose pairs all its holders join by; null if none. Throws `study-link`. */
export function commonLink(links: readonly (string | null)[]): string | null {
  const [link = null, ...others] = new Set(links.filter((each) => each !== null));
  if (others.length === 0) return link;
  throw fault('study-link', 'the parties would join by the pairs of different links');
}

/** What this party tells of its own tables. */
export function toldSizes(sizes: Readonly<Record<string, TableSize>>): Acceptance['sizes'] {
  return Object.fromEntries(Object.entries(sizes).map(([alias, { rows, patients }]) => [alias, { rows, patients }]));
}

/**
 * The sizes of all tables of a study, from what each party told of its own, and from the agreement.
 *
 * @throws SymbolonError `peer-disagrees` naming whose are not those of the tables it holds
 */
export function allSizes(
  { grant, own: { rows: own } }: Pick<Decided, 'grant' | 'own'>,
  told: Readonly<Record<string, Acceptance['sizes']>>,
): Sizes {
  const isLinked = own.joins.some(({ kind }) => kind === 'linked');
  // Pairs may be more than rows: who opted out after the link leaves an empty bin.
  const most = isLinked ? mostPairs(grant.agreement) : 0;
  for (const { id } of grant.parties) {
    const due = own.tables.filter(({ parties }) => parties.includes(id)).map(({ alias }) => alias);
    const given = Object.keys(told[id] ?? {});
    const fits = given.length === due.length && due.every((alias) => given.includes(alias));
    if (fits && Object.values(told[id]!).every(({ rows, patients }) => patients <= Math.max(rows, most))) continue;
    throw fault('peer-disagrees', `${id} told other sizes than those of its tables`, { culprit: id });
  }
  const [hub] = own.tables;
  if (isLinked) requireSamePairs(own.tables, told);
  return Object.fromEntries(
    own.tables.map(({ alias, name, parties }) => {
      const { rowsPerPatient } = grant.agreement.studies.tables[name]!;
      const few = alias === hub!.alias && rowsPerPatient !== undefined ? { rowsPerPatient } : {};
      return [alias, Object.fromEntries(parties.map((id) => [id, { ...told[id]![alias]!, ...few }]))];
    }),
  );
}

/** A pair has a row of either table of the link. */
function mostPairs({ tables }: Pick<StudyAgreement, 'tables'>): number {
  return tables === undefined ? 0 : Math.min(tables.a.maxRows, tables.b.maxRows);
}

/** Both sides of a link count its pairs. */
function requireSamePairs(
  tables: Decided['own']['rows']['tables'],
  told: Readonly<Record<string, Acceptance['sizes']>>,
): void {
  const pairs = new Set(tables.map(({ alias, parties: [id] }) => told[id!]![alias]!.patients));
  if (pairs.size > 1) throw fault('peer-disagrees', 'the parties know different numbers of linked pairs');
}
