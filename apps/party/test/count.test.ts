import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requestLink } from '../src/index.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

/*
 * How many keys two large tables have in common, and nothing else: no pair, no row. Keys stand several times in a table, and are missing.
 */

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
});
afterEach(() => network.close());

/** Keys of n rows: of numbers from `from` on, each fifth number twice, each eleventh row none. */
const keysOf = (n: number, from: number): (string | null)[] =>
  Array.from({ length: n }, (_, row) => {
    if (row % 11 === 0) return null;
    return `K-${from + (row % 5 === 0 && row > 0 ? row - 1 : row)}`;
  });

async function count(n: number) {
  const [own, theirs] = [keysOf(n, 0), keysOf(n, Math.floor(n / 3)).reverse()];
  const lines = (keys: (string | null)[], id: string): string =>
    keys.map((key, row) => `${id}${row},${key ?? ''},city ${row % 7}`).join('\n');
  writeFileSync(join(network.folder, 'members.csv'), `id,medicaid,city\n${lines(own, 'm')}\n`);
  writeFileSync(join(network.folder, 'patients.csv'), `id,medicaid,city\n${lines(theirs, 'p')}\n`);
  const agreement = await agree(network, {
    rule: 'a.medicaid = b.medicaid',
    key: 'id',
    maxRows: n,
    link: { reveal: 'count', cardinality: 'one-to-one' },
  });
  const explained = await network.fred(({ links }) => links.explain(agreement, { a: n, b: n }));
  const { id } = await requestLink(network.homes.fred.path, { agreement });
  const of = (side: 'fred' | 'sally', run: number) =>
    network[side](async ({ links }) => {
      for await (const _ of links.matches(run)) expect.unreachable();
      return (await links.show(run)).details!;
    });
  const held = new Set(theirs.filter((key) => key !== null));
  const expected = new Set(own.filter((key) => key !== null && held.has(key))).size;
  return { fred: await of('fred', id), sally: await of('sally', 1), expected, explained };
}

describe('keys that both tables have are counted once each, however many rows have them', () => {
  test('of thousands of rows: not by all pairs, and no row stands in a result', async () => {
    const { fred, sally, expected, explained } = await count(5000);
    expect(expected).toBeGreaterThan(1500);
    expect([fred.matches, sally.matches]).toEqual([expected, expected]);
    expect(fred).toMatchObject({ shards: 1, sessions: 2 });
    expect(explained.way.kind).toBe('blocking');
    expect(explained.remarks.join(' ')).toMatch(/No key that both tables have is missed/);
  });

  test('of few rows: by all pairs, to the same definition', async () => {
    const { fred, sally, expected } = await count(60);
    expect([fred.matches, sally.matches, fred.shards]).toEqual([expected, expected, 0]);
  });

  test.runIf(process.env.SLOW)('with SLOW=1: of 200,000 rows', async () => {
    const { fred, sally, expected } = await count(200_000);
    expect([fred.matches, sally.matches]).toEqual([expected, expected]);
  });
});
