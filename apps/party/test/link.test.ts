import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LinkProgress, type Match, type OpenSession, requestLink } from '../src/index.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
});
afterEach(() => network.close());

const collect = async (matches: AsyncIterable<Match>): Promise<Match[]> => {
  const all: Match[] = [];
  for await (const match of matches) all.push(match);
  return all;
};

/** Pairs of own keys, put together from both sides by the numbers that both know. */
async function pairs(runs: { fred: number; sally: number }): Promise<string[]> {
  const left = await network.fred(({ links }) => collect(links.matches(runs.fred)));
  const right = await network.sally(({ links }) => collect(links.matches(runs.sally)));
  expect(left.length).toBe(right.length);
  return left
    .map((match) => {
      const other = right.find((one) => one.peerRow === match.ownNumber && one.ownNumber === match.peerRow);
      return `${match.key} ${other?.key}`;
    })
    .sort();
}

describe('a link', () => {
  test.each(['expanded', 'full'] as const)('with %s pads gives the pairs of the rule to both sides', async (pads) => {
    const agreement = await agree(network, { pads });
    const events: LinkProgress[] = [];
    const run = await requestLink(network.homes.fred.path, { agreement, onProgress: (event) => events.push(event) });
    expect(run).toMatchObject({ state: 'done', agreement, details: { rows: { a: 5, b: 6 }, matches: 5 } });
    expect(await pairs({ fred: run.id, sally: 1 })).toEqual([
      'M-100 P1',
      'M-101 P2',
      'M-102 P6',
      'M-103 P5',
      'M-104 P4',
    ]);
    expect(new Set(events.map(({ phase }) => phase))).toEqual(
      new Set(['load', 'propose', 'keys', 'exchange', 'evaluate', 'finish', 'store']),
    );
    for (const side of [network.fred, network.sally]) {
      expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1, faults: [] });
    }
  });

  test('may be begun by either side', async () => {
    const agreement = await agree(network);
    const run = await requestLink(network.homes.sally.path, { agreement: agreement.slice(0, 10) });
    expect(run).toMatchObject({ state: 'done', details: { initiator: 'sally', matches: 5 } });
  });

  test('that its owner cancels ends on both sides, and can be begun again', async () => {
    const agreement = await agree(network);
    const never: OpenSession = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    await network.stop('fred');
    await network.start({ fred: { openSession: never } });
    const { path } = network.homes.fred;
    const controller = new AbortController();
    const cancelled = requestLink(path, {
      agreement,
      signal: controller.signal,
      onProgress: ({ phase }) => phase === 'keys' && controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('fred cancelled the run'),
    });
    await network.stop('fred');
    await network.start();
    expect(await requestLink(path, { agreement })).toMatchObject({ state: 'done', details: { matches: 5 } });
    for (const side of [network.fred, network.sally]) {
      const [first] = await side(({ links }) => links.list());
      expect(first).toMatchObject({ state: 'failed', error: 'cancelled: fred cancelled the run', session: null });
    }
  });

  test('that both sides begin at once ends in words, not in a deadlock', async () => {
    const agreement = await agree(network);
    const { fred, sally } = network.homes;
    const results = await Promise.allSettled([fred, sally].map(({ path }) => requestLink(path, { agreement })));
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' });
    }
    expect(await requestLink(fred.path, { agreement })).toMatchObject({ state: 'done' });
  });
});
