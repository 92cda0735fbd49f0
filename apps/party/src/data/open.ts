import { openCsv } from './csv.ts';
import { openNdjson } from './ndjson.ts';
import { openParquet } from './parquet.ts';
import { openPostgres } from './postgres.ts';
import type { DataSource, Reader } from './source.ts';

/** Opens a data source. Throws `config-invalid` where it cannot be reached, `data-malformed` where it is of another kind. */
export async function openSource(source: DataSource): Promise<Reader> {
  const reader = await openAny(source);
  const seen = new Map<string, number>();
  for (const [i, { name }] of reader.columns.entries()) {
    // SQL does not tell names apart by case.
    const before = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), i);
    if (before === undefined) continue;
    reader.problems.add(1, name, `columns ${before + 1} and ${i + 1} have the same name; rename one`);
  }
  return reader;
}

function openAny(source: DataSource): Promise<Reader> {
  switch (source.kind) {
    case 'csv':
      return openCsv(source.path);
    case 'ndjson':
      return openNdjson(source.path);
    case 'parquet':
      return openParquet(source.path);
    case 'postgres':
      return openPostgres(source);
  }
}
