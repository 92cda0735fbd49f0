import { Agent, get } from 'node:https';
import { createServer } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Card } from '@symbolon/agreement';
import { fault, hex } from '@symbolon/crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { ByteStream, createPeerServer, type Home, peerClient, type Route, route } from '../src/index.ts';
import { clientTls } from '../src/tls.ts';
import { quiet, testHome, testPartners } from './homes.ts';

const peerRoute = route<Card>();
const routes: Route<Card>[] = [
  peerRoute({ method: 'GET', path: '/who', handle: async ({ caller }) => ({ id: caller.id }) }),
  peerRoute({
    method: 'POST',
    path: '/echo/:word',
    params: z.strictObject({ word: z.string().max(8) }),
    body: z.strictObject({ number: z.int() }),
    bodyLimit: 256,
    handle: async ({ params, body }) => ({ ...params, ...body }),
  }),
  peerRoute({
    method: 'GET',
    path: '/fault',
    handle: async () => {
      throw fault('agreement-term', 'not today', { culprit: 'sally' });
    },
  }),
  peerRoute({
    method: 'GET',
    path: '/exporter',
    handle: async ({ connection }) => ({ exporter: hex(connection.exporter('EXPORTER-test', 32)) }),
  }),
  peerRoute({
    method: 'GET',
    path: '/crash',
    handle: async () => {
      throw new Error('secret of a record');
    },
  }),
  peerRoute({
    method: 'GET',
    path: '/silence',
    handle: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }),
  peerRoute({
    method: 'GET',
    path: '/bytes/:promised',
    params: z.strictObject({ promised: z.coerce.number() }),
    handle: async ({ params }) => new ByteStream(blocks(), params.promised),
  }),
];

async function* blocks(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 8; i++) yield new Uint8Array(100_000).fill(i);
}

async function serve(home: Home): Promise<string> {
  const server = createPeerServer({ home, routes, logger: quiet });
  const url = await server.listen();
  onTestFinished(() => server.close());
  return url;
}

function clientOf(home: Home, partner: Card) {
  const client = peerClient({ home, partner });
  onTestFinished(() => client.close());
  return client;
}

const anything = z.unknown();

