import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { answer, contract } from '../src/index.ts';
import { limitReceiving, uploadOf } from '../src/upload.ts';
import { serveApi } from './api-server.ts';

const sendFile = contract({
  name: 'sendFile',
  summary: 'A file',
  action: 'file.send',
  method: 'POST',
  path: '/v1/files/:name',
  params: z.strictObject({ name: z.string().regex(/^[a-z]+$/) }),
  upload: true,
  unkeyed: true,
  answer: z.strictObject({ bytes: z.int() }),
});

async function served() {
  const read: number[] = [];
  const { url, port } = await serveApi([
    answer(sendFile, async ({ upload }) => {
      let bytes = 0;
      for await (const chunk of upload!.bytes) {
        bytes += chunk.length;
        read.push(chunk.length);
      }
      return { bytes };
    }),
  ]);
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, name = 'x') =>
    fetch(`${url}/v1/files/${name}`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer ana', 'content-type': 'application/octet-stream', ...headers },
    });
  return { url, port, read, send };
}

test('a file comes to its handler as it arrives, longer than any other body may be', async () => {
  const { send, read } = await served();
  const file = new Uint8Array(20 * 2 ** 20);
  expect(await (await send(file)).json()).toEqual({ bytes: file.length });
  expect(read.length).toBeGreaterThan(10);
  expect(await (await send(new Uint8Array(0))).json()).toEqual({ bytes: 0 });
});

test('of a file, nothing is read for those who may not send it, under another name or type, or without a length', async () => {
  const { send, read, port } = await served();
  const file = new Uint8Array(1000);
  expect((await send(file, { authorization: 'Bearer olaf' })).status).toBe(403);
  expect((await send(file, { authorization: '' })).status).toBe(401);
  expect((await send(file, {}, '..%2fx')).status).toBe(400);
  expect((await send('{}', { 'content-type': 'application/json' })).status).toBe(400);
  const chunked = request({ port, path: '/v1/files/x', method: 'POST' });
  chunked.setHeader('authorization', 'Bearer ana').setHeader('content-type', 'application/octet-stream');
  chunked.write('12');
  chunked.end('34');
  const [answered] = await once(chunked, 'response');
  expect(answered.statusCode).toBe(400);
  answered.resume();
  expect(read).toEqual([]);
});

test('a request has to be here in time; a file, while some of it keeps coming', async () => {
  let ended: unknown;
  const server = createServer(async (message, response) => {
    if (message.url === '/file') {
      try {
        for await (const _ of uploadOf(message).bytes);
      } catch (error) {
        ended = error;
      }
    } else {
      message.on('error', () => undefined);
      message.resume();
      await once(message, 'end').catch(() => undefined);
    }
    response.end('done');
  });
  limitReceiving(server, 600);
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  /** Sends a byte every 100 ms, so many of 10. @returns what was answered */
  const drip = async (path: string, bytes: number): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk)).on('error', () => undefined);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\n`);
    // Not by `once`, which takes an error, as when the server hangs up meanwhile, for a failure.
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    for (let i = 0; i < bytes; i++) {
      await delay(100);
      socket.write('x');
    }
    await closed;
    return text;
  };
  expect(await drip('/file', 10)).toContain('done');
  expect(await drip('/other', 10)).toBe('');
  expect(await drip('/file', 4)).toBe('');
  expect(ended).toMatchObject({ code: 'request-invalid', message: 'the connection ended after 4 of 10 bytes' });
});
