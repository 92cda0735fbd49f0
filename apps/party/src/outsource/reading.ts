import { type Agreement, outsourcedTo, type Purpose } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import { recordsOf } from '../data/left-out.ts';
import { missingColumn } from '../data/table.ts';
import { agreedName } from '../datasets/describe.ts';
import type { Screen } from '../subjects/screen.ts';
import type { OutsourcedTable } from './describe.ts';
import type { Reading } from './rows.ts';

/**
 * Where the rows of a table are, and which records take no part: as the data set is now. People who opted out of any purpose of the agreement are left
 * out. Throws `not-found`, `data-missing-column`, `config-invalid`. @param purpose of one run, if absent those of the agreement
 */
export async function readingOf(
  { home, datasets, optOuts }: PartyContext,
  agreement: Agreement,
  { name, patient, columns }: OutsourcedTable,
  purpose?: Purpose,
): Promise<{ readonly reading: Reading; readonly screen: Screen }> {
  const table = outsourcedTo(agreement, home.card.id)?.tables[name];
  if (table === undefined) throw fault('agreement-limit', `"${agreement.title}" lists no table '${name}'`);
  const found = await datasets.show(table.dataset);
  const source = await datasets.source(table.dataset);
  const inSource = (wanted: string) => {
    const one = found.columns.find((candidate) => agreedName(candidate.name) === wanted);
    const present = found.columns.map((column) => column.name);
    if (one === undefined) throw missingColumn(table.dataset, wanted, present);
    return one;
  };
  const screen = await optOuts.screen(table.dataset, agreement, purpose);
  // Points of a model stand after all others, and in no row.
  const inData = columns.filter(({ model }) => model === undefined);
  const read = inData.map(({ name: own, column }) => {
    const { name: from, format } = inSource(own);
    return { name: own, from, column, ...(format === undefined || column.type !== 'date' ? {} : { format }) };
  });
  const leftOut = screen.leftOut === undefined ? new Set<number>() : await recordsOf(source, screen.leftOut);
  const reading = { source, columns: read, patient: inSource(patient).name, leftOut, maxRows: table.maxRows };
  return { reading, screen };
}
