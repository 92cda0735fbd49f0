import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKeyservice } from '@symbolon/keyservice';
import { createHome, createLogger, type Database, type Home, type Role, type Running } from '@symbolon/service';
import { type DraftParams, Organisation, type PartyOptions, startParty } from '../src/index.ts';

export const quiet = createLogger({ id: 'test', logLevel: 'silent' }, { write: () => undefined });

/** Two organisations with a data set each, a key service, and an agreement that all have signed; real mTLS on loopback. */
export interface TestNetwork {
  readonly folder: string;
  readonly homes: { readonly fred: Home; readonly sally: Home; readonly keys: Home };
  /** Starts what does not run yet. */
  start(options?: { fred?: Partial<PartyOptions>; sally?: Partial<PartyOptions> }): Promise<void>;
  stop(role: 'fred' | 'sally' | 'keys'): Promise<void>;
  fred<T>(work: (organisation: Organisation) => Promise<T>): Promise<T>;
  sally<T>(work: (organisation: Organisation) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export const members = `medicaid,name,born,city
M-100,Ann Müller,1980-05-17,Bonn
M-101,Bob Stone,1971-01-02,Köln
M-102,Cleo Park,1990-12-31,Bonn
M-103,Dan O'Neil,1966-03-04,
M-104,Eve Long,2001-07-08,Mainz
`;

export const patients = `id,medicaid,name,born,city
P1,M 100,Ann Mueller,1980-05-17,Bonn
P2,,Bob Stonne,1971-01-02,Köln
P3,M-555,Zoe Hart,1955-05-05,Trier
P4,m-104,Eve Long,2001-07-08,Mainz
P5,M-200,Dan ONeil,1966-03-04,Ulm
P6,M-201,Cleo Bark,1990-12-31,Bonn
`;

export const rule = 'a.medicaid = b.medicaid OR (agree(a.name, b.name) >= 0.8 AND a.born = b.born)';

export async function testNetwork(): Promise<TestNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-party-'));
  const now = () => new Date();
  const home = (id: string, role: 'party' | 'keyservice') =>
    createHome({ path: join(folder, id), id, name: `The ${id}`, role, host: '127.0.0.1', port: 0, now });
  const homes = {
    fred: await home('fred', 'party'),
    sally: await home('sally', 'party'),
    keys: await home('keys', 'keyservice'),
  };
  const all = Object.values(homes);
  for (const one of all) for (const other of all) if (one !== other) one.partners.add(other.cardFile);
  writeFileSync(join(folder, 'members.csv'), members);
  writeFileSync(join(folder, 'patients.csv'), patients);
  const running = new Map<string, Running>();
  const work =
    (name: 'fred' | 'sally') =>
    async <T>(task: (organisation: Organisation) => Promise<T>): Promise<T> => {
      const organisation = await Organisation.open(homes[name].path, { logger: quiet });
      try {
        return await task(organisation);
      } finally {
        await organisation.close();
      }
    };
  return {
    folder,
    homes,
    fred: work('fred'),
    sally: work('sally'),
    async start(options = {}) {
      if (!running.has('keys')) {
        running.set('keys', await startKeyservice({ homePath: homes.keys.path, logger: quiet }));
      }
      for (const name of ['fred', 'sally'] as const) {
        if (running.has(name)) continue;
        running.set(name, await startParty({ homePath: homes[name].path, logger: quiet, ...options[name] }));
      }
    },
    async stop(role) {
      const server = running.get(role);
      running.delete(role);
      await server?.close();
    },
    async close() {
      await Promise.all([...running.values()].map((server) => server.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A user who cannot log in: for stores and decisions. */
export async function addUser(database: Database, id: string, ...roles: Role[]): Promise<void> {
  const nothing = { password: null, issuer: null, subject: null, disabled: 0 as const, created_at: 'now' };
  await database
    .insertInto('account')
    .values({ id, name: id, ...nothing })
    .execute();
  for (const role of roles) await database.insertInto('account_role').values({ account: id, role }).execute();
}

/** The events of one kind in an organisation's log, the oldest first. */
export async function eventsOf(
  { log }: Pick<Organisation, 'log'>,
  kind: string,
): Promise<Readonly<Record<string, unknown>>[]> {
  await log.refresh();
  const records = await log.store.entries(0, log.size);
  return records.map(({ event }) => JSON.parse(Buffer.from(event!).toString())).filter((event) => event.kind === kind);
}

export interface Terms {
  rule?: string;
  /** Key column of fred's table. */
  key?: string;
  /** Key column of sally's table. */
  partnerKey?: string;
  maxRuns?: number;
  maxRows?: number | { a: number; b: number };
  pads?: 'expanded' | 'full';
  link?: Pick<DraftParams, 'blocking' | 'cardinality' | 'prefer' | 'learn' | 'reveal' | 'purpose'>;
  term?: { from: string; until: string };
  /** Signs and sends on both sides; true if absent. */
  signed?: boolean;
}

/** Data sets on both sides, and an agreement between them. @returns its hash */
export async function agree(network: TestNetwork, terms: Terms = {}): Promise<string> {
  const { folder, fred, sally } = network;
  await fred(({ data }) => data.add('members', { kind: 'csv', path: join(folder, 'members.csv') }));
  const description = await sally(async ({ data, agreements }) => {
    await data.add('patients', { kind: 'csv', path: join(folder, 'patients.csv') });
    return agreements.describe('patients');
  });
  const { hash } = await fred(({ agreements }) =>
    agreements.draft({
      title: 'Shared patients',
      as: 'a',
      partner: 'sally',
      keyService: 'keys',
      dataset: 'members',
      partnerDataset: description,
      partnerKey: terms.partnerKey ?? 'id',
      key: terms.key ?? 'medicaid',
      rule: terms.rule ?? rule,
      maxRows: terms.maxRows ?? 100,
      maxRuns: terms.maxRuns ?? 10,
      pads: terms.pads,
      ...terms.link,
      term: terms.term ?? { from: '2020-01-01', until: '2099-12-31' },
    }),
  );
  if (terms.signed === false) return hash;
  await fred(async ({ agreements }) => {
    await agreements.sign(hash);
    await agreements.send(hash);
  });
  await sally(async ({ agreements }) => {
    await agreements.sign(hash);
    await agreements.send(hash);
  });
  return hash;
}
