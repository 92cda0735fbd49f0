import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { fault } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import {
  type ApiClient,
  answer,
  answerEvents,
  contract,
  EventStream,
  everyItem,
  nothing,
  page,
  pageOf,
  pageQuery,
  peopleClient,
} from '../src/index.ts';
import { ana, over, serveApi } from './api-server.ts';

const hello = contract({
  name: 'hello',
  summary: 'Says who asks',
  action: 'hello.say',
  method: 'GET',
  path: '/v1/hello/:times',
  params: z.strictObject({ times: z.coerce.number().int().min(1).max(3) }),
  query: z.strictObject({ loud: z.enum(['yes', 'no']).optional() }),
  answer: z.object({ words: z.string() }),
});
const count = contract({
  name: 'count',
  summary: 'Counts',
  action: 'count.add',
  method: 'POST',
  path: '/v1/counts',
  body: z.strictObject({ by: z.int() }),
  answer: z.strictObject({ total: z.int() }),
});
const ticks = contract({
  name: 'ticks',
  summary: 'Counts to ten',
  action: 'tick.follow',
  method: 'GET',
  path: '/v1/ticks',
  answer: z.strictObject({ tick: z.int() }),
  events: true,
});
const welcome = contract({
  name: 'welcome',
  summary: 'To anybody',
  action: null,
  method: 'POST',
  path: '/v1/welcome',
  answer: nothing,
});

/** Sends what no client of ours sends. */
function raw(
  port: number,
  {
    method = 'GET',
    path = '/v1/hello/1',
    headers = {},
    body,
  }: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string;
  },
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = {
      authorization: 'Bearer ana',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const asked = request(
      { host: '127.0.0.1', port, method, path, headers: sent, setHost: headers.host === undefined },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      },
    );
    asked.on('error', reject).end(body);
  });
}

const hi = answer(hello, async ({ caller, params, query, visit }) => ({
  words: `${caller.id} ${params.times}${query.loud === 'yes' ? '!' : ''}`,
  session: visit.session,
}));

async function serveHello(options: { perMinute?: number } = {}) {
  let total = 0;
  const add = answer(count, async ({ body }) => {
    total += body.by;
    return { total };
  });
  const served = await serveApi([hi, add, answer(welcome, async () => undefined)], options);
  return { ...served, total: () => total };
}

function clientOf(url: string, token?: string): ApiClient {
  return peopleClient({ url, token });
}

