import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insecureTestRng } from '@symbolon/crypto';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { OwnFiles, patientsOfPart } from '../src/outsource/own-files.ts';

const values = Array.from({ length: 2 * patientsOfPart + 5 }, (_, i) => `P${i}`);
const rng = insecureTestRng('own files');
const seed = rng(32);
const refused = expect.objectContaining({ code: 'config-invalid' });
let folder: string;
let files: OwnFiles;

beforeEach(() => {
  const parent = mkdtempSync(join(tmpdir(), 'symbolon-own-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  folder = join(parent, 'seal', 'tables', 'one');
  files = new OwnFiles(folder, seed);
});

test('values come back part by part, and all together', () => {
  const kept = files.write('patients', values, rng);
  expect(files.all('patients')).toEqual(values);
  expect(files.part('patients', 1, kept)).toEqual({
    values: values.slice(patientsOfPart, 2 * patientsOfPart),
    parts: 3,
  });
  expect(files.part('patients', 2).values).toEqual(values.slice(-5));
  expect(() => files.part('patients', 3)).toThrow(expect.objectContaining({ code: 'not-found' }));
  expect([folder, join(folder, '..'), join(folder, 'patients')].map((path) => statSync(path).mode & 0o777)).toEqual([
    0o700, 0o700, 0o600,
  ]);
});

test('no other key reads them, nor what was altered, swapped, cut or written again', () => {
  const kept = files.write('patients', values, rng);
  const path = join(folder, 'patients');
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(() => new OwnFiles(folder, rng(32)).part('patients', 0)).toThrow(refused);
  const changed = [
    [lines[1], lines[0], lines[2], ''],
    [lines[0], lines[1], ''],
    [`${lines[0]!.slice(0, -2)}AA`, ...lines.slice(1)],
  ];
  for (const altered of changed) {
    writeFileSync(path, altered.join('\n'));
    expect(() => files.part('patients', 0)).toThrow(refused);
  }
  // Whoever has the key can write it anew, but not to the same hash.
  files.write('patients', values.toReversed(), rng);
  expect(files.part('patients', 0).parts).toBe(3);
  expect(() => files.part('patients', 0, kept)).toThrow(refused);
});

test('a part of the longest ids is far below what an answer of the API may have', () => {
  const answer = Array.from({ length: patientsOfPart }, () => ['x'.repeat(256), -0.123_456_789_012_34]);
  expect(JSON.stringify(answer).length).toBeLessThan(4 * 2 ** 20);
});
