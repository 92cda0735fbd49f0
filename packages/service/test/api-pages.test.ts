import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { answerEvents, contract, EventStream, everyItem, page, pageOf, pageQuery, runsQuery } from '../src/index.ts';
import { ana, over, serveApi } from './api-server.ts';
import { clientOf, raw } from './hello-server.ts';

const ticks = contract({
  name: 'ticks',
  summary: 'Counts to ten',
  action: 'tick.follow',
  method: 'GET',
  path: '/v1/ticks',
  answer: z.strictObject({ tick: z.int() }),
  events: true,
});

test('pages hold every item that stays, once, whatever is inserted and removed meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 60 }),
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 99 })), { maxLength: 30 }),
      fc.integer({ min: 1, max: 10 }),
      fc.constantFrom('oldest' as const, 'newest' as const),
      async (start, changes, limit, order) => {
        const items = new Set(start);
        const touched = new Set(changes.map(([, item]) => item));
        const seen: number[] = [];
        const ask = async (after: string | undefined) => {
          const sorted = [...items].sort((a, b) => a - b);
          const found = page(sorted, runsQuery.parse({ after, limit, order }), (item) => item);
          expect(pageOf(z.int()).parse(found)).toEqual(found);
          const change = changes.pop();
          if (change !== undefined) change[0] ? items.add(change[1]) : items.delete(change[1]);
          return found;
        };
        for await (const item of everyItem(ask)) seen.push(item);
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual([...seen].sort((a, b) => (order === 'oldest' ? a - b : b - a)));
        for (const item of start) if (!touched.has(item)) expect(seen).toContain(item);
      },
    ),
  );
  expect(() => page([1], pageQuery.parse({ after: 'x' }), (item) => item)).toThrow(
    expect.objectContaining({ code: 'request-invalid' }),
  );
});

test('a stream of events goes on after a cut connection where it broke off', async () => {
  const starts: number[] = [];
  const route = answerEvents(ticks, async ({ lastEventId = 0, caller }) => {
    expect(caller).toEqual(ana);
    starts.push(lastEventId);
    return new EventStream(
      (async function* () {
        for (let id = lastEventId + 1; id <= 10; id++) {
          yield { id, data: { tick: id } };
          if (id === 4 && starts.length === 1) throw new Error('the cable was cut');
        }
      })(),
    );
  });
  const { url, port } = await serveApi([route]);
  const seen: number[] = [];
  for await (const { tick } of clientOf(url, 'ana').follow(ticks, {})) seen.push(tick);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(starts).toEqual([0, 4]);
  const text = await raw(port, { path: '/v1/ticks', headers: { 'last-event-id': '9' } });
  expect(text).toMatchObject({
    headers: { 'content-type': 'text/event-stream' },
    body: expect.stringContaining('id: 10\ndata: {"tick":10}\n\n'),
  });
  expect(await raw(port, { path: '/v1/ticks', headers: { 'last-event-id': 'x' } })).toMatchObject({ status: 400 });
});

test('nobody holds more than 16 streams, and one that is hung up ends at the server too', async () => {
  let reading = 0;
  const endless = answerEvents(ticks, async ({ signal }) => {
    async function* events() {
      reading++;
      yield { id: 1, data: { tick: 1 } };
      await new Promise((done) => signal.addEventListener('abort', done));
      reading--;
    }
    return new EventStream(events());
  });
  const { url, port } = await serveApi([endless]);
  const hangUp = new AbortController();
  const streams = Array.from({ length: 16 }, () => clientOf(url, 'ana').follow(ticks, { signal: hangUp.signal }));
  await Promise.all(streams.map((stream) => stream.next()));
  expect(reading).toBe(16);
  expect(await raw(port, { path: '/v1/ticks' })).toMatchObject({ status: 429 });
  const ended = Promise.allSettled(streams.map((stream) => stream.next()));
  hangUp.abort();
  await ended;
  await expect.poll(() => reading).toBe(0);
  const [again] = await Promise.all([
    clientOf(url, 'ana')
      .follow(ticks, { signal: AbortSignal.timeout(5000) })
      .next(),
  ]);
  expect(again).toMatchObject({ done: false });
});

test('a stream of events ends when the session is over that it began with', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  onTestFinished(() => over.clear());
  let ended = 0;
  const endless = answerEvents(ticks, async ({ signal }) => {
    async function* events() {
      yield { id: 1, data: { tick: 1 } };
      await new Promise((done) => signal.addEventListener('abort', done));
      ended++;
      yield { id: 2, data: { tick: 2 } };
    }
    return new EventStream(events());
  });
  const { port } = await serveApi([endless]);
  const text = raw(port, { path: '/v1/ticks' });
  await expect.poll(() => vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toBe(0);
  over.add('ana');
  await vi.advanceTimersByTimeAsync(15_000);
  expect((await text).body).toContain('data: {"tick":1}');
  expect((await text).body).not.toContain('data: {"tick":2}');
  expect([ended, vi.getTimerCount()]).toEqual([1, 0]);
});
