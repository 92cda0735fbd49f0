import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Ran } from './support/hosted.ts';
import { jsonOf, symbolon } from './support/script.ts';

/** The whole story, in a temporary folder of its own, of which nothing is left. */
async function demo(...options: string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 's-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ran = await symbolon(folder, ['demo', '--once', ...options], { TMPDIR: folder });
  expect(ran.code, ran.stderr).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  return ran;
}

test('the demo: the fields of a rehearsal, the pairs of the clear run, the story on stderr', async () => {
  const ran = await demo('--json');
  const report = jsonOf(ran) as Record<string, unknown>;
  const fields = 'job left right matches equalsClear precision recall seconds bytes rounds auditVerified';
  expect(Object.keys(report).slice(0, 11).join(' ')).toBe(fields);
  expect(report).toMatchObject({ job: 'link', left: 2000, right: 2500, equalsClear: true, auditVerified: true });
  // Twins and typing errors: neither is perfect.
  for (const share of ['precision', 'recall']) {
    expect(report[share]).toBeGreaterThan(0.9);
    expect(report[share]).toBeLessThan(1);
  }
  // Of three events one arrives.
  expect(ran.stderr).toMatch(/FRED'S MEMBER +EVENT +WHEN +WHERE\n +\S+ +emergency +\S+Z +General Hospital\n\n/i);
  const scenes = [...ran.stderr.matchAll(/^(\d) {2}(.*)$/gm)].map(([, number, heading]) => `${number} ${heading}`);
  expect(scenes).toEqual([
    '1 Two tables',
    '2 The agreement',
    '3 Trying the rule together',
    '4 Both sign',
    '5 The link',
    '6 The matches',
    '7 Three events',
    '8 Is it right?',
  ]);
});

test('it ends in a small table, what is only simulated, and the next command', async () => {
  const { stdout, stderr } = await demo();
  expect(stdout).toMatch(/^matches .*^precision .*^recall .*^ROLE +SENT +LEARNED\n/ms);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .slice(-3)
      .map((line) => line.split(' ')[0]),
  ).toEqual(['fred', 'sally', 'keys']);
  expect(stderr).toMatch(
    /Only simulated: .*\n.*\n\nNext, with two files of yours:\n {2}npm run symbolon -- rehearse link /,
  );
});
