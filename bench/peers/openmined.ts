import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { Prg, systemRng } from '@symbolon/crypto';
import type { Masks } from '@symbolon/engine';
import { createKernels, type Kernels } from '@symbolon/kernels';
import { dealVectorOle, type PsiKeys, PsiSession } from '@symbolon/linkage';
import { type Row, row, rowAtLeast } from '../row.ts';
import { channelPair } from '../support/channels.ts';

const n = 10_000;
const title = 'side by side with @openmined/psi.js, 10,000 × 10,000';
const sessions = 9;

/** What we use of `@openmined/psi.js` 2.0.6, which has its own types only where it is installed. */
interface Message {
  serializeBinary(): Uint8Array;
}
interface Decoder {
  deserializeBinary(bytes: Uint8Array): Message;
}
interface Library {
  readonly dataStructure: { readonly Raw: unknown };
  readonly server: { createWithNewKey(reveal: boolean): Server };
  readonly client: { createWithNewKey(reveal: boolean): Client };
  readonly serverSetup: Decoder;
  readonly request: Decoder;
  readonly response: Decoder;
}
interface Server {
  createSetupMessage(falsePositives: number, clientSize: number, set: readonly string[], structure: unknown): Message;
  processRequest(request: Message): Message;
  delete(): void;
}
interface Client {
  createRequest(set: readonly string[]): Message;
  getIntersection(setup: Message, response: Message): readonly number[];
  delete(): void;
}

/**
 * CPU time a record (of both tables together) of ECDH-PSI in WebAssembly, and of ours, in this process one after the other: all roles, from
 * texts to the intersection, without network, servers and signatures on either side.
 */
export async function run(): Promise<Row[]> {
  const reason = install();
  if (reason !== undefined) return [rowAtLeast('psi', `${title}: not measured, ${reason}`, n, 0, '×', 300)];
  const tables = [0, n / 2].map((offset) =>
    Array.from({ length: n }, (_, i) => String(100_000_000 + (i + offset) * 31)),
  );
  const [a, b] = tables as [string[], string[]];
  const library = createRequire(import.meta.url)('@openmined/psi.js') as () => Promise<Library>;
  const theirs = await cpuSeconds(async () => theirIntersection(await library(), a, b));
  const kernels = [createKernels(), createKernels(), createKernels()];
  const ours: number[] = [];
  for (let i = 0; i < sessions; i++) ours.push(await cpuSeconds(() => ourIntersection(kernels, a, b)));
  // Theirs takes so long that compiling does not count; ours does not, so the first session stands in a row of its own.
  const best = Math.min(...ours);
  const microseconds = (name: string, seconds: number): Row => row('psi', name, n, (seconds / (2 * n)) * 1e6, 'µs');
  return [
    microseconds('@openmined/psi.js: CPU a record', theirs),
    microseconds('Symbolon, three roles in one process: CPU a record, first session', ours[0]!),
    microseconds(`Symbolon, three roles in one process: CPU a record, least of ${sessions}`, best),
    rowAtLeast('psi', title, n, theirs / best, '×', 300),
  ];
}

/** Installs what `package.json` here locks, without running anything of it; why it could not, if so. */
function install(): string | undefined {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = [
    'ci',
    '--ignore-scripts',
    '--no-fund',
    '--no-audit',
    '--prefer-offline',
    '--fetch-retries=1',
    '--loglevel=error',
  ];
  const { status, error } = spawnSync(npm, options, {
    cwd: import.meta.dirname,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  return status === 0 ? undefined : `npm could not install it${error === undefined ? '' : ` (${error.message})`}`;
}

async function cpuSeconds(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  const found = await work();
  const { user, system } = process.cpuUsage(before);
  if (found !== n / 2) throw new Error(`an intersection of ${n / 2} was found to have ${found}`);
  return (user + system) / 1e6;
}

/**
 * Client and server as their README shows them, the intersection revealed to the client. The server's set as `Raw`: their only structure
 * without false positives, and as fast as the others (elliptic curve points cost most).
 */
async function theirIntersection(psi: Library, a: readonly string[], b: readonly string[]): Promise<number> {
  const [server, client] = [psi.server.createWithNewKey(true), psi.client.createWithNewKey(true)];
  try {
    const setup = server.createSetupMessage(1e-9, a.length, b, psi.dataStructure.Raw).serializeBinary();
    const request = client.createRequest(a).serializeBinary();
    const response = server.processRequest(psi.request.deserializeBinary(request)).serializeBinary();
    return client.getIntersection(psi.serverSetup.deserializeBinary(setup), psi.response.deserializeBinary(response))
      .length;
  } finally {
    server.delete();
    client.delete();
  }
}

/** The key service, the receiver and the sender; both parties learn the intersection. */
async function ourIntersection(
  kernels: readonly Kernels[],
  a: readonly string[],
  b: readonly string[],
): Promise<number> {
  const rows = [a.length, b.length] as const;
  const masks: Masks[] = [0, 1].map(() => new Prg(systemRng(32)));
  const channels = channelPair();
  const parties = channels.map(
    (channel, index) =>
      new PsiSession({
        rows,
        index,
        channel,
        kernels: kernels[index]!,
        masks: { own: masks[index]!, pairs: [] },
        rng: systemRng,
      }),
  );
  await Promise.all(parties.map((party, i) => party.exchange(keysOf(i === 0 ? a : b), systemRng(32))));
  const answerKey = Buffer.concat([...dealVectorOle({ rows, masks, kernels: kernels[2]! })]);
  let at = 0;
  const read = async (bytes: number): Promise<Uint8Array> => {
    at += bytes;
    return new Uint8Array(answerKey.subarray(at - bytes, at));
  };
  const [pairs] = await Promise.all(
    parties.map(async (party) => {
      const steps = party.evaluate({ read });
      for (let step = await steps.next(); ; step = await steps.next()) if (step.done) return step.value;
    }),
  );
  for (const party of parties) party.end();
  if (pairs?.kind !== 'pairs') throw new Error('no pairs');
  return pairs.a.length;
}

function keysOf(texts: readonly string[]): PsiKeys {
  const offsets = new Uint32Array(texts.length + 1);
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + Buffer.byteLength(text);
  return { data: Buffer.from(texts.join('')), offsets, present: new Uint8Array(texts.length).fill(1) };
}
