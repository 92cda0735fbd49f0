// One role of a mesh: a party, or the dealer, which is the last. Arguments: its folder, the number of parties.
import { type StudyInput, type StudyProgram, studyProtocol } from '@symbolon/analytics';
import { Prg, systemRng } from '@symbolon/crypto';
import { byteLength, type Channel, type WireType } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import {
  acceptSockets,
  connectSocket,
  createLogger,
  createPeerServer,
  type FrameSocket,
  openHome,
} from '@symbolon/service';
import type { MeshOrder, MeshReport, MeshTimes } from './mesh.ts';

const [path, count] = process.argv.slice(2) as [string, string];
const parties = Number(count);
const home = openHome(path);
const placeOf = (id: string): number => (id === 'dealer' ? parties : Number(id.slice(1)));
const own = placeOf(home.card.id);
const lines = Array.from({ length: parties + 1 }, () => Promise.withResolvers<FrameSocket>());
const server = createPeerServer({ home, routes: [], logger: createLogger({ id: home.card.id, logLevel: 'silent' }) });
acceptSockets(
  server,
  '/mesh',
  ({ peer }) =>
    (socket) =>
      lines[placeOf(peer.id)]!.resolve(socket),
);
await server.listen();
for (const partner of home.partners.list()) {
  const place = placeOf(partner.id);
  if (place < own) lines[place]!.resolve(await dial(partner));
}
const sockets = await Promise.all(lines.map(({ promise }, place) => (place === own ? undefined : promise)));
const kernels = createKernels();
const prg = (label: number): Prg => new Prg(new Uint8Array(32).fill(label));
const pair = (i: number, j: number): Prg => prg(16 + Math.min(i, j) * 5 + Math.max(i, j));
const report = (message: MeshReport): void => void process.send!(message);

process.on('message', async ({ program, rounds }: MeshOrder) => {
  const times: MeshTimes[] = [];
  for (let round = 0; round < rounds; round++) times.push(await (own === parties ? deal(program) : take(program)));
  report({ kind: 'done', times });
});
process.on('disconnect', () => void server.close().then(() => process.exit()));
report({ kind: 'ready' });

/** Servers start in any order. */
async function dial(partner: ReturnType<typeof home.partners.list>[number]): Promise<FrameSocket> {
  for (let again = 0; ; again++) {
    try {
      return await connectSocket(home, partner, '/mesh');
    } catch (error) {
      if (again === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Everybody has begun. */
async function barrier(): Promise<void> {
  const others = sockets.filter((socket) => socket !== undefined);
  for (const socket of others) await socket.send(new Uint8Array(1));
  for (const socket of others) await socket.receive();
}

/** Of no meaning, but in range. */
function valuesOf(type: WireType): Uint8Array {
  return new Uint8Array(byteLength(type)).fill(type.kind === 'ring' && type.range !== undefined ? 0 : 3);
}

/** All have the same keys. */
function inputOf({ meets, plan }: StudyProgram): StudyInput {
  const keysOf = (entries: number): Uint8Array => {
    const keys = new Uint8Array(32 * entries);
    prg(99).stream('keys').fill(keys, 0);
    return keys;
  };
  const spokes = meets.flatMap(({ spoke, entries: [, entries], columns }, at) => {
    const bits = columns.map((column) => (column.kind === 'word' ? column.ring : 1));
    const values = bits.map((width) => new Uint8Array(Math.ceil((entries * width) / 8)).fill(3));
    return spoke === own ? [[at, { keys: keysOf(entries), columns: values }] as const] : [];
  });
  const sources = plan.nodes.flatMap((node) =>
    node.op === 'input' && node.owner === own && !node.name.startsWith('meet/')
      ? [[node.name, valuesOf(plan.wires[node.out[0]!]!)]]
      : [],
  );
  const hubKeys = own === 0 && meets.length > 0 ? { hubKeys: keysOf(meets[0]!.entries[0]) } : {};
  return { ...hubKeys, spokes: new Map(spokes), inputs: () => Object.fromEntries(sources) };
}

async function take(program: StudyProgram): Promise<MeshTimes> {
  const input = inputOf(program);
  const channel: Channel = {
    send: (to, frame) => sockets[to]!.send(frame),
    receive: (from) => sockets[from]!.receive(),
  };
  const pairs = Array.from({ length: parties }, (_, other) => (other === own ? undefined : pair(own, other)));
  const masks = { own: prg(own), pairs };
  const session = studyProtocol.open({
    program,
    index: own,
    channel,
    kernels,
    masks,
    rng: systemRng,
    name: (party) => `p${party}`,
    pause: () => new Promise(setImmediate),
  });
  await barrier();
  const before = process.cpuUsage();
  const began = performance.now();
  await session.exchange(input, systemRng(32));
  const exchanged = performance.now();
  const answerKey = {
    async read(bytes: number): Promise<Uint8Array> {
      const chunk = new Uint8Array(bytes);
      for (let at = 0; at < bytes; ) {
        const frame = await sockets[parties]!.receive();
        chunk.set(frame, at);
        at += frame.length;
      }
      return chunk;
    },
  };
  for await (const _ of session.evaluate(own === 0 ? answerKey : undefined));
  const ended = performance.now();
  session.end();
  return { exchange: (exchanged - began) / 1000, evaluate: (ended - exchanged) / 1000, cpu: seconds(before) };
}

async function deal(program: StudyProgram): Promise<MeshTimes> {
  const masks = Array.from({ length: parties }, (_, party) => prg(party));
  await barrier();
  const before = process.cpuUsage();
  for (const chunk of studyProtocol.deal({ program, masks, kernels })) {
    for (let at = 0; at < chunk.length; at += 1 << 20) await sockets[0]!.send(chunk.subarray(at, at + (1 << 20)));
  }
  return { exchange: 0, evaluate: 0, cpu: seconds(before) };
}

function seconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
