import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countersign, startCompute } from '@symbolon/compute';
import {
  type ApiClient,
  apiClient,
  createHome,
  type Home,
  localClient,
  openHome,
  type Running,
} from '@symbolon/service';
import { Organisation, startParty } from '../src/index.ts';
import { quiet } from './network.ts';

export const passphrase = 'vierzehn grüne Zebras am Fluss';

/** Patients of a hospital: treated or not, a region, an age, a cost with cents; some values are missing. */
export function patientsCsv(count = 400): string {
  const rows = Array.from({ length: count }, (_, i) =>
    [
      `P${i}`,
      i % 3 === 0 ? 'yes' : 'no',
      ['north', 'south', ''][i % 3 === 2 ? i % 2 : i % 3],
      i % 17 === 0 ? '' : String(18 + ((i * 7) % 70)),
      `${(i * 13) % 500}.${String(i % 100).padStart(2, '0')}`,
    ].join(','),
  );
  return `${['pid,treated,region,age,cost', ...rows].join('\n')}\n`;
}

/** What they agree on. @param changed of its `outsourcing` */
export function sealedAgreement(changed: object = {}, more: object = {}): string {
  return JSON.stringify({
    kind: 'agreement',
    version: 1,
    title: 'Encrypted patients',
    predecessor: null,
    parties: ['hospital', 'cloud'],
    keyService: 'keys',
    outsourcing: {
      owner: 'hospital',
      compute: 'cloud',
      tables: {
        patients: {
          dataset: 'people',
          maxRows: 20_000,
          patient: 'pid',
          onePerPatient: true,
          columns: {
            pid: { type: 'text', policy: 'join', required: true },
            treated: { type: 'boolean', policy: 'group', required: true },
            region: { type: 'text', policy: 'group', values: ['north', 'south'] },
            age: { type: 'number', policy: 'filter', min: '0', max: '120' },
            cost: { type: 'number', policy: 'aggregate', min: '0', max: '1000', scale: 2 },
          },
        },
      },
      methods: ['select', 't-test'],
      minPatients: 5,
      maxRuns: 50,
      ...changed,
    },
    pads: 'expanded',
    term: { from: '2020-01-01', until: '2099-12-31' },
    ...more,
  });
}

/** A hospital with a data set, and a compute server; real mutual TLS on loopback. */
export interface SealedNetwork {
  readonly folder: string;
  readonly homes: Readonly<Record<'hospital' | 'cloud' | 'keys', Home>>;
  /** Where the hospital's data set is. */
  readonly file: string;
  as<T>(work: (organisation: Organisation) => Promise<T>): Promise<T>;
  /** Of the hospital's server, as the owner of its folder. */
  client(): ApiClient;
  /** Drafted and signed by both. @returns its hash */
  agree(source?: string): Promise<string>;
  start(who?: 'hospital' | 'cloud'): Promise<void>;
  stop(who: 'hospital' | 'cloud'): Promise<void>;
  close(): Promise<void>;
}

/** @param computing more settings of the compute server */
export async function sealedNetwork(csv = patientsCsv(), computing: object = {}): Promise<SealedNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-sealed-'));
  const make = (id: string, role: 'party' | 'keyservice' | 'compute') =>
    createHome({
      ...{ path: join(folder, id), id, name: `The ${id}`, role, host: '127.0.0.1', port: 0 },
      now: () => new Date(),
      ...(role === 'compute' ? { settings: { processes: 1, maxRequestsPerMinute: 10_000, ...computing } } : {}),
    });
  const homes = {
    hospital: await make('hospital', 'party'),
    cloud: await make('cloud', 'compute'),
    keys: await make('keys', 'keyservice'),
  };
  const all = Object.values(homes);
  for (const one of all) for (const other of all) if (one !== other) one.partners.add(other.cardFile);
  const file = join(folder, 'patients.csv');
  writeFileSync(file, csv);
  const running = new Map<string, Running>();
  const clients: ApiClient[] = [];
  const as = async <T>(work: (organisation: Organisation) => Promise<T>): Promise<T> => {
    const organisation = await Organisation.open(homes.hospital.path, { logger: quiet });
    try {
      return await work(organisation);
    } finally {
      await organisation.close();
    }
  };
  await as(({ data }) => data.add('people', { kind: 'csv', path: file }));
  const starts = { hospital: startParty, cloud: startCompute };
  return {
    folder,
    homes,
    file,
    as,
    client() {
      const client = apiClient(localClient(openHome(homes.hospital.path)));
      clients.push(client);
      return client;
    },
    async agree(source = sealedAgreement()) {
      return as(async ({ agreements }) => {
        const { hash } = await agreements.draftText(source, 'json');
        await agreements.sign(hash);
        const signed = await countersign(homes.cloud.path, await agreements.export(hash));
        await agreements.receive(signed);
        return hash;
      });
    },
    async start(who) {
      for (const one of who === undefined ? (['cloud', 'hospital'] as const) : [who]) {
        if (!running.has(one)) running.set(one, await starts[one]({ homePath: homes[one].path, logger: quiet }));
      }
    },
    async stop(who) {
      const server = running.get(who);
      running.delete(who);
      await server?.close();
    },
    async close() {
      for (const client of clients) await client.close();
      await Promise.allSettled([...running.values()].map((server) => server.close()));
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
