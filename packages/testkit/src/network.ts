import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKeyservice } from '@symbolon/keyservice';
import {
  type DraftParams,
  Organisation,
  type PartyOptions,
  type RunInfo,
  requestLink,
  startParty,
} from '@symbolon/party';
import { createHome, createLogger, type Home, openHome } from '@symbolon/service';

/** One of the two organisations of a {@link Network}. */
export interface PartySetUp {
  readonly id: string;
  /** The whole text of its CSV file. */
  readonly csv: string;
  /** Replaces parts of its server. */
  readonly options?: Omit<PartyOptions, 'homePath' | 'logger'>;
}

export interface NetworkSetUp {
  readonly a: PartySetUp;
  readonly b: PartySetUp;
  readonly rule: string;
  /** What else the agreement says. */
  readonly terms?: Partial<DraftParams>;
  /** False: drafted, but signed by nobody. */
  readonly signed?: boolean;
}

/** A server of a {@link Network}. */
export interface Server {
  readonly id: string;
  readonly home: string;
  readonly port: number;
  /** Starts it again after `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Two organisations and a key service in this process, over real mutual TLS on loopback, ready to link. */
export interface Network {
  readonly a: Server;
  readonly b: Server;
  readonly keys: Server;
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Runs a link, begun by a. */
  link(): Promise<RunInfo>;
  /** Works on the folder of one of the two, as its own commands do. */
  as<T>(side: 'a' | 'b', work: (organisation: Organisation) => Promise<T>): Promise<T>;
  /** Rows that a run found to belong together, of both files, from 0: what only a test can put together. */
  pairs(run: RunInfo): Promise<[a: number, b: number][]>;
  /** Stops everything and removes every file. */
  close(): Promise<void>;
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** Makes homes, exchanges cards, adds data, drafts and signs the agreement, and starts all three servers. */
export async function startNetwork(setUp: NetworkSetUp): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-net-'));
  const nodes: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.allSettled(nodes.map((node) => node.stop()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const homes = await makeHomes(folder, setUp);
    const [a, b, keys] = homes.map((home) => nodeOf(home, setUp)) as [Server, Server, Server];
    nodes.push(a, b, keys);
    await Promise.all(nodes.map((node) => node.start()));
    const as = <T>(side: 'a' | 'b', work: (organisation: Organisation) => Promise<T>): Promise<T> =>
      withOrganisation({ a, b }[side].home, work);
    const agreement = await agree(folder, setUp, as);
    return {
      a,
      b,
      keys,
      agreement,
      link: () => requestLink(a.home, { agreement }),
      as,
      pairs: (run) => pairsOf(run, as),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeHomes(folder: string, { a, b }: NetworkSetUp): Promise<Home[]> {
  const homes: Home[] = [];
  for (const id of [a.id, b.id, 'keys']) {
    const role = id === 'keys' ? 'keyservice' : 'party';
    const path = join(folder, id);
    homes.push(
      await createHome({
        path,
        id,
        name: `The ${id}`,
        role,
        host: '127.0.0.1',
        port: 0,
        database: 'embedded',
        now: () => new Date(),
      }),
    );
  }
  for (const home of homes) for (const other of homes) if (other !== home) home.partners.add(other.cardFile);
  return homes;
}

function nodeOf({ path, config }: Home, { a, b }: NetworkSetUp): Server {
  let running: { close(): Promise<void> } | undefined;
  const logger = createLogger({ id: config.id, logLevel: 'silent' });
  const options = [a, b].find(({ id }) => id === config.id)?.options ?? {};
  return {
    id: config.id,
    home: path,
    port: openHome(path).config.listen.port,
    async start() {
      const common = { homePath: path, logger };
      running = config.role === 'party' ? await startParty({ ...options, ...common }) : await startKeyservice(common);
    },
    async stop() {
      const stopping = running;
      running = undefined;
      await stopping?.close();
    },
  };
}

type As = Network['as'];

async function agree(folder: string, { a, b, rule, terms, signed = true }: NetworkSetUp, as: As): Promise<string> {
  for (const [side, { id, csv }] of [
    ['a', a],
    ['b', b],
  ] as const) {
    const path = join(folder, `${id}.csv`);
    writeFileSync(path, csv);
    await as(side, ({ data }) => data.add('people', { kind: 'csv', path }));
  }
  const partnerDataset = await as('b', ({ agreements }) => agreements.describe('people'));
  const today = new Date();
  const term = { from: day(today), until: day(new Date(today.getTime() + 30 * 86_400_000)) };
  const { hash } = await as('a', ({ agreements }) =>
    agreements.draft({
      title: 'Test',
      as: 'a',
      partner: b.id,
      keyService: 'keys',
      dataset: 'people',
      partnerDataset,
      rule,
      maxRows: 10_000,
      maxRuns: 100,
      term,
      ...terms,
    }),
  );
  if (!signed) return hash;
  for (const side of ['a', 'b'] as const) {
    await as(side, async ({ agreements }) => {
      await agreements.sign(hash);
      await agreements.send(hash);
    });
  }
  return hash;
}

async function withOrganisation<T>(home: string, work: (organisation: Organisation) => Promise<T>): Promise<T> {
  const organisation = await Organisation.open(home);
  try {
    return await work(organisation);
  } finally {
    await organisation.close();
  }
}

async function pairsOf({ attempt }: RunInfo, as: As): Promise<[a: number, b: number][]> {
  const known = async (side: 'a' | 'b') =>
    as(side, async ({ links }) => {
      const run = await finished(links, attempt);
      const found = [];
      for await (const match of links.matches(run)) found.push(match);
      return found;
    });
  const [left, right] = [await known('a'), await known('b')];
  const rows = new Map(right.map(({ row, ownNumber, peerRow }) => [`${peerRow} ${ownNumber}`, row]));
  return left
    .map(({ row, ownNumber, peerRow }): [number, number] => [row, rows.get(`${ownNumber} ${peerRow}`) ?? -1])
    .sort(([a, b], [c, d]) => a - c || b - d);
}

/** A party may finish a moment after its peer. */
async function finished(links: Organisation['links'], attempt: string): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const run = (await links.list()).find((one) => one.attempt === attempt);
    if (run?.state === 'done') return run.id;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the run of attempt ${attempt} did not finish`);
}
