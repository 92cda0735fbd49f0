// Keeps the demo in the background: a process that `symbolon demo up` starts. It plays the story, opens the pages, and then does what the command asks over
// a port of this machine: see `background.ts`. When it ends, however that happens, its servers end too.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { SymbolonError } from '@symbolon/crypto';
import { Cleanup } from '../cleanup.ts';
import { Ui } from '../ui.ts';
import type { KeeperMessage, KeeperVerb, Kept } from './background.ts';
import { removeState, writeState } from './background-state.ts';
import { type OpenWorld, tellWorld } from './world.ts';

const cleanup = new Cleanup();
const token = randomBytes(24).toString('base64url');
let world: OpenWorld | undefined;

function tell(message: KeeperMessage): void {
  if (process.connected) process.send?.(message);
}

async function end(): Promise<void> {
  await cleanup.run();
  process.exit();
}

process.once('SIGTERM', () => void end()).once('SIGINT', () => void end());
// Whoever started this has gone before the demo was up.
process.once('disconnect', () => {
  if (world === undefined) void end();
});

try {
  await bringUp();
} catch (error) {
  // What else it may be stands in the log.
  if (error instanceof SymbolonError) {
    const { code, message, culprit, hint } = error;
    tell({ kind: 'failed', code, message, culprit, hint });
  } else console.error(error);
  await cleanup.run();
  process.exit(1);
}

async function bringUp(): Promise<void> {
  const folder = cleanup.temporaryFolder('symbolon-').path;
  const server = await listen();
  const { port } = server.address() as AddressInfo;
  writeState({ pid: process.pid, port, token, folder });
  cleanup.add(() => {
    server.close();
    removeState();
  });
  tell({ kind: 'step', title: 'Fred and Sally find the patients they share' });
  const told = await tellWorld({ ui: new Ui(), cleanup, folder });
  world = await told.open({
    step: (title, work) => {
      tell({ kind: 'step', title });
      return work();
    },
  });
  tell({ kind: 'up', kept: kept(world) });
}

function listen(): Promise<Server> {
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.once('data', (line: string) => void answer(socket, line.trim()));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server));
  });
}

async function answer(socket: Socket, line: string): Promise<void> {
  const [shown, verb] = line.split(' ') as [string, KeeperVerb];
  if (!sameToken(shown)) {
    socket.destroy();
    return;
  }
  if (verb === 'down') {
    await cleanup.run();
    socket.end(JSON.stringify({ down: true }), () => process.exit());
    return;
  }
  if (verb === 'restart') await restart();
  socket.end(JSON.stringify(world === undefined ? { starting: true } : kept(world)));
}

/** Starts what has stopped by itself. */
async function restart(): Promise<void> {
  if (world === undefined) return;
  const { servers } = world;
  for (const id of servers.roles) if (!servers.isRunning(id)) await servers.startOne(id);
}

function kept({ demo, servers }: OpenWorld): Kept {
  return { demo, stopped: servers.roles.filter((id) => !servers.isRunning(id)) };
}

function sameToken(shown: string): boolean {
  const [a, b] = [Buffer.from(shown), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
