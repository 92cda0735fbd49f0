import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../../../shared/data/clinical');
export const present = existsSync(folder);
if (!present) {
  console.warn(
    'skipped: the clinical data are not here. Put the CSV files of Rdatasets (survival: cancer, pbc, rotterdam; datasets: infert, sleep) into ../shared/data/clinical.',
  );
}

export type Row = Readonly<Record<string, string>>;

export function read(name: string): Row[] {
  const [head, ...lines] = readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((field) => field.replaceAll('"', '')));
  return lines.map((fields) => Object.fromEntries(head!.map((column, i) => [column, fields[i]!])));
}
