import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { DataSource } from '@symbolon/party';
import { UsageError } from './ui.ts';

const kinds = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
  '.parquet': 'parquet',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
} as const;
type FileKind = 'csv' | 'parquet' | 'ndjson';

/** What a person typed about where records are. */
export interface TypedSource {
  kind?: string;
  table?: string;
  query?: string;
}

/** A file by its ending, or a table or query of a PostgreSQL database. */
export function dataSource(typed: string, { kind, table, query }: TypedSource = {}): DataSource {
  if (/^postgres(ql)?:\/\//.test(typed)) {
    if ((table === undefined) === (query === undefined)) {
      throw new UsageError('a PostgreSQL source needs --table or --query, one of them');
    }
    return table === undefined
      ? { kind: 'postgres', url: typed, query: query! }
      : { kind: 'postgres', url: typed, table };
  }
  if (table !== undefined || query !== undefined) {
    throw new UsageError(
      '--table and --query belong to a PostgreSQL source',
      'Write it as postgres://user@host/database.',
    );
  }
  if (!existsSync(typed)) throw new UsageError(`there is no file ${typed}`, 'Check the path.');
  const found = kind ?? kinds[extname(typed).toLowerCase() as keyof typeof kinds];
  if (found !== 'csv' && found !== 'parquet' && found !== 'ndjson') {
    if (kind !== undefined) throw new UsageError(`--kind is csv, parquet or ndjson, not ${kind}`);
    throw new UsageError(`it cannot be told what kind of file ${typed} is`, 'Add --kind csv, parquet or ndjson.');
  }
  return { kind: found satisfies FileKind, path: typed };
}

/** A source in a few words. */
export function sourceLabel(source: DataSource): string {
  if (source.kind !== 'postgres') return source.path;
  return `${source.url} ${'table' in source ? source.table : 'query'}`;
}
