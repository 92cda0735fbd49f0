import { rmSync } from 'node:fs';
import type { Card } from '@symbolon/agreement';
import { type Circuit, layOut, resultsBytes, validId } from '@symbolon/fhe';
import { ComputeServer } from '@symbolon/party';
import { ByteStream, createLogger, createPeerServer, type Route, route } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeHomes } from './network.ts';

const circuit: Circuit = { nodes: [{ op: 'columns', columns: [validId] }], outputs: [0] };
const length = resultsBytes(1);
const done = { id: 1, table: 't', state: 'done', error: null, done: 1, of: 1, parts: [{ first: 0, chunks: 1 }] };

/** What the server says of a question, and what it gives as results. */
let says: unknown = done;
let gives: Uint8Array = new Uint8Array(length);

describe('whatever a server answers, the gateway fails by name or goes on', () => {
  let owner: ComputeServer;
  let close: () => Promise<unknown>;
  beforeAll(async () => {
    const { folder, north, compute } = await makeHomes();
    const at = route<Card>();
    const routes: Route<Card>[] = [
      at({
        method: 'POST',
        path: '/v1/tables/:table/questions',
        params: z.looseObject({}),
        body: z.unknown(),
        handle: async () => says,
      }),
      at({ method: 'GET', path: '/v1/questions/:job', params: z.looseObject({}), handle: async () => says }),
      at({
        method: 'GET',
        path: '/v1/questions/:job/parts/:part',
        params: z.looseObject({}),
        handle: async () =>
          new ByteStream(
            (async function* () {
              yield gives;
            })(),
            gives.length,
          ),
      }),
    ];
    const logger = createLogger({ id: 'hostile', logLevel: 'silent' });
    const server = createPeerServer({ home: compute, routes, logger });
    await server.listen();
    owner = new ComputeServer(north, compute.card);
    close = async () => {
      await owner.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    };
  });
  afterAll(() => close());

  const ask = async (said: unknown, given: Uint8Array = new Uint8Array(length)) => {
    [says, gives] = [said, given];
    return owner.ask('t', circuit);
  };
  const correct = (rest = 0): Uint8Array => {
    const bytes = new Uint8Array(length).fill(rest);
    bytes.set([1, 0, 0, 0]);
    return bytes;
  };
  const bomb = new Uint8Array(16_419);
  bomb.set([0x5e, 0xa1, 16, 4, 1, 2]);

  test('results of the right form are taken, to be held against the check rows', async () => {
    expect(await ask(done, correct())).toHaveLength(1);
  });

  test.each<[string, unknown, Uint8Array]>([
    ['no results', done, new Uint8Array()],
    ['results cut short', done, correct().slice(1)],
    ['results with a byte more', done, new Uint8Array([...correct(), 0])],
    ['results ten times as long', done, new Uint8Array(10 * length)],
    ['a zip bomb', done, bomb],
    ['a correction factor of 0', done, new Uint8Array(length)],
    ['noise', done, correct(0xff)],
    ['a question of no form', { state: 'done' }, correct()],
    ['a negative number', { ...done, id: -1 }, correct()],
    ['words that it does not know', { ...done, more: 1 }, correct()],
    ['parts without chunks', { ...done, parts: [{ first: 0, chunks: 0 }] }, correct()],
    ['ten thousand parts', { ...done, parts: Array(10_000).fill({ first: 0, chunks: 1 }) }, correct()],
    ['text in place of an answer', 'done', correct()],
  ])('%s', async (_, said, given) => {
    const error = await ask(said, given).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expect.stringMatching(/^(frame-|peer-|request-|bad-)/) });
  });

  test('a failure that it made up is told as its own; a question that never ends can be left', async () => {
    await expect(ask({ ...done, state: 'failed', error: 'x'.repeat(100) })).rejects.toMatchObject({
      code: 'compute-failed',
    });
    says = { ...done, state: 'running', done: 0, of: layOut([], 1).chunks };
    const stop = AbortSignal.timeout(200);
    await expect(owner.ask('t', circuit, () => {}, stop)).rejects.toThrow();
  });
});
