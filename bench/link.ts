import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClearTables, keySql } from './data/clear.ts';
import { generatedFiles, keyFiles, publicFiles } from './data/files.ts';
import { anonlink, febrl4, generated, type Linkage } from './data/linkages.ts';
import { sampleRecall } from './data/sample.ts';
import { rehearseLink } from './rehearse.ts';
import type { Row } from './row.ts';
import { row, rowAtLeast } from './row.ts';

/** All roles as processes of this machine, with mutual TLS: every pair compared, tuned rules on public data, and a million records. */
export async function run(): Promise<Row[]> {
  return [
    ...allPairs(),
    ...tuned('FEBRL4', 'febrl4', febrl4, 15, 0.99),
    ...tuned('anonlink 1–2', 'anonlink', anonlink),
    ...(await scale()),
    ...numbers(),
  ];
}

/** FEBRL4, 5,000 × 5,000, by the 9-in-10 rule over all pairs. */
function allPairs(): Row[] {
  const files = publicFiles('febrl4');
  if (files === undefined) return [];
  const address = (side: string): string =>
    `concat_ws(' ', ${['street_number', 'address_1', 'address_2', 'suburb', 'postcode', 'state'].map((column) => `${side}.${column}`).join(', ')})`;
  const name = (side: string): string => `concat_ws(' ', ${side}.given_name, ${side}.surname)`;
  const rule = `a.soc_sec_id = b.soc_sec_id OR (agree(${name('a')}, ${name('b')}) >= 0.9 AND agree(${address('a')}, ${address('b')}) >= 0.9)`;
  const report = rehearseLink(['--left', files[0], '--right', files[1], '--rule', rule, '--truth', truth(febrl4)]);
  const n = report.left * report.right;
  return [
    row('link', 'FEBRL4, all pairs: CSV to result', n, report.seconds, 's', 60),
    row('link', 'FEBRL4, all pairs: protocol', n, report.protocolSeconds, 's'),
    ...reportRows('FEBRL4, all pairs', n, report, 2048),
    row('link', 'FEBRL4, all pairs: rounds', n, report.rounds, 'rounds'),
  ];
}

/** A rule and keys that were tuned on these data, see `data/linkages.ts`. */
function tuned(title: string, name: 'febrl4' | 'anonlink', linkage: Linkage, seconds?: number, f1?: number): Row[] {
  const files = publicFiles(name);
  if (files === undefined) return [];
  const report = rehearseLink([...options(files, linkage), '--cardinality', 'many-to-one']);
  const { precision, recall } = report;
  const both = (2 * precision * recall) / (precision + recall);
  const case_ = `${title}, tuned: F1`;
  return [
    row('link', `${title}, tuned: CSV to result`, report.left, report.seconds, 's', seconds),
    f1 === undefined ? row('link', case_, report.left, both, '') : rowAtLeast('link', case_, report.left, both, '', f1),
    ...reportRows(`${title}, tuned`, report.left, report),
  ];
}

/** People with the errors of FEBRL4, by the 9-in-10 rule under four blocking keys: what a record costs at each size, and how that grows. */
async function scale(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-bench-'));
  const sizes = [10_000, 100_000, 1_000_000];
  try {
    const last = sizes.length - 1;
    const reports = sizes.map((n) =>
      rehearseLink([...options(generatedFiles(folder, n), generated), '--cardinality', 'many-to-one']),
    );
    return [
      ...(await sampled(generatedFiles(folder, sizes[last]!), sizes[last]!)),
      ...reports.flatMap((report, i) => {
        const n = sizes[i]!;
        const title = 'generated, blocking';
        return [
          row('link', `${title}: CSV to result`, n, report.seconds, 's', i === last ? 600 : undefined),
          row('link', `${title}: protocol`, n, report.protocolSeconds, 's'),
          row('link', `${title}: sessions`, n, report.sessions ?? 1, ''),
          row('link', `${title}: pairs cut`, n, report.cutPairs ?? 0, 'pairs'),
          ...reportRows(title, n, report, 4096),
        ];
      }),
      ...(['seconds', 'protocolSeconds'] as const).map((field) =>
        row(
          'link',
          `generated, blocking: exponent of ${field}, 10^5 to 10^6`,
          sizes[last]!,
          exponent(
            sizes,
            reports.map((r) => r[field]),
          ),
          '',
        ),
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many keys two tables share, and nothing else: by blocking, with the rule as its key. */
function numbers(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-bench-'));
  try {
    return [100_000, 1_000_000].flatMap((n) => {
      const [left, right] = keyFiles(folder, n);
      const terms = ['--rule', 'a.medicaid = b.medicaid', '--cardinality', 'one-to-one', '--count'];
      const report = rehearseLink(['--left', left, '--right', right, ...terms]);
      const memory = Math.max(...Object.values(report.processes).map(({ peakBytes }) => peakBytes));
      const sent = Object.values(report.bytes).reduce((sum, bytes) => sum + bytes);
      return [
        row('link', 'shared keys, counted: CSV to result', n, report.seconds, 's'),
        row(
          'link',
          'shared keys, counted: numbers that differ from the clear run',
          n,
          report.equalsClear ? 0 : 1,
          '',
          0,
        ),
        row('link', 'shared keys, counted: sent by all, a record', n, sent / (2 * n), 'B'),
        row('link', 'shared keys, counted: memory, largest process', n, memory / 2 ** 20, 'MiB', 4096),
      ];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the blocking keys and their cap leave of the rule over all pairs, on a sample of the same tables, in the clear. */
async function sampled(files: readonly [string, string], n: number): Promise<Row[]> {
  const tables = await ClearTables.open(files, generated.person);
  try {
    await tables.block(generated.keys, generated.cap);
    const { pairs, found } = await sampleRecall(tables, n);
    const title = 'generated, blocking: recall of the rule over all pairs of a sample';
    return [rowAtLeast('link', title, n, found / pairs, '', 0.99)];
  } finally {
    tables.close();
  }
}

type Report = ReturnType<typeof rehearseLink>;

function reportRows(title: string, n: number, report: Report, mebibytes?: number): Row[] {
  return [
    row('link', `${title}: with everything around it`, n, report.secondsTotal, 's'),
    row('link', `${title}: pairs that differ from the clear run`, n, report.equalsClear ? 0 : 1, 'verdicts', 0),
    ...Object.entries(report.processes).map(([role, { peakBytes }]) =>
      row('link', `${title}: memory, ${role}`, n, peakBytes / 2 ** 20, 'MiB', mebibytes),
    ),
    ...Object.entries(report.bytes).map(([role, bytes]) =>
      row('link', `${title}: sent, ${role}`, n, bytes / 2 ** 20, 'MiB'),
    ),
    row('link', `${title}: precision`, n, report.precision, ''),
    row('link', `${title}: recall`, n, report.recall, ''),
  ];
}

function options([left, right]: readonly [string, string], linkage: Linkage): string[] {
  const keys = linkage.keys.flatMap((key) => ['--block', keySql(key)]);
  return [
    '--left',
    left,
    '--right',
    right,
    '--rule',
    linkage.rule,
    ...keys,
    '--cap',
    String(linkage.cap),
    '--truth',
    truth(linkage),
  ];
}

function truth({ person }: Linkage): string {
  return `${person('a')} = ${person('b')}`;
}

/** The slope between the last two of what grows as n^e. */
function exponent(n: readonly number[], value: readonly number[]): number {
  const [x, y] = [n.slice(-2), value.slice(-2)] as [[number, number], [number, number]];
  return Math.log(y[1] / y[0]) / Math.log(x[1] / x[0]);
}
