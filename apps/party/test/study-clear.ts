import { join } from 'node:path';
import type { ClearTables, runStudyClear } from '@symbolon/analytics';
import { openDuckDb } from '@symbolon/service';
import type { Party, StudyNetwork } from './study-network.ts';

type Duck = Parameters<typeof runStudyClear>[2];

/**
 * DuckDB over the files of all parties, which nobody has together.
 * @param holders of each table
 * @param replaced what stands there in place of columns of the files, in SQL
 */
export async function inTheClear<Result>(
  { folder }: Pick<StudyNetwork, 'folder'>,
  holders: Readonly<Record<string, Party | readonly Party[]>>,
  work: (tables: ClearTables, duck: Duck) => Promise<Result>,
  replaced?: string,
): Promise<Result> {
  const duck = await openDuckDb({ threads: 1 });
  const relation = (party: Party): string =>
    `(SELECT *${replaced === undefined ? '' : ` REPLACE (${replaced})`} FROM read_csv('${join(folder, `${party}.csv`)}', header = true))`;
  const tables = Object.fromEntries(
    Object.entries(holders).map(([table, parties]) => [
      table,
      Object.fromEntries([parties].flat().map((party) => [party, relation(party)])),
    ]),
  );
  try {
    return await work(tables, {
      serialize: (sql) => duck.serialize(sql),
      rows: async (sql) => {
        const { values, rows } = await duck.columns(sql);
        return Array.from({ length: rows }, (_, row) => values.map((column) => column[row] as unknown));
      },
    });
  } finally {
    duck.close();
  }
}
