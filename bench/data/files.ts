import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRegisters } from '@symbolon/testkit';

type Files = readonly [a: string, b: string];

const shared = join(import.meta.dirname, '../../../shared/data');

/** The two files of a public data set; undefined, with a word on stderr, where it is not there. */
export function publicFiles(name: 'febrl4' | 'anonlink'): Files | undefined {
  const [folder, ...files] = {
    febrl4: ['febrl4', 'dataset4a.csv', 'dataset4b.csv'] as const,
    anonlink: ['anonlink-tutorial', 'dataset-1.csv', 'dataset-2.csv'] as const,
  }[name];
  const [a, b] = files.map((file) => join(shared, folder, file)) as [string, string];
  if (existsSync(a) && existsSync(b)) return [a, b];
  console.error(`skipped: ${join(shared, folder)} is not there (see CONTRIBUTING.md)`);
  return undefined;
}

/** Two registers of n generated people, half of them in both, with the errors of FEBRL4, in a folder that exists. The same in every run. */
export function generatedFiles(folder: string, n: number): Files {
  const own = join(folder, String(n));
  mkdirSync(own, { recursive: true });
  const { first, second } = writeRegisters(own, { seed: 'bench', size: n });
  return [first, second];
}

/** Tables of n records that share half of their keys, `medicaid`, in a folder that exists. */
export function keyFiles(folder: string, n: number): Files {
  const [a, b] = [0, n / 2].map((offset, side) => {
    const file = join(folder, `${side}.csv`);
    // A prime step through the numbers, so that neither file is in the order of its keys.
    const lines = Array.from({ length: n }, (_, i) => `r${i},${100_000_000 + (((i * 7919) % n) + offset) * 31}`);
    writeFileSync(file, `record,medicaid\n${lines.join('\n')}\n`);
    return file;
  }) as [string, string];
  return [a, b];
}
