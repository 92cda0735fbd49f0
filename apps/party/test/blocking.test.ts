import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hex } from '@symbolon/crypto';
import { FrameSocket, homePaths } from '@symbolon/service';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Match, requestLink } from '../src/index.ts';
import { agree, type Terms, type TestNetwork, testNetwork } from './network.ts';

// Ranks 0 … cap − 1 of each key: 600 rows · 2 keys · cap 4 are 4,800 entries, a little more than a shard.
const rows = 600;
const shared = 200;
const keys = ['a.city = b.city AND left(a.name, 2) = left(b.name, 2)', 'a.born = b.born'];
// Edits cost so much in all pairs that candidates are cheaper even here.
const rule = 'a.medicaid = b.medicaid OR (levenshtein(a.name, b.name) <= 2 AND a.born = b.born)';

let network: TestNetwork;
const send = FrameSocket.prototype.send;

beforeEach(async () => {
  network = await testNetwork();
  people();
  for (const home of [network.homes.fred, network.homes.sally]) {
    const { config } = homePaths(home.path);
    const settings = { shardEntries: 4096, threads: 2 };
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), peerSeconds: 20, settings }));
  }
  await network.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await network.close();
});

/** People of whom the first are on both sides, in another order there, some with another spelling. */
function people(): void {
  const day = (i: number) => `19${50 + (i % 50)}-0${1 + (i % 9)}-${10 + (i % 19)}`;
  const name = (i: number) =>
    `${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}${'uvwxyz'[i % 6]} person`;
  const a = Array.from({ length: rows }, (_, i) => `M-${i},${name(i)},${day(i)},city ${i % 40}`);
  const b = Array.from({ length: rows }, (_, i) => {
    const j = (7 * i) % rows;
    if (j >= shared) return `P${j},N-${j},other ${j},${day(j + 3)},town ${j % 40}`;
    return `P${j},${j % 3 === 0 ? `M-${j}` : ''},${name(j)}${j % 2 === 0 ? 's' : ''},${day(j)},city ${j % 40}`;
  });
  writeFileSync(join(network.folder, 'members.csv'), `medicaid,name,born,city\n${a.join('\n')}\n`);
  writeFileSync(join(network.folder, 'patients.csv'), `id,medicaid,name,born,city\n${b.join('\n')}\n`);
}

async function agreed(link: Terms['link'] = {}, pads: Terms['pads'] = 'expanded'): Promise<string> {
  return agree(network, { rule, pads, maxRows: rows, maxRuns: 50, link: { blocking: { keys, cap: 4 }, ...link } });
}

const ask = (agreement: string) => requestLink(network.homes.fred.path, { agreement });

/** Pairs of own keys, put together from both sides by the numbers that both know. */
async function pairs(runs: { fred: number; sally: number }): Promise<string[]> {
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

/** The rule and a key hold for these: the first `shared` people by their birthday. */
const expected = Array.from({ length: shared }, (_, i) => `M-${i} P${i}`).sort();

test.each(['expanded', 'full'] as const)(
  'a link by blocking, with %s pads',
  async (pads) => {
    const agreement = await agreed({}, pads);
    const run = await ask(agreement);
    expect(run).toMatchObject({ state: 'done', details: { sessions: 3, shards: 2 } });
    const found = await pairs({ fred: run.id, sally: 1 });
    expect(found.filter((pair) => expected.includes(pair))).toEqual(expected);
    for (const side of [network.fred, network.sally]) {
      expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1, faults: [] });
    }
  },
  60_000,
);

test('a line that breaks in mid-shard costs another try with other keys, and the run completes', async () => {
  const agreement = await agreed();
  const frames: { socket: FrameSocket; frame: string }[] = [];
  let broken: FrameSocket | undefined;
  let big = 0;
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(async function (this: FrameSocket, frame: Uint8Array) {
    frames.push({ socket: this, frame: hex(frame.subarray(0, 64)) });
    // Sally's store of a shard; her line of that session breaks without a word.
    if (broken === undefined && this.peer === 'fred' && frame.length > 100_000 && ++big === 2) {
      broken = this;
      await this.close();
      return;
    }
    await send.call(this, frame);
  });
  const run = await ask(agreement);
  expect(run).toMatchObject({ state: 'done', details: { sessions: 3, shards: 2 } });
  // What begins with { is no masked byte: that both hold the keys, each in the same words.
  const before = frames.filter(
    ({ socket, frame }) => socket === broken && frame.length >= 64 && !frame.startsWith('7b'),
  );
  const after = new Set(frames.filter(({ socket }) => socket !== broken).map(({ frame }) => frame));
  expect(before.length).toBeGreaterThan(1);
  for (const { frame } of before) expect(after.has(frame)).toBe(false);
  expect((await pairs({ fred: run.id, sally: 1 })).filter((pair) => expected.includes(pair))).toEqual(expected);
  for (const side of [network.fred, network.sally]) {
    expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true });
  }
}, 60_000);

test('a shard that fails three times ends the run by name, and the next run works', async () => {
  const agreement = await agreed();
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(async function (this: FrameSocket, frame: Uint8Array) {
    if (this.peer === 'fred' && frame.length > 100_000) await this.close();
    else await send.call(this, frame);
  });
  await expect(ask(agreement)).rejects.toMatchObject({
    code: 'peer-gone',
    culprit: 'sally',
    message: expect.stringMatching(/shard \d failed 3 times/),
  });
  vi.restoreAllMocks();
  expect(await ask(agreement)).toMatchObject({ state: 'done' });
  const [failed, done] = await network.sally(({ links }) => links.list());
  expect([failed!.state, done!.state]).toEqual(['failed', 'done']);
  expect(failed!.openedAt).toBeNull();
}, 90_000);

test('many-to-one, for one side alone, and their number alone', async () => {
  const one = await ask(await agreed({ cardinality: 'many-to-one', learn: 'a' }));
  expect(one.details!.matches).toBeGreaterThanOrEqual(shared);
  expect(await network.sally(({ links }) => links.show(1))).toMatchObject({ details: { matches: null } });
}, 60_000);
