import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rehearseLink } from './rehearse.ts';
import type { Row } from './row.ts';
import { row } from './row.ts';

const root = join(import.meta.dirname, '..');
const febrl = join(root, '../shared/data/febrl4');

/** FEBRL4, 5,000 × 5,000: all roles as processes of this machine, with mutual TLS. */
export async function run(): Promise<Row[]> {
  const files = ['dataset4a.csv', 'dataset4b.csv'].map((file) => join(febrl, file));
  if (!files.every((file) => existsSync(file))) {
    console.error(`link: skipped, ${febrl} is not there (see CONTRIBUTING.md)`);
    return [];
  }
  const address = (side: string): string =>
    `concat_ws(' ', ${['street_number', 'address_1', 'address_2', 'suburb', 'postcode', 'state'].map((column) => `${side}.${column}`).join(', ')})`;
  const name = (side: string): string => `concat_ws(' ', ${side}.given_name, ${side}.surname)`;
  const person = (side: string): string => `regexp_extract(${side}.rec_id, 'rec-(\\d+)-', 1)`;
  const rule = `a.soc_sec_id = b.soc_sec_id OR (agree(${name('a')}, ${name('b')}) >= 0.9 AND agree(${address('a')}, ${address('b')}) >= 0.9)`;
  const command = ['--left', files[0]!, '--right', files[1]!, '--rule', rule];
  const report = rehearseLink([...command, '--truth', `${person('a')} = ${person('b')}`]);
  const n = report.left * report.right;
  return [
    row('link', 'FEBRL4, all pairs: protocol', n, report.seconds, 's', 60),
    row('link', 'FEBRL4: with everything around it', n, report.secondsTotal, 's'),
    row('link', 'FEBRL4: pairs that differ from the clear run', n, report.equalsClear ? 0 : 1, 'verdicts', 0),
    ...Object.entries(report.processes).map(([role, { peakBytes }]) =>
      row('link', `FEBRL4: memory, ${role}`, n, peakBytes / 2 ** 20, 'MiB', 2048),
    ),
    ...Object.entries(report.bytes).map(([role, bytes]) =>
      row('link', `FEBRL4: sent, ${role}`, n, bytes / 2 ** 20, 'MiB'),
    ),
    row('link', 'FEBRL4: rounds', n, report.rounds, 'rounds'),
    row('link', 'FEBRL4: precision', n, report.precision, ''),
    row('link', 'FEBRL4: recall', n, report.recall, ''),
  ];
}
