import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cleanup } from '../src/cleanup.ts';
import { writeWhole } from '../src/whole-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-whole-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* parts(last: () => Promise<void> | void): AsyncGenerator<string> {
  yield 'head\n';
  await last();
  yield 'tail\n';
}

test('a file has its name once it is whole, and is never written over', async () => {
  const cleanup = new Cleanup();
  const path = join(folder, 'x.csv');
  await writeWhole(
    path,
    parts(() => expect(readdirSync(folder)).not.toContain('x.csv')),
    cleanup,
  );
  const again = writeWhole(
    path,
    parts(() => undefined),
    cleanup,
  );
  await expect(again).rejects.toMatchObject({ code: 'conflict', culprit: path });
  await cleanup.run();
  expect(readdirSync(folder)).toEqual(['x.csv']);
  expect(readFileSync(path, 'utf8')).toBe('head\ntail\n');
});

test('nothing is left of one that failed, or was interrupted', async () => {
  const failing = new Cleanup();
  const failed = writeWhole(
    join(folder, 'x.csv'),
    parts(() => Promise.reject(new Error('no more'))),
    failing,
  );
  await expect(failed).rejects.toThrow('no more');
  await failing.run();
  expect(readdirSync(folder)).toEqual([]);

  const interrupted = new Cleanup();
  const writing = writeWhole(
    join(folder, 'x.csv'),
    parts(async () => {
      await expect.poll(() => readdirSync(folder).length).toBe(1);
      await interrupted.run();
    }),
    interrupted,
  );
  await expect(writing).rejects.toThrow(/ENOENT/);
  expect(readdirSync(folder)).toEqual([]);
});
