import { createKernels } from '@symbolon/kernels';
import { expect, test } from 'vitest';
import { warmUp } from '../../src/index.ts';

test('warming up leaves kernels as free as they were', async () => {
  const kernels = createKernels();
  await warmUp(kernels);
  expect(kernels.arena.used).toBe(0);
});
