import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Card } from '@symbolon/agreement';
import { exporterLabel } from '@symbolon/consent';
import { fault, hex } from '@symbolon/crypto';
import {
  boundClient,
  createHome,
  createLogger,
  createPeerServer,
  freePort,
  homePaths,
  openHome,
  route,
} from '@symbolon/service';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { Line } from '../src/servers/line.ts';

const folder = mkdtempSync(join(tmpdir(), 'symbolon-line-'));
const closers: (() => unknown)[] = [];
const asked: string[] = [];
const sockets: Socket[] = [];
let line: Line;

/** Something between client and server that can cut every connection. */
async function forward(from: number, to: number): Promise<void> {
  const server = createServer((socket) => {
    const onward = connect(to, '127.0.0.1');
    sockets.push(socket);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one
        .on('error', () => undefined)
        .on('close', () => other.destroy())
        .pipe(other);
    }
  });
  await new Promise<void>((done) => server.listen(from, '127.0.0.1', done));
  closers.push(() => server.close());
}

const cut = (): void => {
  for (const socket of sockets.splice(0)) socket.destroy();
};

beforeAll(async () => {
  const make = (id: string, role: 'centre' | 'workstation') =>
    createHome({ path: join(folder, id), id, name: id, role, host: '127.0.0.1', port: 0, now: () => new Date() });
  const [centre, desk] = [await make('centre', 'centre'), await make('desk', 'workstation')];
  centre.partners.add(desk.cardFile);
  desk.partners.add(centre.cardFile);
  const file = homePaths(centre.path).config;
  const config = JSON.parse(readFileSync(file, 'utf8')) as { listen: { host: string; port: number } };
  const port = await freePort('127.0.0.1');
  await forward(config.listen.port, port);
  writeFileSync(file, JSON.stringify({ ...config, listen: { host: '127.0.0.1', port } }));
  const peer = route<Card>();
  const server = createPeerServer({
    home: openHome(centre.path),
    logger: createLogger({ id: 'centre', logLevel: 'silent' }),
    routes: [
      peer({ method: 'GET', path: '/v1/time', handle: async () => ({ time: 0 }) }),
      peer({
        method: 'POST',
        path: '/v1/signed',
        body: z.strictObject({ signed: z.string(), lose: z.boolean() }),
        handle: async ({ body, connection }) => {
          asked.push(body.signed);
          if (body.signed !== hex(connection.exporter(exporterLabel, 32))) throw fault('consent-refused', 'a relay');
          if (body.lose && asked.length === 1) cut();
          return { taken: asked.length };
        },
      }),
    ],
  });
  await server.listen();
  closers.push(() => server.close());
  line = new Line(boundClient({ home: desk, partner: centre.card }));
  closers.push(() => line.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => void asked.splice(0));

const open = () => line.ask('GET', '/v1/time', { answer: z.unknown() });
const send = (sign: (exporter: Uint8Array) => Promise<unknown>) =>
  line.askSigned('/v1/signed', z.object({ taken: z.number() }), { open, sign });

test('what is signed is signed for the connection that it goes through', async () => {
  expect(await send(async (exporter) => ({ signed: hex(exporter), lose: false }))).toEqual({ taken: 1 });
});

test('a connection that breaks while the card signs: it signs again for the next', async () => {
  let signed = 0;
  const sign = async (exporter: Uint8Array) => {
    if (signed++ === 0) {
      cut();
      await new Promise((done) => setTimeout(done, 100));
    }
    return { signed: hex(exporter), lose: false };
  };
  expect(await send(sign)).toEqual({ taken: 1 });
  expect(signed).toBe(2);
});

test('an answer that is lost on its way is asked for again, signed anew', async () => {
  expect(await send(async (exporter) => ({ signed: hex(exporter), lose: true }))).toEqual({ taken: 2 });
  expect(new Set(asked).size).toBe(2);
});

test('what was signed for another connection is refused, and not repeated', async () => {
  await expect(send(async () => ({ signed: hex(new Uint8Array(32)), lose: false }))).rejects.toMatchObject({
    code: 'consent-refused',
  });
  expect(asked).toHaveLength(1);
});
