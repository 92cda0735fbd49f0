// npm run check: types, lint and format, architecture. Runs all three, so that one run shows all that is wrong.
import { spawnSync } from 'node:child_process';

const checks = [
  ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
  ['types of the console', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'apps/console/web']],
  ['lint and format', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ['architecture', ['node_modules/vitest/vitest.mjs', 'run', 'tests/architecture.test.ts']],
];
const failed = checks.filter(([, args]) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0);
for (const [name] of failed) console.error(`check: ${name} failed`);
process.exit(failed.length === 0 ? 0 : 1);
