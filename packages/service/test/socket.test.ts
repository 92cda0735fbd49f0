import { createServer } from 'node:tls';
import { fault } from '@symbolon/crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  acceptSockets,
  connectSocket,
  createPeerServer,
  type FrameSocket,
  type Home,
  maxFrameBytes,
} from '../src/index.ts';
import { clientTls, serverTls } from '../src/tls.ts';
import { quiet, testPartners } from './homes.ts';

/** Sally accepts; resolves to Fred's home, Sally's, and her end of the first socket. */
async function listening(): Promise<{
  fred: Home;
  sally: Home;
  accepted: Promise<FrameSocket>;
  close(): Promise<void>;
}> {
  const [fred, sally] = await testPartners('fred', 'sally');
  const server = createPeerServer({ home: sally, routes: [], logger: quiet });
  const accepted = new Promise<FrameSocket>((resolve) => {
    acceptSockets(server, '/v1/frames', ({ peer, params }) => {
      expect(peer.id).toBe('fred');
      if (params.get('attempt') !== '7') throw fault('session-unknown', 'no such attempt');
      return resolve;
    });
  });
  await server.listen();
  onTestFinished(() => server.close());
  return { fred, sally, accepted, close: () => server.close() };
}

async function pair(): Promise<[FrameSocket, FrameSocket]> {
  const { fred, sally, accepted } = await listening();
  const socket = await connectSocket(fred, sally.card, '/v1/frames', { attempt: '7' });
  onTestFinished(() => socket.close());
  return [socket, await accepted];
}

/** Fred as a peer that does not keep to the rules. */
async function raw(): Promise<[WebSocket, FrameSocket]> {
  const { fred, sally, accepted } = await listening();
  const url = `${sally.card.address.replace('https', 'wss')}/v1/frames?attempt=7`;
  const socket = new WebSocket(url, clientTls(fred, sally.card));
  await new Promise((done) => socket.once('open', done));
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  return [socket, await accepted];
}

test('a partner that answers byte by byte does not hold a connection for ever', async () => {
  const { fred, sally, close } = await listening();
  await close();
  const { port } = new URL(sally.card.address);
  const server = createServer({ ...serverTls(sally) }, (connection) => {
    connection.on('error', () => undefined);
    connection.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 60000\r\n\r\n');
    const drip = setInterval(() => connection.write('.'), 50);
    connection.once('close', () => clearInterval(drip));
  });
  await new Promise<void>((done) => server.listen(Number(port), '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const hasty = { ...fred, config: { ...fred.config, connectSeconds: 1 } };
  await expect(connectSocket(hasty, sally.card, '/v1/frames')).rejects.toMatchObject({
    code: 'peer-silent',
    culprit: 'sally',
  });
});

describe('a frame socket', () => {
  test('carries frames both ways, in order, and copies them', async () => {
    const [fred, sally] = await pair();
    const buffer = new Uint8Array(new SharedArrayBuffer(1000));
    for (let i = 0; i < 100; i++) {
      buffer.fill(i);
      await fred.send(buffer.subarray(0, i * 10));
    }
    for (let i = 0; i < 100; i++) expect(await sally.receive()).toEqual(new Uint8Array(i * 10).fill(i));
    const large = new Uint8Array(maxFrameBytes).fill(9);
    await sally.send(large);
    expect(await fred.receive()).toEqual(large);
    await expect(fred.send(new Uint8Array(maxFrameBytes + 1))).rejects.toMatchObject({ code: 'frame-too-long' });
  });

  test('holds a fast sender back and loses nothing', async () => {
    const [fred, sally] = await pair();
    const frames = 200;
    let sent = 0;
    const sending = (async () => {
      for (; sent < frames; sent++) await fred.send(new Uint8Array(1 << 20).fill(sent));
    })();
    await new Promise((done) => setTimeout(done, 500));
    expect(sent).toBeLessThan(100);
    for (let i = 0; i < frames; i++) expect((await sally.receive())[77]).toBe(i);
    await sending;
  });

  test('names a peer that is silent, gone, or says why it hangs up', async () => {
    const [fred, sally] = await pair();
    await expect(fred.receive(50)).rejects.toMatchObject({ code: 'peer-silent', culprit: 'sally' });
    await expect(fred.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'peer-silent' });
    await expect(sally.receive()).rejects.toMatchObject({
      code: 'peer-gone',
      culprit: 'fred',
      message: expect.stringContaining('peer-silent: sally'),
    });
    const [fred2, sally2] = await pair();
    await sally2.send(Uint8Array.of(1));
    await sally2.close(fault('agreement-term', 'x'.repeat(300)));
    expect(await fred2.receive()).toEqual(Uint8Array.of(1));
    await expect(fred2.receive()).rejects.toMatchObject({
      code: 'peer-gone',
      message: expect.stringContaining('agreement-term: xxx'),
    });
  });

  test.each([
    ['a text frame', 'frame-shape', (socket: WebSocket) => socket.send('text')],
    ['a frame too long', 'frame-too-long', (socket: WebSocket) => socket.send(new Uint8Array(maxFrameBytes + 1))],
    ['a broken connection', 'peer-gone', (socket: WebSocket) => socket.terminate()],
    [
      'garbage',
      'frame-shape',
      (socket: WebSocket) =>
        (socket as unknown as { _socket: { write(b: Buffer): void } })._socket.write(Buffer.alloc(64, 0xff)),
    ],
  ])('ends with a named error on %s', async (_, code, misbehave) => {
    const [socket, sally] = await raw();
    misbehave(socket);
    await expect(sally.receive()).rejects.toMatchObject({ code, culprit: 'fred' });
    await expect(sally.send(new Uint8Array(1))).rejects.toMatchObject({ code });
  });

  test('does not open without leave', async () => {
    const { fred, sally } = await listening();
    await expect(connectSocket(fred, sally.card, '/v1/frames')).rejects.toMatchObject({
      code: 'session-unknown',
      culprit: 'sally',
    });
    await expect(connectSocket(fred, sally.card, '/v1/other')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('ends when the server stops', async () => {
    const { fred, sally, accepted, close } = await listening();
    const socket = await connectSocket(fred, sally.card, '/v1/frames', { attempt: '7' });
    await accepted;
    await close();
    await expect(socket.receive()).rejects.toMatchObject({
      code: 'peer-gone',
      message: expect.stringContaining('stopping'),
    });
    await expect(connectSocket(fred, sally.card, '/v1/frames', { attempt: '7' })).rejects.toMatchObject({
      code: 'peer-gone',
      culprit: 'sally',
    });
  });
});
