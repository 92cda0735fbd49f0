import type { Agreement, StudyAgreement } from '@symbolon/agreement';
import type { Rows } from '@symbolon/analytics';
import { fault, type SymbolonError } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import { fingerprint } from '../data/fingerprint.ts';
import type { KeptPair } from '../link/matches.ts';
import type { RunInfo } from '../link/runs.ts';
import type { OwnTables } from './tables.ts';

type Terms = { readonly hash: string; readonly agreement: StudyAgreement };
type Population = Pick<Rows, 'tables' | 'joins'>;

/** Whether studies of an agreement may join by its link. */
export function joinsByLink({ studies }: Pick<Agreement, 'studies'>): boolean {
  return studies?.joins.some((join) => 'linked' in join) ?? false;
}

/**
 * The attempt at the agreement's link whose pairs this party joins by: the newest that is done here, or the one that was named to it. Null
 * where the study joins by no link, or this party holds none of its tables. Throws `study-link`.
 */
export async function linkOf(
  context: PartyContext,
  terms: Terms,
  rows: Population,
  named: string | null,
): Promise<string | null> {
  return holdsLinked(context, rows) ? (await doneLink(context, terms, named)).attempt : null;
}

/**
 * Puts the own rows where the pairs of a link say: the bin of a row is the place of its pair in the order of the hub's numbers, which both
 * sides have. Runs at: a holder. Nothing leaves.
 *
 * Throws `study-link` where a row has several partners, or the records are not those of the link.
 */
export async function alignOwn(
  context: PartyContext,
  terms: Terms,
  rows: Population,
  own: OwnTables,
  link: string | null,
): Promise<OwnTables> {
  if (link === null) return own;
  const { id } = context.home.card;
  const [hub] = rows.tables;
  const { alias, name } = rows.tables.find(({ parties }) => parties.includes(id))!;
  const table = own.tables.get(alias)!;
  const side = terms.agreement.tables!.a.party === id ? 'a' : 'b';
  const run = await doneLink(context, terms, link);
  const places = own.places.get(alias)!;
  await requireSame(context, run, terms.agreement.tables![side].dataset, {
    name,
    same: run.details !== null && run.details.rows[side] + (run.details.leftOut ?? 0) === places.rows + places.leftOut,
  });
  const pairs: KeptPair[] = [];
  for await (const pair of context.runs.pairs(run.id, side)) pairs.push(pair);
  requireOneToOne(pairs);
  const hubNumber = ({ ownNumber, peerRow }: KeptPair): number => (alias === hub!.alias ? ownNumber : peerRow);
  const binOf = new Map<number | null, number>();
  for (const [bin, { row }] of pairs.toSorted((x, y) => hubNumber(x) - hubNumber(y)).entries()) binOf.set(row, bin);
  // The bin of a pair whose own record takes no part any more stays empty.
  const bins = table.patients.map((_, row) => binOf.get(places.record(row)));
  const size = { ...own.sizes[alias]!, patients: Math.max(1, pairs.length) };
  return {
    ...own,
    tables: new Map([...own.tables, [alias, { ...table, bins: { [hub!.parties[0]!]: bins } }]]),
    sizes: { ...own.sizes, [alias]: size },
  };
}

function holdsLinked({ home }: PartyContext, { joins, tables }: Population): boolean {
  const isLinked = joins.some(({ kind }) => kind === 'linked');
  return isLinked && tables.some(({ parties }) => parties.includes(home.card.id));
}

async function doneLink({ runs }: PartyContext, { hash, agreement }: Terms, named: string | null): Promise<RunInfo> {
  const done = (await runs.list()).filter((run) => run.agreement === hash && run.state === 'done');
  const run = named === null ? done.at(-1) : done.find(({ attempt }) => attempt === named);
  if (run !== undefined) return run;
  throw linkFault(
    named === null
      ? `the study joins by the link of "${agreement.title}", and there is none yet`
      : 'the link whose pairs the others would join by did not come to its end here',
  );
}

/** The pairs are of row numbers: nothing may have moved. */
async function requireSame(
  { datasets }: PartyContext,
  { details }: RunInfo,
  dataset: string,
  { name, same }: { name: string; same: boolean },
): Promise<void> {
  if (same && details?.data === (await fingerprint(await datasets.source(dataset)))) return;
  throw linkFault(`the records of ${name} are not those that were linked`);
}

/** A bin has one row of each side. */
function requireOneToOne(matches: readonly KeptPair[]): void {
  const own = new Set(matches.map(({ ownNumber }) => ownNumber));
  const peer = new Set(matches.map(({ peerRow }) => peerRow));
  if (own.size === matches.length && peer.size === matches.length) return;
  throw fault('study-link', 'the link found several partners for a row, and a study joins pairs of one row each', {
    hint: 'Agree on a link with cardinality one-to-one, and link again.',
  });
}

function linkFault(message: string): SymbolonError {
  return fault('study-link', message);
}
