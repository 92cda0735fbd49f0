import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insecureTestRng } from '@symbolon/crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonOf, symbolon } from './support/script.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-outsource-'));
  const draw = insecureTestRng('outsource');
  const write = (file: string, rows: number) => {
    const lines = Array.from({ length: rows }, (_, i) => {
      const [a, b, c, d] = draw(4) as unknown as [number, number, number, number];
      return `p${i},${a % 2 === 0 ? 'f' : 'm'},${18 + (b % 70)},${c % 5 < 2},${d % 20 === 0 ? '' : `${d}.50`},note ${i}`;
    });
    writeFileSync(join(folder, file), ['pid,sex,age,treated,cost,note', ...lines].join('\n'));
  };
  write('patients.csv', 400);
  write('south.csv', 300);
  write('west.csv', 350);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rehearse = (...more: string[]) =>
  symbolon(folder, ['rehearse', 'outsource', 'patients.csv', '--id', 'pid', '--cut', 'age=30,60', ...more]);
const ask = (sql: string, ...more: string[]) => rehearse('--sql', sql, ...more);

test('a question of a table that a server holds encrypted: the answer of the clear run, small groups withheld', async () => {
  const ran = await ask(
    "SELECT treated, COUNT(*) AS n, AVG(cost) AS mean FROM patients WHERE age >= 30 AND sex = 'f' AND cost IS NOT NULL GROUP BY treated ORDER BY 1",
    '--json',
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(jsonOf(ran)).toMatchObject({
    job: 'outsource',
    rows: 400,
    equalsClear: true,
    columns: ['treated', 'n', 'mean'],
    suppressed: 0,
    serverSaw: { table: 'patients', columns: ['sex', 'age', 'treated', 'cost'], chunks: 1, plaintext: 0 },
  });
});

test('a condition that the cuts cannot tell apart is refused, with the bands named', async () => {
  const ran = await ask('SELECT COUNT(*) FROM patients WHERE age >= 35');
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('age in band 1');
});

test('a study file with a method: the t-test of the clear run', async () => {
  const study = [
    'name: cost',
    'title: What treatment costs',
    'agreement: none',
    'method: t-test',
    'sql: SELECT cost AS value, treated AS grp FROM patients WHERE age < 60',
    'to: [hospital]',
  ];
  writeFileSync(join(folder, 'cost.yaml'), study.join('\n'));
  const ran = await rehearse('--study', 'cost.yaml', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  const found = jsonOf(ran) as { equalsClear: boolean; method: { n: number; tests: unknown[] } };
  expect(found).toMatchObject({ equalsClear: true });
  expect(found.method.n).toBeGreaterThan(100);
  const shown = await rehearse('--study', 'cost.yaml');
  expect(shown.stdout).toMatch(/ESTIMATE .*INTERVAL/);
  expect((await rehearse()).stderr).toContain('--sql or --study');
});

test('three hospitals, each under a key of its own: only what they come to together opens', async () => {
  const sql =
    'SELECT treated, COUNT(*) AS n, AVG(cost) AS mean FROM patients WHERE age >= 30 AND cost IS NOT NULL GROUP BY treated ORDER BY 1';
  const ran = await symbolon(folder, [
    ...['rehearse', 'outsource', 'patients.csv', 'south.csv', 'west.csv', '--id', 'pid', '--cut', 'age=30,60'],
    ...['--sql', sql, '--min-patients', '100', '--json'],
  ]);
  expect(ran.code, ran.stderr).toBe(0);
  const found = jsonOf(ran) as { result: (string | null)[][]; combinedBytes: number };
  expect(found).toMatchObject({
    ...{ hospitals: 3, rows: 1050, equalsClear: true, logs: true, suppressed: 2 },
    serverSaw: { chunks: 3, plaintext: 0 },
  });
  expect(found.combinedBytes).toBeGreaterThan(0);
  // Of the treated one hospital has 91, all together 331: nothing of them opens.
  expect(found.result).toEqual([
    ['false', '493', expect.any(String)],
    ['true', null, null],
  ]);
  const two = await symbolon(folder, [
    'rehearse',
    'outsource',
    'patients.csv',
    'south.csv',
    '--id',
    'pid',
    '--sql',
    'x',
  ]);
  expect(two.stderr).toContain('three or more');
});

test('efficacy: the example at a smaller size; what it found beside what was put in', async () => {
  const ran = await symbolon(folder, ['efficacy', '--patients', '8000', '--seed', 'test', '--json']);
  expect(ran.code, ran.stderr).toBe(0);
  const found = jsonOf(ran) as { studies: { study: string; found?: number; put?: number; equalsClear: boolean }[] };
  expect(found).toMatchObject({ job: 'efficacy', patients: 8000, seed: 'test' });
  expect(found.studies.map(({ study }) => study)).toEqual(['recovery', 'others', 'cost', 'groups']);
  for (const { equalsClear } of found.studies) expect(equalsClear).toBe(true);
  for (const { found: is, put } of found.studies.slice(0, 3)) expect(Math.abs(is! / put! - 1)).toBeLessThan(0.4);
});
