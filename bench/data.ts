import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClearTables, type Quality } from './data/clear.ts';
import { generatedFiles, publicFiles } from './data/files.ts';
import { anonlink, febrl4, generated, type Linkage } from './data/linkages.ts';
import { sampleRecall } from './data/sample.ts';
import type { Row } from './row.ts';
import { row, rowAtLeast } from './row.ts';

/** What the rules and blocking keys of `bench/data` reach in the clear: what a secure run of the same is held against. */
export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [title, name, linkage, bar] of [
    ['FEBRL4', 'febrl4', febrl4, 0.99],
    ['anonlink-tutorial 1–2', 'anonlink', anonlink, undefined],
  ] as const) {
    const files = publicFiles(name);
    if (files !== undefined) rows.push(...(await publicRows(title, files, linkage, bar)));
  }
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-data-'));
  try {
    for (const n of [10_000, 100_000, 1_000_000]) rows.push(...(await generatedRows(folder, n)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

async function publicRows(
  title: string,
  files: readonly [string, string],
  linkage: Linkage,
  bar?: number,
): Promise<Row[]> {
  const tables = await ClearTables.open(files, linkage.person);
  try {
    const n = await tables.rowsOf('a');
    const alone = await tables.allPairs(linkage.rule);
    const { keys, candidates } = await tables.block(linkage.keys, linkage.cap);
    return [
      row('data', `${title}: comparisons in the rule`, n, linkage.rule.match(/\bTHEN\b/g)!.length, ''),
      ...qualityRows(`${title}, all pairs`, n, alone, bar),
      row('data', `${title}: pairs in ${keys.length} blocking keys, cap ${linkage.cap}`, n, candidates, ''),
      ...qualityRows(`${title}, blocking`, n, await tables.candidates(linkage.rule), bar),
    ];
  } finally {
    tables.close();
  }
}

async function generatedRows(folder: string, n: number): Promise<Row[]> {
  const start = performance.now();
  const files = generatedFiles(folder, n);
  const seconds = (performance.now() - start) / 1000;
  const tables = await ClearTables.open(files, generated.person);
  try {
    const { keys, candidates } = await tables.block(generated.keys, generated.cap);
    const { pairs, found } = await sampleRecall(tables, n);
    return [
      row('data', 'generated: rows written a second', n, (2 * n) / seconds, ''),
      row('data', `generated: pairs in ${keys.length} blocking keys, cap ${generated.cap}`, n, candidates, ''),
      ...keys.flatMap(({ largest, cut }, i) => [
        row('data', `generated, key ${i + 1}: largest block`, n, largest, 'records'),
        row('data', `generated, key ${i + 1}: records cut`, n, 100 * cut, '%'),
      ]),
      row('data', 'generated: pairs of the rule in the sample', n, pairs, ''),
      rowAtLeast('data', 'generated: recall of all pairs of the sample', n, found / pairs, '', 0.99),
      ...qualityRows('generated, blocking', n, await tables.candidates(generated.rule)),
    ];
  } finally {
    tables.close();
  }
}

function qualityRows(title: string, n: number, { precision, recall, f1 }: Quality, bar?: number): Row[] {
  return [
    row('data', `${title}: precision`, n, precision, ''),
    row('data', `${title}: recall`, n, recall, ''),
    bar === undefined ? row('data', `${title}: F1`, n, f1, '') : rowAtLeast('data', `${title}: F1`, n, f1, '', bar),
  ];
}