describe('the API for people', () => {
  test('knows who asks, checks what is sent, and sends nothing that the contract does not say', async () => {
    const { url, port } = await serveHello();
    const client = clientOf(url, 'ana');
    expect(await client.call(hello, { params: { times: 2 }, query: { loud: 'yes' } })).toEqual({ words: 'ana 2!' });
    expect((await raw(port, {})).body).toBe('{"words":"ana 1"}');
    await expect(client.call(hello, { params: { times: 4 } })).rejects.toMatchObject({
      code: 'request-invalid',
      culprit: 'times',
    });
    for (const path of ['/v1/hello/1?more=1', '/v1/hello/1?loud=yes&loud=no', '/v1/hello/1?__proto__=1']) {
      expect(await raw(port, { path }), path).toMatchObject({
        status: 400,
        body: expect.stringContaining('request-invalid'),
      });
    }
    for (const body of ['{"by":1,"more":2}', '{"by":1,"__proto__":{}}', '{"by":"1"}', '[]', '{', '{"by":1.5}']) {
      expect(await raw(port, { method: 'POST', path: '/v1/counts', body }), body).toMatchObject({ status: 400 });
    }
    expect(await raw(port, { path: '/v1/nowhere' })).toMatchObject({ status: 404 });
  });

  test('lets nobody in without a session, nobody do what is not allowed, and reads no body before', async () => {
    const { url, port, total, events } = await serveHello();
    const code = (token?: string) =>
      clientOf(url, token)
        .call(count, { body: { by: 1 } })
        .then(
          () => 'done',
          ({ code }: { code: string }) => code,
        );
    expect([await code(), await code('nobody'), await code('olaf'), await code('ana')]).toEqual([
      'unauthenticated',
      'unauthenticated',
      'forbidden',
      'done',
    ]);
    const at = expect.any(String);
    expect(events).toEqual([
      { kind: 'request-refused', by: 'olaf', action: 'count.add', code: 'forbidden', at },
      { kind: 'request', by: 'ana', action: 'count.add', operation: 'count', path: '/v1/counts', at },
    ]);
    const long = { method: 'POST', path: '/v1/counts', body: 'x'.repeat(300_000), headers: { authorization: '' } };
    expect(await raw(port, long)).toMatchObject({ status: 401 });
    await clientOf(url).call(welcome, {});
    expect(total()).toBe(1);
  });

  test.each([
    ['a name of another site that resolves here', { host: 'evil.example' }, 421],
    ['one with the right name as user', { host: 'evil.example@127.0.0.1' }, 421],
    ['no name', { host: '' }, 421],
    ['a name of this machine', { host: 'localhost:1' }, 200],
    ['a form on another site', { origin: 'https://evil.example' }, 403],
    ['a page in a sandbox', { origin: 'null' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['another site, says the browser', { 'sec-fetch-site': 'cross-site' }, 403],
    ['another name of the site', { 'sec-fetch-site': 'same-site' }, 403],
    ['its own page', { 'sec-fetch-site': 'same-origin' }, 200],
  ])('judges a request by where it comes from: %s', async (_, headers, status) => {
    const { port, total } = await serveHello();
    const answered = await raw(port, { method: 'POST', path: '/v1/counts', body: '{"by":1}', headers });
    expect(answered.status).toBe(status);
    expect(total()).toBe(status === 200 ? 1 : 0);
    expect(answered.headers['access-control-allow-origin']).toBeUndefined();
    expect(answered.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

  test('keeps thirty refusals of one person in a minute: nobody fills the log', async () => {
    const { url, events } = await serveHello();
    const ask = () =>
      clientOf(url, 'olaf')
        .call(count, { body: { by: 1 } })
        .catch(() => undefined);
    await Promise.all(Array.from({ length: 40 }, ask));
    expect(events).toHaveLength(30);
  });

  test('asks callers to slow down, each for itself', async () => {
    const { url } = await serveHello({ perMinute: 3 });
    const ask = (token?: string) =>
      clientOf(url, token)
        .call(hello, { params: { times: 1 } })
        .then(
          () => 'done',
          ({ code }: { code: string }) => code,
        );
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await ask('ana'));
    expect(answers).toEqual(['done', 'done', 'done', 'too-many-requests', 'too-many-requests']);
    expect(await ask('olaf')).toBe('forbidden');
    for (let i = 0; i < 3; i++) await ask('guess');
    expect(await ask('guess')).toBe('too-many-requests');
  });
});

describe('idempotency keys', () => {
  const post = (port: number, key: string, by = 1, token = 'ana') =>
    raw(port, {
      method: 'POST',
      path: '/v1/counts',
      body: JSON.stringify({ by }),
      headers: { 'idempotency-key': key, authorization: `Bearer ${token}` },
    });

  test('50 equal requests at once, and one later, take effect once and get the same answer', async () => {
    const { port, total } = await serveHello();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(port, 'key-of-fifty')));
    answers.push(await post(port, 'key-of-fifty'));
    expect(total()).toBe(1);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(['200 {"total":1}']));
    // The control: without a key, each takes effect.
    await Promise.all([1, 2].map(() => raw(port, { method: 'POST', path: '/v1/counts', body: '{"by":1}' })));
    expect(total()).toBe(3);
  });

  test('of one user are none of another: nobody gets an answer that was for somebody else', async () => {
    const { port, total } = await serveHello();
    expect((await post(port, 'a-key-of-ana', 5)).body).toBe('{"total":5}');
    expect((await post(port, 'a-key-of-ana', 5, 'abe')).body).toBe('{"total":10}');
    expect(await post(port, 'a-key-of-ana', 5, 'olaf')).toMatchObject({ status: 403 });
    expect(await post(port, 'a-key-of-ana', 5, 'nobody')).toMatchObject({ status: 401 });
    expect((await post(port, 'a-key-of-ana', 5)).body).toBe('{"total":5}');
    expect(total()).toBe(10);
  });

  test('another request under the same key is refused, at once and later', async () => {
    const { port, total } = await serveHello();
    const [first, second] = await Promise.all([post(port, 'the-same-key', 1), post(port, 'the-same-key', 2)]);
    expect([first!.status, second!.status].sort()).toEqual([200, 422]);
    expect(await post(port, 'the-same-key', 3)).toMatchObject({
      status: 422,
      body: expect.stringContaining('key-reused'),
    });
    expect(await post(port, 'short')).toMatchObject({ status: 400 });
    expect(total()).toBeLessThan(3);
  });

  test('a refusal is not kept; an answer is, for a day; what was begun and lost is said to be so', async () => {
    let tries = 0;
    let time = Date.parse('2026-01-01T00:00:00Z');
    const flaky = answer(count, async ({ body }) => {
      tries++;
      if (body.by === 7) throw new Error('half done');
      if (tries === 1) throw fault('conflict', 'not yet');
      return { total: tries };
    });
    const { port } = await serveApi([flaky], { now: () => new Date(time) });
    expect((await post(port, 'key-number-1')).status).toBe(409);
    expect((await post(port, 'key-number-1')).body).toBe('{"total":2}');
    time += 23 * 3600_000;
    expect((await post(port, 'key-number-1')).body).toBe('{"total":2}');
    time += 2 * 3600_000;
    expect((await post(port, 'key-number-1')).body).toBe('{"total":3}');
    expect((await post(port, 'key-number-2', 7)).status).toBe(500);
    expect(await post(port, 'key-number-2', 7)).toMatchObject({
      status: 409,
      body: expect.stringContaining('outcome-unknown'),
    });
  });

  test('a client whose answer was lost sends the request again, and it takes effect once', async () => {
    const { port, total } = await serveHello();
    const { url, cuts } = await cutOnce(port);
    expect(await clientOf(url, 'ana').call(count, { body: { by: 1 } })).toEqual({ total: 1 });
    expect([cuts(), total()]).toEqual([1, 1]);
  });
});

/** A line to the server at `port` whose first answer is lost. */
async function cutOnce(port: number): Promise<{ url: string; cuts: () => number }> {
  let cuts = 0;
  const line = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.on('error', () => far.destroy()).pipe(far);
    far
      .on('error', () => near.destroy())
      .on('data', (answered) => {
        if (cuts++ === 0) near.destroy();
        else near.write(answered);
      });
  });
  await new Promise<void>((done) => line.listen(0, '127.0.0.1', done));
  onTestFinished(() => void line.close());
  return { url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`, cuts: () => Math.min(cuts, 1) };
}

test('pages hold every item that stays, once, whatever is inserted and removed meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 60 }),
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 99 })), { maxLength: 30 }),
      fc.integer({ min: 1, max: 10 }),
      async (start, changes, limit) => {
        const items = new Set(start);
        const touched = new Set(changes.map(([, item]) => item));
        const seen: number[] = [];
        const ask = async (after: string | undefined) => {
          const sorted = [...items].sort((a, b) => a - b);
          const found = page(sorted, pageQuery.parse({ after, limit }), (item) => item);
          expect(pageOf(z.int()).parse(found)).toEqual(found);
          const change = changes.pop();
          if (change !== undefined) change[0] ? items.add(change[1]) : items.delete(change[1]);
          return found;
        };
        for await (const item of everyItem(ask)) seen.push(item);
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual([...seen].sort((a, b) => a - b));
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