describe('HTTP between partners', () => {
  test('a handler and the caller know the same bytes of their connection, other than those of the next one', async () => {
    const [fred, sally] = await testPartners('fred', 'sally');
    const url = await serve(sally);
    const seen = async () => {
      const agent = new Agent({ ...clientTls(fred, sally.card), keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());
      const ask = () =>
        new Promise<{ here: string; there: string }>((resolve, reject) => {
          const request = get(`${url}/exporter`, { agent }, async (response) => {
            const here = hex((request.socket as TLSSocket).exportKeyingMaterial(32, 'EXPORTER-test', Buffer.alloc(0)));
            resolve({ here, there: JSON.parse((await response.toArray()).join('')).exporter });
          }).on('error', reject);
        });
      return [await ask(), await ask()];
    };
    const [[first, again], [second]] = [await seen(), await seen()];
    expect(first!.there).toBe(first!.here);
    expect(again).toEqual(first);
    expect(second!.there).toBe(second!.here);
    expect(second!.there).not.toBe(first!.there);
  });

  test('knows the caller by its certificate and checks what it sends', async () => {
    const [fred, sally] = await testPartners('fred', 'sally');
    expect(await serve(sally)).toBe(sally.card.address);
    const client = clientOf(fred, sally.card);
    expect(await client.call('GET', '/who', { answer: z.strictObject({ id: z.string() }) })).toEqual({ id: 'fred' });
    expect(await client.call('POST', '/echo/a', { body: { number: 1 }, answer: anything })).toEqual({
      word: 'a',
      number: 1,
    });
    const post = (path: string, body: unknown) => client.call('POST', path, { body, answer: anything });
    await expect(post('/echo/a', { number: 1, more: 2 })).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(post('/echo/a', { number: 'x' })).rejects.toMatchObject({
      code: 'request-invalid',
      culprit: 'number',
    });
    await expect(post('/echo/much-too-long', { number: 1 })).rejects.toMatchObject({ culprit: 'word' });
    await expect(post('/echo/a', { number: 1, pad: 'x'.repeat(300) })).rejects.toMatchObject({
      code: 'body-too-large',
    });
    await expect(post('/nowhere', {})).rejects.toMatchObject({ code: 'not-found', culprit: 'sally' });
    await expect(client.call('GET', '/who', { answer: z.string() })).rejects.toMatchObject({
      code: 'frame-shape',
      culprit: 'sally',
    });
  });

  test('carries errors over, but nothing of those that are not Symbolon’s own', async () => {
    const [fred, sally] = await testPartners('fred', 'sally');
    await serve(sally);
    const client = clientOf(fred, sally.card);
    const ask = (path: string) => client.call('GET', path, { answer: anything });
    await expect(ask('/fault')).rejects.toMatchObject({
      code: 'agreement-term',
      culprit: 'sally',
      message: 'sally answered: not today',
    });
    const crash = (await ask('/crash').catch((error: Error) => error)) as Error;
    expect(crash).toMatchObject({
      code: 'peer-refused',
      message: expect.stringMatching(/reference \S{12} in its log/),
    });
    expect(JSON.stringify(crash) + crash.message).not.toContain('secret');
  });

  test('streams bytes of a promised length, and notices one more or less', async () => {
    const [fred, sally] = await testPartners('fred', 'sally');
    await serve(sally);
    const client = clientOf(fred, sally.card);
    const read = async (promised: number, expected: number) => {
      let length = 0;
      for await (const chunk of client.stream('GET', `/bytes/${promised}`, { length: expected }))
        length += chunk.length;
      return length;
    };
    expect(await read(800_000, 800_000)).toBe(800_000);
    await expect(read(800_000, 700_000)).rejects.toMatchObject({ code: 'frame-too-long', culprit: 'sally' });
    await expect(read(800_000, 900_000)).rejects.toMatchObject({ code: 'frame-shape', culprit: 'sally' });
    await expect(read(900_000, 900_000)).rejects.toMatchObject({ code: 'peer-gone', culprit: 'sally' });
  });

  test('lets strangers in only once they are partners', async () => {
    const [fred, sally] = [await testHome('fred'), await testHome('sally')];
    await serve(sally);
    fred.partners.add(sally.cardFile);
    const before = clientOf(fred, sally.card);
    const failure = await before.call('GET', '/who', { answer: anything }).catch((error: unknown) => error);
    expect(['unauthenticated', 'peer-gone']).toContain((failure as { code: string }).code);
    expect(failure).toMatchObject({ culprit: 'sally' });
    sally.partners.add(fred.cardFile);
    expect(await clientOf(fred, sally.card).call('GET', '/who', { answer: anything })).toEqual({ id: 'fred' });
    const own = clientOf(sally, sally.card);
    await expect(own.call('GET', '/who', { answer: anything })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('asks for TLS 1.3 and a certificate', async () => {
    const [, sally] = await testPartners('fred', 'sally');
    await serve(sally);
    const { port } = sally.config.listen;
    const attempt = (options: object) =>
      new Promise<string>((done) => {
        const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () =>
          socket.write('GET /who HTTP/1.1\r\n\r\n'),
        );
        socket.on('error', (error) => done('code' in error ? String(error.code) : error.message));
        socket.on('data', () => done('answered')).on('close', () => done('closed'));
      });
    expect(await attempt({ maxVersion: 'TLSv1.2' })).toMatch(/PROTOCOL_VERSION|closed|ECONNRESET/);
    expect(await attempt({})).toMatch(/CERTIFICATE_REQUIRED|closed|ECONNRESET/);
  });

  test('does not talk to a server of another organisation at the partner’s address', async () => {
    const [fred, sally] = await testPartners('fred', 'sally');
    const impostor = await testHome('impostor');
    await serve(impostor);
    const moved = { ...sally.card, address: impostor.card.address };
    await expect(clientOf(fred, moved).call('GET', '/who', { answer: anything })).rejects.toMatchObject({
      code: 'bad-certificate',
      culprit: 'sally',
    });
  });

  test('names the partner that is down or silent', async () => {
    const [fred, sally] = await testPartners('fred', 'sally');
    const ask = (partner: Card, path = '/who', timeout = {}) =>
      clientOf(fred, partner).call('GET', path, { answer: anything, ...timeout });
    await expect(ask(sally.card)).rejects.toMatchObject({ code: 'peer-gone', culprit: 'sally' });
    await expect(ask({ ...sally.card, role: 'keyservice' })).rejects.toMatchObject({
      code: 'keyservice-down',
      culprit: 'sally',
    });
    await serve(sally);
    const silent = ask(sally.card, '/silence', { timeoutMilliseconds: 200 });
    await expect(silent).rejects.toMatchObject({ code: 'peer-silent', culprit: 'sally' });
  });

  test('one partner cannot take all connections', async () => {
    const [fred, sally] = await testPartners('fred', 'sally');
    const carol = await testHome('carol');
    sally.partners.add(carol.cardFile);
    carol.partners.add(sally.cardFile);
    await serve({ ...sally, config: { ...sally.config, maxConnectionsPerPartner: 2 } });
    const { port } = sally.config.listen;
    const held = Array.from({ length: 4 }, () =>
      connect({ host: '127.0.0.1', port, ...clientTls(fred, sally.card) }).on('error', () => undefined),
    );
    onTestFinished(() => held.forEach((socket) => void socket.destroy()));
    await vi.waitFor(() => expect(held.filter(({ closed }) => closed).length).toBe(2));
    const ask = (home: Home) => clientOf(home, sally.card).call('GET', '/who', { answer: anything });
    expect(await ask(carol)).toEqual({ id: 'carol' });
    await expect(ask(fred)).rejects.toMatchObject({ culprit: 'sally' });
    for (const socket of held) socket.destroy();
    await vi.waitFor(async () => expect(await ask(fred)).toEqual({ id: 'fred' }));
  });

  test('says which port is taken', async () => {
    const sally = await testHome('sally');
    const other = createServer().listen(sally.config.listen.port, '127.0.0.1');
    await new Promise((done) => other.once('listening', done));
    onTestFinished(() => void other.close());
    const server = createPeerServer({ home: sally, routes, logger: quiet });
    await expect(server.listen()).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('EADDRINUSE'),
    });
    await server.close();
  });
});
