import { join } from 'node:path';
import type { ClearTables } from '@symbolon/analytics';
import { openDuckDb } from '@symbolon/service';
import type { Party, StudyNetwork } from './study-network.ts';

/** DuckDB over the files of all parties, which nobody has together. @param holders of each table */
export async function inTheClear<Result>(
  { folder }: Pick<StudyNetwork, 'folder'>,
  holders: Readonly<Record<string, Party | readonly Party[]>>,
  work: (tables: ClearTables, duck: { rows(sql: string): Promise<unknown[][]> }) => Promise<Result>,
): Promise<Result> {
  const duck = await openDuckDb({ threads: 1 });
  const relation = (party: Party): string =>
    `(SELECT * FROM read_csv('${join(folder, `${party}.csv`)}', header = true))`;
  const tables = Object.fromEntries(
    Object.entries(holders).map(([table, parties]) => [
      table,
      Object.fromEntries([parties].flat().map((party) => [party, relation(party)])),
    ]),
  );
  try {
    return await work(tables, {
      rows: async (sql) => {
        const { values, rows } = await duck.columns(sql);
        return Array.from({ length: rows }, (_, row) => values.map((column) => column[row] as unknown));
      },
    });
  } finally {
    duck.close();
  }
}
