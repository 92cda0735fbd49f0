import { base64url, systemRng } from '@symbolon/crypto';
import { peerClient } from '@symbolon/service';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Announced } from '../src/link/announced.ts';
import type { RunTable } from '../src/link/input.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

const table = (rows: number) => ({ order: new Uint32Array(rows) }) as RunTable;

describe('a table that is read early', () => {
  afterEach(() => vi.useRealTimers());

  test('is handed over once, and only for the proposal that was announced', async () => {
    const announced = new Announced();
    announced.hold('fred', 'x', () => Promise.resolve(table(5)));
    expect(announced.take('fred', 'y')).toBeUndefined();
    expect(announced.take('sally', 'x')).toBeUndefined();
    expect(await announced.take('fred', 'x')).toEqual({ order: new Uint32Array(5) });
    expect(announced.take('fred', 'x')).toBeUndefined();
  });

  test('is read once at a time, whoever announces how often', () => {
    const announced = new Announced();
    const read = vi.fn(() => new Promise<RunTable>(() => undefined));
    announced.hold('fred', 'x', read);
    announced.hold('fred', 'x', read);
    expect(() => announced.hold('fred', 'y', read)).toThrow(expect.objectContaining({ code: 'conflict' }));
    announced.clear();
    expect(() => announced.hold('sally', 'x', read)).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('fails where it is asked for, and nowhere else', async () => {
    const announced = new Announced();
    announced.hold('fred', 'x', () => Promise.reject(new Error('gone')));
    await new Promise(setImmediate);
    await expect(announced.take('fred', 'x')).rejects.toThrow('gone');
  });

  test('is let go when an own link begins, and when no proposal comes', async () => {
    vi.useFakeTimers();
    const announced = new Announced();
    const hold = async (): Promise<void> => {
      announced.hold('fred', 'x', () => Promise.resolve(table(5)));
      await vi.advanceTimersByTimeAsync(0);
    };
    await hold();
    announced.clear();
    expect(announced.take('fred', 'x')).toBeUndefined();
    await hold();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(announced.take('fred', 'x')).toBeUndefined();
  });
});

describe('an announcement', () => {
  let network: TestNetwork;
  beforeEach(async () => {
    network = await testNetwork();
    await network.start();
  });
  afterEach(() => network.close());

  async function announce(agreement: string): Promise<unknown> {
    const { fred, sally } = network.homes;
    const client = peerClient({ home: fred, partner: sally.card });
    try {
      return await client.call('POST', '/v1/links/announced', { body: { agreement }, answer: z.unknown() });
    } finally {
      await client.close();
    }
  }

  test('tells the peer nothing and leaves no run, nor a log entry', async () => {
    const agreement = await agree(network);
    const size = () => network.sally(({ log }) => Promise.resolve(log.size));
    const before = await size();
    expect(await announce(agreement)).toEqual({});
    expect(await announce(agreement)).toEqual({});
    expect(await size()).toBe(before);
    expect(await network.sally(({ links }) => links.list())).toEqual([]);
  });

  test('under no agreement, or one that is not signed, is refused and logged', async () => {
    await expect(announce(base64url(systemRng(32)))).rejects.toMatchObject({ code: 'peer-refused' });
    const agreement = await agree(network, { signed: false });
    await network.fred(async ({ agreements }) => {
      await agreements.sign(agreement);
      await agreements.send(agreement);
    });
    const size = () => network.sally(({ log }) => Promise.resolve(log.size));
    const before = await size();
    await expect(announce(agreement)).rejects.toMatchObject({ code: 'agreement-unsigned' });
    expect(await size()).toBe(before + 1);
  });
});
