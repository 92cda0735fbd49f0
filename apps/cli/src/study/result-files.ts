import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvFiles, json, page, type Report, type TypedColumn, tablesOf, typedColumns } from '@symbolon/report';
import { openDuckDb } from '@symbolon/service';

/** Writes report.html and the result as CSV, JSON and Parquet. @returns the names of the files */
export async function writeReport(folder: string, report: Report): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const texts = [
    { name: 'report.html', text: page(report) },
    { name: 'result.json', text: json(report) },
    ...csvFiles(report),
  ];
  for (const { name, text } of texts) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const name = `${tablesOf(report)[0]!.name}.parquet`;
  await writeParquet(join(folder, name), report);
  return [...texts.map((file) => file.name), name];
}

/** The main table of a result, with its types. */
export async function writeParquet(file: string, report: Report): Promise<void> {
  const [table] = tablesOf(report);
  const columns = typedColumns(table!);
  const duck = await openDuckDb({ threads: 1 });
  try {
    await duck.query(`COPY (${selectOf(columns)}) TO ${quoted(file)} (FORMAT parquet)`);
  } finally {
    duck.close();
  }
}

function selectOf(columns: readonly TypedColumn[]): string {
  const list = (values: readonly unknown[]): string =>
    values.map((value) => (value === null ? 'NULL' : quoted(String(value)))).join(', ');
  return `SELECT ${columns
    .map(
      ({ name, type, values }) =>
        `CAST(unnest([${list(values)}]::VARCHAR[]) AS ${type}) AS "${name.replaceAll('"', '""')}"`,
    )
    .join(', ')}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
