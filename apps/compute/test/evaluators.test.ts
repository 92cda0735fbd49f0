import { validId } from '@symbolon/fhe';
import { expect, test } from 'vitest';
import { Evaluators } from '../src/evaluators.ts';
import { childrenOf } from './memory.ts';

test('processes that wait are given one question, and others wait in their place', async () => {
  const evaluators = new Evaluators({ processes: 2, megabytes: 1024, spares: 2 });
  const children = () => new Set(childrenOf(process.pid));
  await evaluators.fill();
  const first = children();
  expect(first.size).toBe(2);
  await evaluators.fill();
  expect(children()).toEqual(first);
  const circuit = { nodes: [{ op: 'columns' as const, columns: [validId] }], outputs: [0] };
  const question = { circuit, evaluation: new Uint8Array(3), files: {}, chunks: 5, models: new Map() };
  const following = { signal: AbortSignal.timeout(30_000), onChunk: () => {} };
  await expect(evaluators.evaluate(question, following)).rejects.toMatchObject({ code: 'compute-failed' });
  await evaluators.fill();
  await expect.poll(() => [...children()].filter((pid) => first.has(pid))).toEqual([]);
  expect(children().size).toBe(2);
  evaluators.close();
  await expect.poll(() => children().size).toBe(0);
});
