// npm run bench -- NAME… [--json] [--record]: prints a table; with --json the last line on stdout is an array of rows; with --record the
// rows go into RESULTS.md.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { record } from './record.ts';
import type { Row } from './row.ts';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !['main.ts', 'record.ts', 'rehearse.ts', 'row.ts'].includes(file))
  .map((file) => file.replace(/\.ts$/, ''));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const unknown = wanted.filter((name) => !existsSync(join(import.meta.dirname, `${name}.ts`)));
if (wanted.length === 0 || unknown.length > 0) {
  console.error(
    `usage: npm run bench -- NAME… [--json] [--record]; there are: ${names.join(', ')}${unknown.length > 0 ? `; not: ${unknown}` : ''}`,
  );
  process.exit(2);
}

const rows: Row[] = [];
for (const name of wanted) {
  const { run } = (await import(`./${name}.ts`)) as { run(): Promise<Row[]> };
  const measured = (await run()).map((row) => ({ ...row, value: Number(row.value.toPrecision(3)) }));
  if (process.argv.includes('--record')) record(name, measured, new Date());
  rows.push(...measured);
}
const cells = [
  ['bench', 'case', 'n', 'value', 'unit', 'limit', 'ok'],
  ...rows.map((row) =>
    [row.bench, row.case, row.n, row.value, row.unit, row.limit ?? '', row.ok ? 'yes' : 'NO'].map(String),
  ),
];
const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
for (const line of cells)
  console.log(
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
if (process.argv.includes('--json')) console.log(JSON.stringify(rows));
process.exitCode = rows.every((row) => row.ok) ? 0 : 1;
