import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Card } from '@symbolon/agreement';
import { base64url, insecureTestRng, type Rng, systemRng } from '@symbolon/crypto';
import { Log, MemoryLogStore } from '@symbolon/ledger';
import { type AllPairsProgram, everyPair, programHash } from '@symbolon/linkage';
import {
  type Client,
  createHome,
  createLogger,
  dataToSign,
  type Home,
  homePaths,
  type KeyserviceClient,
  keyserviceClient,
  logOrigin,
  type OpenRequest,
  openDatabase,
  parseLogCheckpoint,
  peerClient,
  type Running,
} from '@symbolon/service';
import { onTestFinished } from 'vitest';
import { startKeyservice } from '../src/index.ts';

export const quiet = createLogger({ id: 'test', logLevel: 'silent' });
const now = () => new Date();

/** A program of two leaves for tables of 3 and 5 rows. */
export const program: AllPairsProgram = {
  protocol: 'link-all-pairs/1',
  rows: [3, 5],
  leaves: [8, 20].map((inner) => ({
    inner,
    ring: 16,
    constant: String(-inner),
    product: ['0', String(inner)],
    entries: { a: ['0', '1'], b: ['0', '1'] },
    weight: 1,
  })),
  verdict: { or: [0, 1] },
  ...everyPair,
  tile: 2,
};

/** A party as the key service sees it: a home, a log, a client. */
export interface TestParty {
  readonly home: Home;
  readonly card: Card;
  readonly log: Log;
  readonly client: Client;
  readonly keys: KeyserviceClient;
  /** An event in its own log. */
  note(): Promise<void>;
  request(changes?: Partial<Record<keyof OpenRequest, unknown>>): Promise<OpenRequest>;
  sign(session: string, dataHash: string): string;
}

export interface Network {
  readonly keysHome: Home;
  readonly parties: readonly [fred: TestParty, sally: TestParty, mallory: TestParty];
  readonly attempt: string;
  /** Starts the key service; stops a running one first. */
  restart(rng?: Rng): Promise<void>;
  stop(): Promise<void>;
}

/** A key service and three organisations on loopback. fred and sally are the parties of {@link TestParty.request}. */
export async function network(settings: Record<string, unknown> = {}): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const home = (id: string, role: 'party' | 'keyservice') =>
    createHome({ path: join(folder, id), id, name: `The ${id}`, role, host: '127.0.0.1', port: 0, now });
  const keysHome = await home('keys', 'keyservice');
  const file = homePaths(keysHome.path).config;
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), settings }));
  const homes = [await home('fred', 'party'), await home('sally', 'party'), await home('mallory', 'party')];
  for (const { cardFile } of homes) keysHome.partners.add(cardFile);
  for (const { partners } of homes) partners.add(keysHome.cardFile);
  const attempt = base64url(systemRng(32));
  const pair = homes
    .slice(0, 2)
    .map(({ card: { id, organisationKey, signingKey } }) => ({ id, organisationKey, signingKey }));
  const parties = await Promise.all(homes.map((own) => testParty(own, keysHome.card, { attempt, parties: pair })));
  let running: Running | undefined;
  const stop = async () => {
    await running?.close();
    running = undefined;
  };
  const restart = async (rng?: Rng) => {
    await stop();
    running = await startKeyservice({ homePath: keysHome.path, logger: quiet, ...(rng === undefined ? {} : { rng }) });
  };
  await restart();
  onTestFinished(async () => {
    await Promise.all(parties.map(({ client }) => client.close()));
    await stop();
  });
  return { keysHome, parties: parties as unknown as Network['parties'], attempt, restart, stop };
}

async function testParty(home: Home, keys: Card, common: Pick<OpenRequest, 'attempt' | 'parties'>): Promise<TestParty> {
  const client = peerClient({ home, partner: keys });
  const log = await Log.open(logOrigin(home.card.id), new MemoryLogStore());
  const rng = insecureTestRng(home.card.id);
  return {
    home,
    card: home.card,
    log,
    client,
    keys: keyserviceClient(client),
    note: async () => void (await log.append({ kind: 'test' }, rng(32))),
    async request(changes = {}) {
      const held = await keyserviceClient(client).seenCheckpoint();
      const from = held === null ? 0 : parseLogCheckpoint(home.card, held).size;
      return {
        agreement: base64url(new Uint8Array(32).fill(7)),
        program,
        programHash: base64url(programHash(program)),
        ...common,
        nonce: base64url(systemRng(32)),
        pads: 'expanded',
        checkpoint: log.checkpoint(home.logKey),
        consistency: { from, proof: log.consistencyProof(from).map(base64url) },
        seen: null,
        ...changes,
      } as OpenRequest;
    },
    sign: (session, dataHash) =>
      base64url(
        home.signingKey.sign(
          dataToSign(
            new Uint8Array(Buffer.from(session, 'base64url')),
            new Uint8Array(Buffer.from(dataHash, 'base64url')),
          ),
        ),
      ),
  };
}

/** Both parties ask; resolves to both outcomes. */
export async function openBoth(
  { parties: [fred, sally] }: Network,
  changes: [Parameters<TestParty['request']>[0]?, Parameters<TestParty['request']>[0]?] = [],
) {
  const requests = [await fred.request(changes[0]), await sally.request(changes[1])] as const;
  return Promise.allSettled([fred.keys.open(requests[0], 20_000), sally.keys.open(requests[1], 20_000)]);
}

/** The outcome of a call that must succeed, or the error of one that must not. */
export function settled<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Kinds and codes in the key service's log; call it while the service is stopped or idle. */
export async function leaves({ keysHome }: Network): Promise<Record<string, unknown>[]> {
  const database = await openDatabase(keysHome);
  const rows = await database.selectFrom('log_entry').select('event').orderBy('index').execute();
  await database.destroy();
  return rows.map(({ event }) => JSON.parse(Buffer.from(event!).toString()) as Record<string, unknown>);
}
