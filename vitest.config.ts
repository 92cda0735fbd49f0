import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const all = ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tests/**/*.test.ts'];

// What keeps nothing outside a call, and no memory of kernels, of which a process gives none back: these tests share processes, and what
// those have loaded.
const light = [
  'packages/{agreement,alerts,ledger,sql,report}/test/**/*.test.ts',
  'packages/analytics/test/{sql,statistics,study}/**/*.test.ts',
];

// Servers that run in the process of their test, which closes what it opened: loading their code takes longer than most of these tests.
const servers = ['packages/service/test/**/*.test.ts', 'apps/{party,keyservice}/test/*.test.ts'];

// Of those: what ends processes, or changes for all of one what its servers do.
const alone = [
  'packages/service/test/log-crash.test.ts',
  'apps/{party,keyservice}/test/{*crash,blocking,faults,kill-*,process,retry,revocation}.test.ts',
];

const memory = '/dev/shm';
const leastFreeBytes = 2 ** 31;

/** Where tests keep their files: in memory where there is enough, as servers sync each commit to the disk and no test loses power. */
function temporary(): string {
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= leastFreeBytes ? memory : tmpdir();
}

export default defineConfig({
  resolve: { alias: { 'fast-check': join(import.meta.dirname, 'tests/support/fast-check.ts') } },
  test: {
    // Only what hangs takes as long, on any machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // As long as `vi.waitFor` waits.
    expect: { poll: { timeout: 60_000 } },
    setupFiles: [join(import.meta.dirname, 'tests/support/patience.ts')],
    pool: 'forks',
    // All cores: much of what servers do is waiting.
    maxWorkers: '100%',
    env: {
      // Tests keep nothing in a database of whoever runs them.
      DATABASE_URL: '',
      TMPDIR: process.env.TMPDIR ?? temporary(),
      // Threads and processes that tests start load what an earlier one has compiled, as those of the symbolon command do.
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/symbolon'),
    },
    projects: [
      { extends: true, test: { name: 'separate', include: all, exclude: [...light, ...servers] } },
      { extends: true, test: { name: 'alone', include: alone } },
      { extends: true, test: { name: 'together', include: light, isolate: false } },
      { extends: true, test: { name: 'servers', include: servers, exclude: alone, isolate: false } },
    ],
  },
});
