import { coversLink } from '@symbolon/agreement';
import { SymbolonError } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import { columnPlaces } from '../data/left-out.ts';
import { openSource } from '../data/open.ts';
import { sideOf } from './concerned.ts';
import type { Identifiers } from './identifiers.ts';
import type { People } from './opt-outs.ts';

type Context = Pick<PartyContext, 'agreements' | 'datasets' | 'home' | 'optOuts' | 'settings'>;

/**
 * What alerts know these people by: their keyed hashes, also those of the columns by which sources name patients, as far as the data set says now who they
 * are. Where it cannot be read, those of their own column alone.
 */
export async function toldSubjects(
  context: Context,
  people: People & { readonly identifiers: Identifiers },
): Promise<string[]> {
  const { dataset, column, subjects, identifiers } = people;
  const columns = (await alertColumns(context, dataset)).filter((one) => one !== column);
  if (columns.length === 0) return [...subjects];
  const lists = await Promise.all(columns.map((one) => context.optOuts.identifiers(dataset, one)));
  const wanted = new Set(subjects);
  const found = new Set(subjects);
  try {
    const reader = await openSource(await context.datasets.source(dataset));
    const [own, ...places] = columnPlaces(
      { columns: [column, ...columns], has: () => false },
      reader.label,
      reader.columns.map(({ name }) => name),
    );
    await reader.read((cells) => {
      if (!wanted.has(identifiers.hash(cells[own!] ?? null) ?? '')) return true;
      for (const [i, place] of places.entries()) {
        const subject = lists[i]!.identifiers.hash(cells[place] ?? null);
        if (subject !== null) found.add(subject);
      }
      return true;
    });
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
  }
  return [...found];
}

/** The columns of a data set by which sources name those whom alerts of this party are about. */
async function alertColumns({ agreements, home, settings }: Context, dataset: string): Promise<string[]> {
  const named = settings.alerts.patients[dataset]?.patientColumn;
  const columns = (await agreements.list()).flatMap(({ agreement }) => {
    const tells = agreement.alerts?.some(({ from }) => from === home.card.id) === true;
    if (!tells || !coversLink(agreement)) return [];
    const side = sideOf(agreement, home.card.id, dataset);
    return side === undefined ? [] : [agreement.tables[side].key ?? named];
  });
  return [...new Set(columns)].filter((column) => column !== undefined);
}
