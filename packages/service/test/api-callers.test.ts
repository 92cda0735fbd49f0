import { describe, expect, test } from 'vitest';
import { clientOf, count, hello, raw, serveHello, welcome } from './hello-server.ts';

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
