import { SymbolonError } from '@symbolon/crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FaultKind, injectFault, type Network, recordWires, startNetwork } from '../src/index.ts';

let network: Network;
beforeAll(async () => {
  network = await startNetwork({
    a: { id: 'fred', csv: 'id,name\n1,Ann Lee\n2,Bob Ray\n3,Cy Dee\n' },
    b: { id: 'sally', csv: 'id,name\n2,Rob Ray\n9,Ann Lee\n' },
    rule: 'a.id = b.id OR agree(a.name, b.name) >= 0.9',
  });
});
afterAll(() => network?.close());

const pairs = [
  [0, 1],
  [1, 0],
];

// Frame 2 of a line is the first of masked data: hello, ready, then the exchange.
const cases: [FaultKind, number][] = (['duplicate', 'truncate', 'lengthen', 'corrupt', 'kill'] as const).flatMap(
  (kind) => [0, 2].map((frame): [FaultKind, number] => [kind, frame]),
);

test.each(cases)('%s of frame %i ends in an error of a known code, and the next run works', async (kind, frame) => {
  for (const to of ['fred', 'sally']) {
    const set = injectFault({ kind, to, frame });
    try {
      await expect(network.link()).rejects.toThrow(SymbolonError);
      expect(set.struck).toBe(true);
    } finally {
      set.remove();
    }
  }
  expect(await network.pairs(await network.link())).toEqual(pairs);
});

test('two runs of the same tables share no masked byte string', async () => {
  const sent: Buffer[] = [];
  for (let run = 0; run < 2; run++) {
    const recorder = recordWires();
    try {
      await network.link();
      const frames = recorder.streams.filter(({ port }) => port === network.b.port).map((stream) => stream.bytes());
      sent.push(Buffer.concat(frames));
    } finally {
      recorder.stop();
    }
  }
  const [first, second] = sent as [Buffer, Buffer];
  // What is no text is masked: HTTP and JSON say the same things in every run.
  let windows = 0;
  for (let at = 0; at + 16 <= first.length; at += 16) {
    const window = first.subarray(at, at + 16);
    if (window.filter((byte) => byte >= 0x80).length < 4) continue;
    windows++;
    expect(second.includes(window)).toBe(false);
  }
  expect(windows).toBeGreaterThan(100);
});
