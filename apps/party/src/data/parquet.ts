import { type DuckDb, openDuckDb } from '@symbolon/service';
import { openFile } from './lines.ts';
import { type Cells, type ColumnType, Problems, type Reader, type SourceColumn, UnreadableSource } from './source.ts';

/** Opens a Parquet file through DuckDB. Its own types are believed; lists and structures become their text. */
export async function openParquet(path: string): Promise<Reader> {
  await (await openFile(path)).close();
  const problems = new Problems(path);
  const described = await withDuck(path, (duck) =>
    duck.query('SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM read_parquet($1))', [
      literal(path),
    ]),
  );
  const columns = described.map(({ name, type }): SourceColumn => {
    return { name: String(name), declared: declaredType(String(type)) };
  });
  const read = (row: (cells: Cells, line: number) => boolean): Promise<void> =>
    withDuck(path, async (duck) => {
      let line = 0;
      for await (const part of duck.stream('SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1)', [literal(path)])) {
        const values = part as (string | null)[][];
        for (let i = 0; i < values[0]!.length; i++) {
          const cells = values.map((column) => (column[i] === '' ? null : column[i]!));
          if (!row(cells, ++line)) return;
        }
      }
    });
  return { label: path, unit: 'row', columns, problems, notes: [], read };
}

/** DuckDB takes `*`, `?` and `[` in a path for patterns. */
function literal(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}

function declaredType(type: string): ColumnType {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\)|FLOAT|DOUBLE)$/.test(type)) return 'number';
  if (type === 'DATE') return 'date';
  return type === 'BOOLEAN' ? 'boolean' : 'text';
}

async function withDuck<T>(path: string, work: (duck: DuckDb) => Promise<T>): Promise<T> {
  const duck = await openDuckDb({ memory: '1GB' });
  try {
    return await work(duck);
  } catch {
    // DuckDB's message may quote a record, and goes no further.
    throw new UnreadableSource(path, 'row', 1, 'this is no Parquet file, or it is damaged');
  } finally {
    duck.close();
  }
}
