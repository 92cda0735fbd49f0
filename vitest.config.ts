import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    env: {
      // Tests keep nothing in a database of whoever runs them.
      DATABASE_URL: '',
      // Threads and processes that tests start load what an earlier one has compiled, as those of the symbolon command do.
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/symbolon'),
    },
  },
});
