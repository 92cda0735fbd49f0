import { Prg, sha256 } from '@symbolon/crypto';
import type { OpenSession } from '@symbolon/party';
import { peerClient, programPads } from '@symbolon/service';
import { type Network, type NetworkSetUp, recordWires, startNetwork } from '@symbolon/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { encodingsOf, formsOf, search, stored } from './support/canaries.ts';

// Values that nothing else in the world has: if one turns up on a wire, a record did.
const canaries = {
  a: ['QXZ7718820451', 'Wilhelmina Quackenbush', 'Zyzzyva Vraxholm'],
  b: ['KJW5529910377', 'Bartholomew Xanthopoulos', 'Ottokar Quizzleby'],
};
const csv = (rows: readonly string[]) => `${['medicaid,name,born', ...rows].join('\n')}\n`;
const setUp: NetworkSetUp = {
  a: {
    id: 'fred',
    csv: csv([
      `${canaries.a[0]},Ann Lee,1950-03-01`,
      `8800112233445,${canaries.a[1]},1961-12-24`,
      `8800112233446,${canaries.a[2]},1987-07-14`,
      '8800112233447,Shared Person,1999-01-02',
    ]),
  },
  b: {
    id: 'sally',
    csv: csv([
      `${canaries.b[0]},Bob Ray,1942-05-05`,
      `9900112233445,${canaries.b[1]},1961-12-24`,
      '8800112233447,Shared Perzon,1999-01-02',
      `9900112233446,${canaries.b[2]},1990-10-30`,
      `9900112233447,${canaries.a[1]!.replace('ck', 'xk')},1961-12-24`,
    ]),
  },
  rule: 'a.medicaid = b.medicaid OR (agree(a.name, b.name) >= 0.9 AND a.born = b.born)',
};
const texts = [...canaries.a, ...canaries.b, 'Shared Person', '8800112233447', 'Wilhelmina', 'Xanthopoulos'].flatMap(
  formsOf,
);

async function network(changed: Partial<NetworkSetUp> = {}): Promise<Network> {
  const started = await startNetwork({ ...setUp, ...changed });
  onTestFinished(() => started.close());
  return started;
}

/**
 * Positive control: one-time keys whose pad over a single input, the first, is zero. That is what a bare λ comes to: whoever sees
 * Δ and λ sees x. The rest is as it should be; the run ends where the answer key would come.
 */
const oneBareMask: OpenSession = async ({ attempt, grant, program }) => {
  const own = sha256(Uint8Array.of(grant.index, ...attempt));
  const pair = sha256(attempt);
  const pads = programPads(program, grant.index).map(({ node, bytes }, i) => {
    const pad = new Uint8Array(bytes);
    if (i > 0) new Prg(own).stream(`${node}`).fill(pad, 0);
    return [node, pad] as const;
  });
  return {
    session: sha256(attempt),
    secrets: async () => ({ seeds: [0, 1].map((party) => (party === grant.index ? own : pair)), pads: new Map(pads) }),
    answerKey: () => {
      throw new Error('the control ends here');
    },
    end: async () => undefined,
  };
};

describe('what crosses the wires', () => {
  test('in a whole run, no canary in any form crosses any wire, or reaches the key service', async () => {
    const net = await network();
    const recorder = recordWires();
    onTestFinished(() => recorder.stop());
    const run = await net.link();
    const pairs = await net.pairs(run);
    expect(pairs).toEqual([
      [1, 4],
      [3, 2],
    ]);

    const needles = [...texts, ...(await encodingsOf(net))];
    expect(needles.length).toBeGreaterThan(200);
    const wires = recorder.all();
    // Every kind of wire was recorded: partners' requests, frames of both directions, requests to the key service and its answers.
    expect(wires.length).toBeGreaterThan(
      run.details!.bytes.sent + run.details!.bytes.received + run.details!.bytes.answerKey,
    );
    expect(search(wires, needles)).toEqual([]);

    const toKeys = Buffer.from(recorder.sentTo(net.keys.port));
    const requests = toKeys.toString('latin1').match(/(GET|POST|DELETE|PUT|PATCH) \S+(?= HTTP\/1\.1\r\n)/g) ?? [];
    const asked = new Set(
      requests.map((line) => line.replace(/[\w-]{43}/, ':id').replace(/\/\d+\/\d+$/, '/:from/:to')),
    );
    // Whether a proof is asked for depends on who has witnessed what by then.
    asked.delete('GET /v1/log/consistency/:from/:to');
    expect(asked).toEqual(
      new Set(['GET /v1/log/seen', 'POST /v1/log/exchange', 'POST /v1/sessions', 'POST /v1/sessions/:id/answer']),
    );
    // Heads, sizes, hashes and signatures: less than one masked column of the smallest table would take.
    expect(toKeys.length).toBeLessThan(16_384);
    expect(search(toKeys, needles)).toEqual([]);

    // Nor does a record stand on a disk that is not its owner's.
    expect(search(stored(net.keys.home), needles)).toEqual([]);
    expect(search(stored(net.a.home), canaries.b.flatMap(formsOf))).toEqual([]);
    expect(search(stored(net.b.home), canaries.a.flatMap(formsOf))).toEqual([]);
    const session = { what: 'the session', bytes: Buffer.from(run.session!) };
    for (const { home } of [net.a, net.b, net.keys]) expect(search(stored(home), [session])).toEqual(['the session']);
  });

  test('positive control: one input whose mask is bare is found', async () => {
    const net = await network({
      a: { ...setUp.a, options: { openSession: oneBareMask } },
      b: { ...setUp.b, options: { openSession: oneBareMask } },
    });
    const recorder = recordWires();
    onTestFinished(() => recorder.stop());
    await expect(net.link()).rejects.toThrow();
    const found = search(recorder.all(), await encodingsOf(net));
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(/^row \d of a, encoded for comparison \d$/)]));
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(/^row \d of b, encoded for comparison \d$/)]));
  });

  test('positive control: a value that a request carries in the clear is found', async () => {
    const net = await network();
    const recorder = recordWires();
    onTestFinished(() => recorder.stop());
    await net.as('a', async ({ home }) => {
      const client = peerClient({ home, partner: home.partners.get('sally') });
      await expect(
        client.call('POST', '/v1/links', { body: { x: canaries.a[2] }, answer: z.unknown() }),
      ).rejects.toThrow();
      await client.close();
    });
    expect(search(recorder.all(), formsOf(canaries.a[2]!))).toEqual(["'Zyzzyva Vraxholm' in UTF-8"]);
  });
});
