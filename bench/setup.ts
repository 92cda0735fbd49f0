import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from './row.ts';
import { row } from './row.ts';

/** A fresh clone of what is committed: the set-up, the set-up again, and how soon the demo says something. */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-clone-'));
  try {
    spawnSync('git', ['clone', '--quiet', join(import.meta.dirname, '..'), folder]);
    return [
      row('setup', 'set-up of a fresh clone', 1, setup(folder), 's', 90),
      row('setup', 'set-up when nothing changed', 1, setup(folder), 's'),
      row('setup', 'demo: first output', 1, await firstOutput(folder), 's', 5),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function setup(folder: string): number {
  const start = performance.now();
  if (spawnSync('npm', ['run', 'setup'], { cwd: folder, stdio: 'ignore' }).status !== 0)
    throw new Error('the set-up failed');
  return (performance.now() - start) / 1000;
}

/** Seconds until the demo's first line after npm's own; the demo is then interrupted and ends by itself. */
async function firstOutput(folder: string): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, ['apps/cli/src/main.ts', 'demo', '--once'], { cwd: folder });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const seconds = await new Promise<number>((resolve, reject) => {
    const heard = (): void => resolve((performance.now() - start) / 1000);
    child.stdout.once('data', heard);
    child.stderr.once('data', heard);
    child.once('error', reject);
  });
  child.kill('SIGINT');
  await ended;
  return seconds;
}
