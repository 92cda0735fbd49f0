import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCoaching } from '@symbolon/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonOf, root, symbolon } from './support/script.ts';

const example = join(root, 'examples/e-coaching');

// A folder of its own as the system's temporary one, so that what is left behind can be seen.
let folder: string;
let temporary: string;
let files: Awaited<ReturnType<typeof writeCoaching>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-rehearse-'));
  temporary = mkdtempSync(join(tmpdir(), 's-'));
  files = await writeCoaching(folder, { patients: 400, seed: 1 });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(temporary, { recursive: true, force: true });
});

const rehearse = (args: string[]) => symbolon(folder, ['rehearse', 'study', ...args], { TMPDIR: temporary });

test('a study of three organisations: equal to the clear run, suppressed where too few stand behind, in every file', async () => {
  // So many patients that one of the groups has too few.
  mkdirSync(join(folder, 'studies'));
  const terms = readFileSync(join(example, 'agreement.yaml'), 'utf8').replace('minPatients: 10', 'minPatients: 40');
  writeFileSync(join(folder, 'agreement.yaml'), terms);
  for (const name of readdirSync(join(example, 'studies'))) {
    writeFileSync(join(folder, 'studies', name), readFileSync(join(example, 'studies', name)));
  }
  const ran = await rehearse([
    'studies/by-age.yaml',
    ...['--party', `hospital=${files.patients}`, '--party', `insurer=${files.claims}`],
    ...['--party', `statistics.census=${files.census}`, '--clear', '--out', 'out', '--json'],
  ]);
  expect(ran.code, ran.stderr).toBe(0);
  const report = jsonOf(ran) as Record<string, unknown>;
  expect(report).toMatchObject({
    job: 'study',
    study: 'by-age',
    rows: { hospital: { patients: 400 } },
    equalsClear: true,
    auditVerified: true,
    sessions: 1,
    bytes: { hospital: expect.any(Number), keys: expect.any(Number) },
  });
  expect(report.largestRelativeDifference).toBeLessThan(1e-12);
  expect(readdirSync(join(folder, 'out')).toSorted()).toEqual([
    'report.html',
    'result.csv',
    'result.json',
    'result.parquet',
  ]);
  const lines = readFileSync(join(folder, 'out/result.csv'), 'utf8').trimEnd().split('\r\n');
  expect(lines).toHaveLength(7);
  const suppressed = lines.filter((line) => line.endsWith(',,,,patients | change | spread'));
  expect(suppressed.length).toBeGreaterThan(0);
  expect(suppressed.length).toBeLessThan(6);
  const html = readFileSync(join(folder, 'out/report.html'), 'utf8');
  expect(html.match(/<span>suppressed<\/span>/g)).toHaveLength(3 * suppressed.length);
  expect(readdirSync(temporary)).toEqual([]);
});

test('rows that match by a rule: equal to the clear run, and each owner hears what the cap cut', async () => {
  const ran = await rehearse([
    join(example, 'studies/digital-skills.yaml'),
    ...['--party', `hospital=${files.patients}`, '--party', `municipality=${files.library}`, '--clear', '--json'],
  ]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(jsonOf(ran)).toMatchObject({
    rows: { hospital: { patients: 400 } },
    equalsClear: true,
    largestRelativeDifference: 0,
    sessions: 2,
    cut: { hospital: { library: 0 }, municipality: { library: 0 } },
    auditVerified: true,
    result: { kind: 'method', result: { n: expect.any(Number) } },
  });
});

describe('what is wrong is said before anything runs', () => {
  const study = join(example, 'studies/by-age.yaml');

  test.each([
    [['hospital'], 2, 'usage', /--party is written as hospital=visits\.csv/],
    [['police=patients.csv'], 2, 'usage', /reads no table of police/],
    [['hospital=none.csv'], 2, 'usage', /there is no file none\.csv/],
    [['hospital=patients.csv', 'insurer=claims.csv'], 2, 'usage', /the table census of statistics is missing/],
  ])('--party %s', async (parties, code, kind, words) => {
    const ran = await rehearse([study, ...parties.flatMap((party) => ['--party', party]), '--json']);
    expect(ran.code).toBe(code);
    expect(jsonOf(ran)).toMatchObject({ error: { code: kind, message: expect.stringMatching(words) } });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

test('e-coaching: a study of the example, what it found beside what was put in, a page before the reports', async () => {
  const options = ['--patients', '400', '--seed', 'test', '--out', 'found', '--json'];
  const ran = await symbolon(folder, ['e-coaching', 'by-literacy', ...options], { TMPDIR: temporary });
  expect(ran.code, ran.stderr).toBe(0);
  const report = jsonOf(ran) as { studies: { study: string; findings: Record<string, unknown>[] }[] };
  expect(report).toMatchObject({ job: 'e-coaching', patients: 400, seed: 'test', refused: [], auditVerified: true });
  expect(report.studies.map(({ study }) => study)).toEqual(['by-literacy']);
  for (const study of report.studies) expect(study).toMatchObject({ equalsClear: true });
  expect(report.studies[0]!.findings.map(({ put }) => put)).toEqual([-2, 0]);
  for (const { found } of report.studies.flatMap(({ findings }) => findings)) expect(found).toEqual(expect.any(Number));
  const page = readFileSync(join(folder, 'found/index.html'), 'utf8');
  expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['by-literacy/report.html']);
  expect(readdirSync(join(folder, 'found/by-literacy'))).toContain('report.html');
  expect(readdirSync(temporary)).toEqual([]);
});
