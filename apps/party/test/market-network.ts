import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKeyservice } from '@symbolon/keyservice';
import { createHome, type Home, type Running } from '@symbolon/service';
import { Organisation, type PartyOptions, startParty } from '../src/index.ts';
import { quiet } from './network.ts';

export const members = ['hospital', 'insurer', 'researcher', 'keys'] as const;
export type Member = (typeof members)[number];
type Party = Exclude<Member, 'keys'>;

/** A number of rows and a value that must not be seen in a catalogue. */
export const planted = { rows: 60, visits: 97, region: 'Zanzibar' };

/** Two owners with a data set each, somebody without data who asks, and a key service; real mutual TLS on loopback. */
export interface MarketNetwork {
  readonly folder: string;
  readonly homes: Readonly<Record<Member, Home>>;
  as<T>(party: Party, work: (organisation: Organisation) => Promise<T>): Promise<T>;
  start(options?: Partial<PartyOptions>): Promise<void>;
  stop(member: Member): Promise<void>;
  close(): Promise<void>;
}

/** @param laptop the researcher's cannot be reached: it opens every connection itself */
export async function marketNetwork({ laptop = false } = {}): Promise<MarketNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-market-'));
  const home = (id: Member): Promise<Home> => {
    const role = id === 'keys' ? 'keyservice' : 'party';
    return createHome({
      ...{ path: join(folder, id), id, name: `The ${id}`, role, host: '127.0.0.1', port: 0 },
      outbound: laptop && id === 'researcher',
      now: () => new Date(),
    });
  };
  const homes = Object.fromEntries(
    await Promise.all(members.map(async (id) => [id, await home(id)] as const)),
  ) as Record<Member, Home>;
  const all = Object.values(homes);
  for (const one of all) for (const other of all) if (one !== other) one.partners.add(other.cardFile);
  const as: MarketNetwork['as'] = async (party, work) => {
    const organisation = await Organisation.open(homes[party].path, { logger: quiet });
    try {
      return await work(organisation);
    } finally {
      await organisation.close();
    }
  };
  const people = Array.from({ length: planted.rows }, (_, i) => `P${1000 + 7 * i}`);
  const files = {
    hospital: ['person,visits,note', ...people.map((id, i) => `${id},${i === 3 ? planted.visits : (i * 5) % 11},x`)],
    insurer: ['member,region', ...people.map((id, i) => `${id},${['north', 'south'][i % 2]}`)],
  };
  for (const [party, lines] of Object.entries(files)) {
    const path = join(folder, `${party}.csv`);
    writeFileSync(path, `${lines.join('\n')}\n`);
    const name = party === 'hospital' ? 'visits' : 'members';
    await as(party as Party, ({ data }) => data.add(name, { kind: 'csv', path }));
  }
  const running = new Map<Member, Running>();
  return {
    folder,
    homes,
    as,
    async start(options = {}) {
      if (!running.has('keys')) {
        running.set('keys', await startKeyservice({ homePath: homes.keys.path, logger: quiet }));
      }
      for (const party of ['hospital', 'insurer', 'researcher'] as const) {
        if (running.has(party)) continue;
        running.set(party, await startParty({ homePath: homes[party].path, logger: quiet, ...options }));
      }
    },
    async stop(member) {
      const server = running.get(member);
      running.delete(member);
      await server?.close();
    },
    async close() {
      await Promise.allSettled([...running.values()].map((server) => server.close()));
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** What the hospital offers. */
export function visitsOffer(changed: object = {}): object {
  return {
    name: 'visits',
    title: 'Visits to the hospital',
    description: 'One row a patient.',
    patient: 'person',
    onePerPatient: true,
    columns: {
      person: { type: 'text', policy: 'join', required: true },
      visits: { type: 'number', policy: 'aggregate', min: '0', max: '100' },
    },
    methods: ['select', 'describe'],
    minPatients: 5,
    purposes: ['HRESCH', 'PUBHLTH'],
    price: { currency: 'EUR', perRun: '120.50', freeFor: ['PUBHLTH'] },
    quota: { perMonth: 3 },
    ...changed,
  };
}

/** What the insurer offers. */
export function membersOffer(changed: object = {}): object {
  return {
    name: 'members',
    title: 'Members by region',
    description: 'One row a member.',
    patient: 'member',
    onePerPatient: true,
    columns: {
      member: { type: 'text', policy: 'join', required: true },
      region: { type: 'text', policy: 'group', values: ['north', 'south', 'west'], required: true },
    },
    methods: ['select'],
    minPatients: 3,
    purposes: ['HRESCH', 'PUBHLTH'],
    price: { currency: 'EUR', perRun: '60', freeFor: ['PUBHLTH'] },
    ...changed,
  };
}

/** What the researcher asks of both. */
export function wish(changed: object = {}): object {
  return {
    title: 'Visits by region',
    keyService: 'keys',
    offers: [
      { party: 'hospital', name: 'visits' },
      { party: 'insurer', name: 'members' },
    ],
    joins: [{ hub: 'visits', spoke: 'members', on: [['person', 'member']] }],
    studies: [
      {
        name: 'by-region',
        text: 'SELECT m.region, COUNT(*) AS n, SUM(v.visits) AS visits FROM visits v JOIN members m ON v.person = m.member GROUP BY m.region',
        maxRuns: 100,
      },
    ],
    purpose: {
      text: 'How often people of each region go to hospital.',
      uses: ['HRESCH', 'PUBHLTH'],
      legalBasis: ['GDPR 6(1)(e)', 'GDPR 9(2)(j)'],
    },
    term: { from: '2020-01-01', until: '2099-12-31' },
    ...changed,
  };
}

/** Both owners publish what they offer. */
export async function publishAll({ as }: MarketNetwork): Promise<void> {
  await as('hospital', ({ market }) => market.publish(visitsOffer()));
  await as('insurer', ({ market }) => market.publish(membersOffer()));
}
