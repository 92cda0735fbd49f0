import { type NormaliseStep, normaliseSteps } from '@symbolon/linkage';
import { UsageError } from './ui.ts';

/** The value of `--normalise`, in the order in which the steps are applied. */
export function stepsOf(typed: string): NormaliseStep[] {
  const wanted = typed === 'none' ? [] : typed.split(',').map((step) => step.trim());
  const known: readonly string[] = normaliseSteps;
  const unknown = wanted.find((step) => !known.includes(step));
  if (unknown !== undefined) {
    throw new UsageError(`--normalise knows ${normaliseSteps.join(', ')} and none, not '${unknown}'`);
  }
  return normaliseSteps.filter((step) => wanted.includes(step));
}
