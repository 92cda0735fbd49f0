import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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
  const command = ['rehearse', 'link', '--left', files[0]!, '--right', files[1]!, '--rule', rule];
  const report = rehearse([...command, '--truth', `${person('a')} = ${person('b')}`]);
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

interface Report {
  readonly left: number;
  readonly right: number;
  readonly equalsClear: boolean;
  readonly precision: number;
  readonly recall: number;
  readonly seconds: number;
  readonly secondsTotal: number;
  readonly bytes: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly processes: Readonly<Record<string, { readonly peakBytes: number }>>;
}

function rehearse(arguments_: readonly string[]): Report {
  const child = spawnSync(process.execPath, [join(root, 'apps/cli/src/main.ts'), ...arguments_, '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`symbolon rehearse link ended with ${child.status}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1)!) as Report;
}
