import { FrameSocket } from '@symbolon/service';
import { type Network, type NetworkSetUp, recordWires, startNetwork } from '@symbolon/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { blockedEncodingsOf, formsOf, search, stored } from './support/canaries.ts';

// In the first row of each table; the two match, by their spelling and their birthday.
const canaries = { a: ['QXZ7718820451', 'Quackenbush'], b: ['KJW5529910377', 'Qvackenbusk'] };
const born = '1961-12-24';
const rows = 600;

function csv([medicaid, name]: readonly string[], prefix: string): string {
  const others = Array.from({ length: rows - 1 }, (_, i) => {
    const day = `19${50 + (i % 50)}-0${1 + (i % 9)}-${10 + (i % 19)}`;
    return `${prefix}${8800112230000 + i},${'abcdefghij'[i % 10]}${'klmnopqrst'[i % 9]} person,${day}`;
  });
  return `medicaid,name,born\n${medicaid},${name},${born}\n${others.join('\n')}\n`;
}

const setUp: NetworkSetUp = {
  a: { id: 'fred', csv: csv(canaries.a, 'M') },
  b: { id: 'sally', csv: csv(canaries.b, 'N') },
  rule: 'a.medicaid = b.medicaid OR (levenshtein(a.name, b.name) <= 6 AND a.born = b.born)',
  terms: { blocking: { keys: ['a.medicaid = b.medicaid', 'a.born = b.born'], cap: 4 } },
};

async function network(): Promise<Network> {
  const started = await startNetwork(setUp);
  onTestFinished(() => started.close());
  return started;
}

test('in a run by blocking, no canary in any form crosses any wire, or reaches the key service or another’s disk', async () => {
  const net = await network();
  const recorder = recordWires();
  onTestFinished(() => recorder.stop());
  const run = await net.link();
  expect(run.details).toMatchObject({ sessions: 2, shards: 1 });
  expect(await net.pairs(run)).toContainEqual([0, 0]);

  const needles = [...Object.values(canaries).flat().flatMap(formsOf), ...(await blockedEncodingsOf(net, 1))];
  for (const what of [
    /^key 0 of row 0 of a/,
    /^key 1 of row 0 of b/,
    /^part \d+ of row 0 of a/,
    /^part \d+ of row 0 of b/,
  ]) {
    expect(needles.map((needle) => needle.what)).toEqual(expect.arrayContaining([expect.stringMatching(what)]));
  }
  const wires = recorder.all();
  const { sent, received, answerKey } = run.details!.bytes;
  expect(wires.length).toBeGreaterThan(sent + received + answerKey);
  expect(search(wires, needles)).toEqual([]);

  const toKeys = Buffer.from(recorder.sentTo(net.keys.port));
  expect(toKeys.toString('latin1')).toMatch(/POST \/v1\/sessions\/[\w-]{43}\/answer HTTP/);
  expect(toKeys.length).toBeLessThan(16_384);

  expect(search(stored(net.keys.home), needles)).toEqual([]);
  // Keys as bytes hold the texts; the parts of a comparison are a table's own.
  const of = (side: 'a' | 'b') => [
    ...canaries[side].flatMap(formsOf),
    ...needles.filter(({ what }) => what.startsWith('part ') && what.endsWith(` of ${side}`)),
  ];
  expect(search(stored(net.a.home), of('b'))).toEqual([]);
  expect(search(stored(net.b.home), of('a'))).toEqual([]);
});

test('positive control: records that stand bare in what carries a table are found, and end the run', async () => {
  const net = await network();
  const encodings = await blockedEncodingsOf(net, 1);
  const recorder = recordWires();
  onTestFinished(() => recorder.stop());
  const { send } = FrameSocket.prototype;
  const spy = vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (
    this: FrameSocket,
    frame: Uint8Array,
  ) {
    if (frame.length < 50_000) return send.call(this, frame);
    // As a party would that put its records into the store without their pads.
    const owner = this.peer === 'fred' ? 'b' : 'a';
    const bare = Uint8Array.from(frame);
    const own = encodings.filter(({ what }) => what.endsWith(` of ${owner}`));
    for (const [i, { bytes }] of own.entries()) bare.set(bytes, 1001 * (i + 1));
    return send.call(this, bare);
  });
  onTestFinished(() => spy.mockRestore());
  await expect(net.link()).rejects.toMatchObject({ code: expect.stringMatching(/^(hash-mismatch|peer-gone)$/) });
  expect(search(recorder.all(), encodings).sort()).toEqual(encodings.map(({ what }) => what).sort());
});
