import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Studies } from '@symbolon/agreement';
import { startKeyservice } from '@symbolon/keyservice';
import { createHome, type Home, type Running } from '@symbolon/service';
import { type DraftStudiesParams, Organisation, type PartyOptions, startParty } from '../src/index.ts';
import { quiet } from './network.ts';

export const parties = ['hospital', 'insurer', 'office'] as const;
export type Party = (typeof parties)[number];

/** Patients of a hospital, some of them members of an insurer, most of them known to a statistics office. */
export function peopleFiles(count = 60): Record<Party, string> {
  const people = Array.from({ length: count }, (_, i) => ({
    id: `P${1000 + 7 * i}`,
    app: i % 3 === 0,
    visits: (i * 5) % 11,
    cost: `${(i * 137) % 900}.${(i * 3) % 10}`,
    region: ['north', 'south'][i % 2]!,
  }));
  const rows = (head: string, lines: string[]): string => `${[head, ...lines].join('\n')}\n`;
  return {
    hospital: rows(
      'person,app,visits',
      people.map(({ id, app, visits }) => `${id},${app},${visits}`),
    ),
    insurer: rows(
      'member,cost',
      people.filter((_, i) => i % 10 !== 9).map(({ id, cost }) => `${id},${cost}`),
    ),
    office: rows('citizen,region', [...people.map(({ id, region }) => `${id},${region}`), 'X1,north', 'X2,south']),
  };
}

export const byRegion =
  'SELECT r.region, COUNT(*) AS n, SUM(p.visits) AS visits, AVG(m.cost) AS cost FROM patients p JOIN members m ON p.person = m.member JOIN residents r ON p.person = r.citizen WHERE p.app GROUP BY r.region';

/** What the three agree on. */
export function studiesOf(changed: Partial<Studies> = {}): Studies {
  return {
    tables: {
      patients: {
        holders: [{ party: 'hospital', dataset: 'people' }],
        maxRows: 1000,
        patient: 'person',
        onePerPatient: true,
        columns: {
          person: { type: 'text', policy: 'join', required: true },
          app: { type: 'boolean', policy: 'filter', required: true },
          visits: { type: 'number', policy: 'aggregate', min: '0', max: '100' },
        },
      },
      members: {
        holders: [{ party: 'insurer', dataset: 'people' }],
        maxRows: 1000,
        patient: 'member',
        onePerPatient: true,
        columns: {
          member: { type: 'text', policy: 'join', required: true },
          cost: { type: 'number', policy: 'aggregate', min: '0', max: '1000', scale: 1 },
        },
      },
      residents: {
        holders: [{ party: 'office', dataset: 'people' }],
        maxRows: 1000,
        patient: 'citizen',
        onePerPatient: true,
        columns: {
          citizen: { type: 'text', policy: 'join', required: true },
          region: { type: 'text', policy: 'group', values: ['north', 'south', 'west'], required: true },
        },
      },
    },
    joins: [
      { hub: 'patients', spoke: 'members', on: [['person', 'member']] },
      { hub: 'patients', spoke: 'residents', on: [['person', 'citizen']] },
    ],
    minPatients: 3,
    list: [{ name: 'by-region', text: byRegion, to: ['office', 'hospital'], maxRuns: 3 }],
    ...changed,
  };
}

export interface AgreeOptions extends Pick<DraftStudiesParams, 'linkage'> {
  readonly unapproved?: readonly Party[];
  /** Parties beside those that compute on encrypted rows. */
  readonly computes?: readonly string[];
}

/** Three organisations with a data set each and a key service; real mutual TLS on loopback. */
export interface StudyNetwork {
  readonly folder: string;
  readonly homes: Readonly<Record<Party | 'keys', Home>>;
  as<T>(party: Party, work: (organisation: Organisation) => Promise<T>): Promise<T>;
  start(options?: Partial<Record<Party, Partial<PartyOptions>>>): Promise<void>;
  stop(party: Party | 'keys'): Promise<void>;
  /** Puts another file in the place of a party's data. */
  replace(party: Party, csv: string): Promise<void>;
  /** Drafted, signed by all, approved by all but those named. @returns its hash */
  agree(studies?: Studies, options?: AgreeOptions): Promise<string>;
  close(): Promise<void>;
}

export async function studyNetwork(files: Record<Party, string> = peopleFiles()): Promise<StudyNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-study-'));
  const home = (id: string, role: 'party' | 'keyservice') =>
    createHome({
      path: join(folder, id),
      id,
      name: `The ${id}`,
      role,
      host: '127.0.0.1',
      port: 0,
      now: () => new Date(),
    });
  const homes = {
    hospital: await home('hospital', 'party'),
    insurer: await home('insurer', 'party'),
    office: await home('office', 'party'),
    keys: await home('keys', 'keyservice'),
  };
  const all = Object.values(homes);
  for (const one of all) for (const other of all) if (one !== other) one.partners.add(other.cardFile);
  const running = new Map<string, Running>();
  const as = async <T>(party: Party, work: (organisation: Organisation) => Promise<T>): Promise<T> => {
    const organisation = await Organisation.open(homes[party].path, { logger: quiet });
    try {
      return await work(organisation);
    } finally {
      await organisation.close();
    }
  };
  const replace = async (party: Party, csv: string): Promise<void> => {
    const path = join(folder, `${party}.csv`);
    writeFileSync(path, csv);
    await as(party, ({ data }) => data.add('people', { kind: 'csv', path }));
  };
  for (const party of parties) await replace(party, files[party]);
  return {
    folder,
    homes,
    as,
    replace,
    async start(options = {}) {
      if (!running.has('keys')) {
        running.set('keys', await startKeyservice({ homePath: homes.keys.path, logger: quiet }));
      }
      for (const party of parties) {
        if (running.has(party)) continue;
        running.set(party, await startParty({ homePath: homes[party].path, logger: quiet, ...options[party] }));
      }
    },
    async stop(party) {
      const server = running.get(party);
      running.delete(party);
      await server?.close();
    },
    async agree(studies = studiesOf(), { unapproved = [], linkage, computes = [] } = {}) {
      const { hash } = await as('hospital', ({ agreements }) =>
        agreements.draftStudies({
          title: 'App and care',
          parties: [...parties, ...computes],
          keyService: 'keys',
          studies,
          linkage,
          term: { from: '2020-01-01', until: '2099-12-31' },
        }),
      );
      let file: Uint8Array | undefined;
      for (const party of parties) {
        file = await as(party, async ({ agreements }) => {
          if (file !== undefined) await agreements.receive(file);
          await agreements.sign(hash);
          return agreements.export(hash);
        });
      }
      for (const party of parties) {
        await as(party, async ({ agreements, studies: own }) => {
          await agreements.receive(file!);
          if (unapproved.includes(party)) return;
          for (const { name } of studies.list) await own.approve(hash, name, `${party}'s officer`);
        });
      }
      return hash;
    },
    async close() {
      await Promise.allSettled([...running.values()].map((server) => server.close()));
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
