import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homePaths } from '@symbolon/service';
import type { Match } from '../src/index.ts';
import { agree, type Terms, type TestNetwork, testNetwork } from './network.ts';

// Ranks 0 … cap − 1 of each key: 800 rows · 2 keys · cap 3 are 4,800 entries, a little more than a shard.
const rows = 800;
const cap = 3;
const keys = ['a.city = b.city AND left(a.name, 2) = left(b.name, 2)', 'a.born = b.born'];
// Edits cost so much in all pairs that candidates are cheaper even here.
const rule =
  'a.medicaid = b.medicaid OR (levenshtein(a.name, b.name) <= 3 AND levenshtein(a.city, b.city) <= 4 AND a.born = b.born)';

/** So many people are in both tables. */
export const shared = 200;
/** The rule and a key hold for these: the first `shared` people by their birthday. */
export const expected = Array.from({ length: shared }, (_, i) => `M-${i} P${i}`).sort();

/** Longer than this, in bytes, are of a shard's frames the store and what one party puts into the comparison: its keys are in use by then. */
export const tableBytes = 100_000;

/** Two organisations whose tables are linked by blocking, two shards at a time; not started. */
export async function blockedNetwork(): Promise<TestNetwork> {
  const network = await testNetwork();
  people(network.folder);
  for (const home of [network.homes.fred, network.homes.sally]) {
    const { config } = homePaths(home.path);
    const settings = { shardEntries: 4096, threads: 2 };
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), peerSeconds: 20, settings }));
  }
  return network;
}

/** People of whom the first are on both sides, in another order there, some with another spelling. */
function people(folder: string): void {
  const day = (i: number) => `19${50 + (i % 50)}-0${1 + (i % 9)}-${10 + (i % 19)}`;
  const name = (i: number) =>
    `${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}${'uvwxyz'[i % 6]} person`;
  const a = Array.from({ length: rows }, (_, i) => `M-${i},${name(i)},${day(i)},city ${i % 80}`);
  const b = Array.from({ length: rows }, (_, i) => {
    const j = (7 * i) % rows;
    if (j >= shared) return `P${j},N-${j},other ${j},${day(j + 3)},town ${j % 80}`;
    return `P${j},${j % 3 === 0 ? `M-${j}` : ''},${name(j)}${j % 2 === 0 ? 's' : ''},${day(j)},city ${j % 80}`;
  });
  writeFileSync(join(folder, 'members.csv'), `medicaid,name,born,city\n${a.join('\n')}\n`);
  writeFileSync(join(folder, 'patients.csv'), `id,medicaid,name,born,city\n${b.join('\n')}\n`);
}

/** @returns the hash of the agreement */
export async function agreeBlocked(
  network: TestNetwork,
  link: Terms['link'] = {},
  pads: Terms['pads'] = 'expanded',
): Promise<string> {
  return agree(network, { rule, pads, maxRows: rows, maxRuns: 50, link: { blocking: { keys, cap }, ...link } });
}

/** Pairs of own keys, put together from both sides by the numbers that both know. */
export async function pairsOf(network: TestNetwork, runs: { fred: number; sally: number }): Promise<string[]> {
  const collect = async (matches: AsyncIterable<Match>): Promise<Match[]> => {
    const all: Match[] = [];
    for await (const match of matches) all.push(match);
    return all;
  };
  const left = await network.fred(({ links }) => collect(links.matches(runs.fred)));
  const right = await network.sally(({ links }) => collect(links.matches(runs.sally)));
  const others = new Map(right.map((match) => [`${match.peerRow} ${match.ownNumber}`, match.key]));
  return left.map(({ key, ownNumber, peerRow }) => `${key} ${others.get(`${ownNumber} ${peerRow}`)}`).sort();
}
