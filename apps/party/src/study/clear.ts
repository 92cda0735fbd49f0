import type { StudyAgreement } from '@symbolon/agreement';
import type { DuckDb } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { storeTable } from '../data/locals.ts';
import type { BoundQuestion } from './question.ts';
import { load } from './tables.ts';

/**
 * Puts this organisation's own tables of a study into a DuckDB, as they would go into the run, for a comparison in the clear. Whoever has
 * that DuckDB sees the records.
 *
 * @returns for each table its relation, as SQL names it. Throws `data-…`
 */
export async function storeOwn(
  context: PartyContext,
  agreement: StudyAgreement,
  asked: BoundQuestion,
  duck: DuckDb,
): Promise<Record<string, string>> {
  const own = context.home.card.id;
  const population = asked.method === null ? asked.bound : asked.method.rows;
  const relations: Record<string, string> = {};
  for (const table of population.tables) {
    if (!table.parties.includes(own) || relations[table.name] !== undefined) continue;
    const name = `${table.name} of ${own}`;
    await storeTable(await load(context, agreement, population, table), name, duck);
    relations[table.name] = `"${name}"`;
  }
  return relations;
}
