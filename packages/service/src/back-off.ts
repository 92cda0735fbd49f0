import type { Rng } from '@symbolon/crypto';

const firstMilliseconds = 1000;
const longestMilliseconds = 5 * 60_000;

/** How long to wait after so many failures in a row: doubled from one second to five minutes, and up to half as long again, so that not all come at once. */
export function backOff(failures: number, rng: Rng): number {
  const least = Math.min(firstMilliseconds * 2 ** Math.min(failures - 1, 20), longestMilliseconds);
  const [byte] = rng(1);
  return Math.round(least * (1 + byte! / 512));
}
