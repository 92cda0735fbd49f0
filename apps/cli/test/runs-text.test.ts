import { errorCodes } from '@symbolon/crypto';
import type { RunInfo } from '@symbolon/party';
import { expect, test } from 'vitest';
import { runsText } from '../src/commands/link.ts';

const run = (error: string, matches: number | null = null) =>
  ({
    id: 1234,
    agreement: 'x'.repeat(43),
    state: 'failed',
    startedAt: '2026-01-01T00:00:00.000Z',
    error,
    details: matches === null ? null : { matches },
  }) as RunInfo;

test('runs fit into 80 columns, whatever ended them; one that was cancelled is called so', () => {
  const runs = Object.keys(errorCodes).map((code) => run(`${code}: ${'words '.repeat(20)}`, 999_999_999));
  for (const line of runsText(runs).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  const text = runsText([run('cancelled: fred cancelled the run')]);
  expect(text).toMatch(/1234 +x{8} +cancelled +2026-01-01T00:00$/m);
  expect(text).not.toContain('failed');
});
