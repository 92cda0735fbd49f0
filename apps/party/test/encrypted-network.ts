import { join } from 'node:path';
import type { Studies } from '@symbolon/agreement';
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
import { makeSealKey } from '../src/api/outsource.ts';
import { quiet } from './network.ts';
import { sealPatients } from './sealed-calls.ts';
import { passphrase } from './sealed-network.ts';
import { type Party, parties, type StudyNetwork, studyNetwork } from './study-network.ts';

const count = { hospital: 300, insurer: 240, office: 330 };

/** Patients of each party: treated or not, an age, a cost with cents; some ages are missing. */
export function encryptedFiles(): Record<Party, string> {
  const rows = (party: Party, salt: number): string =>
    Array.from({ length: count[party] }, (_, i) => {
      const age = (i + salt) % 17 === 0 ? '' : String(18 + ((i * 7 + salt) % 70));
      return [`${party}${i}`, i % 3 === salt % 3 ? 'yes' : 'no', age, `${(i * 13 + salt) % 500}.${10 + (i % 90)}`].join(
        ',',
      );
    }).join('\n');
  const file = (party: Party, salt: number): string => `pid,treated,age,cost\n${rows(party, salt)}\n`;
  return { hospital: file('hospital', 1), insurer: file('insurer', 2), office: file('office', 3) };
}

const sql = 'SELECT treated, COUNT(*) AS n, SUM(cost) AS cost FROM patients WHERE age >= 30 GROUP BY treated';

/** Those that have their rows encrypted; the office reads its rows itself. */
export const sealing = ['hospital', 'insurer'] as const;

/** What the three agree on. */
export function encryptedStudies(changed: Partial<Studies> = {}): Studies {
  return {
    tables: {
      patients: {
        holders: [
          ...sealing.map((party) => ({ party, dataset: 'people', compute: 'cloud' })),
          { party: 'office', dataset: 'people' },
        ],
        ...{ maxRows: 1000, patient: 'pid', onePerPatient: true },
        columns: {
          pid: { type: 'text', policy: 'join', required: true },
          treated: { type: 'boolean', policy: 'group', required: true },
          age: { type: 'number', policy: 'filter', min: '0', max: '120' },
          cost: { type: 'number', policy: 'aggregate', min: '0', max: '1000', scale: 2 },
        },
      },
    },
    joins: [],
    minPatients: 5,
    list: [
      { name: 'by-treatment', text: sql, to: ['hospital', 'insurer'], maxRuns: 20 },
      {
        name: 'old',
        text: sql.replace('age >= 30', 'age >= 61'),
        to: ['office'],
        maxRuns: 20,
      },
      {
        name: 'welch',
        text: [
          'name: welch',
          'title: Cost by treatment',
          'agreement: App and care',
          'sql: SELECT cost AS value, treated AS grp FROM patients',
          'method: t-test',
          'to: [hospital, insurer, office]',
        ].join('\n'),
        to: ['hospital', 'insurer', 'office'],
        maxRuns: 2,
      },
    ],
    ...changed,
  };
}

/** Three parties, a key service, and a server that computes on ciphertexts. */
export interface EncryptedNetwork extends StudyNetwork {
  readonly cloud: Home;
  /** Of a party's server, as the owner of its folder. */
  client(party: Party): ApiClient;
  /** Signed by all and by the server. @returns its hash */
  agreed(studies?: Studies): Promise<string>;
  /** Whoever has its rows encrypted makes a key, encrypts them and uploads them. */
  sealAll(agreement: string): Promise<void>;
}

export async function encryptedNetwork(): Promise<EncryptedNetwork> {
  const network = await studyNetwork(encryptedFiles());
  const cloud = await createHome({
    ...{
      path: join(network.folder, 'cloud'),
      id: 'cloud',
      name: 'The cloud',
      role: 'compute',
      host: '127.0.0.1',
      port: 0,
    },
    settings: { processes: 1, maxRequestsPerMinute: 10_000 },
    now: () => new Date(),
  });
  for (const home of Object.values(network.homes)) {
    home.partners.add(cloud.cardFile);
    cloud.partners.add(home.cardFile);
  }
  const clients: ApiClient[] = [];
  let server: Running | undefined;
  const client = (party: Party): ApiClient => {
    const made = apiClient(localClient(openHome(network.homes[party].path)));
    clients.push(made);
    return made;
  };
  return {
    ...network,
    cloud,
    client,
    async start(options) {
      server ??= await startCompute({ homePath: cloud.path, logger: quiet });
      await network.start(options);
    },
    async agreed(studies = encryptedStudies()) {
      const hash = await network.agree(studies, { computes: ['cloud'] });
      const signed = await countersign(
        cloud.path,
        await network.as('hospital', ({ agreements }) => agreements.export(hash)),
      );
      for (const party of parties) await network.as(party, ({ agreements }) => agreements.receive(signed));
      return hash;
    },
    async sealAll(agreement) {
      for (const party of sealing) {
        const { id } = await client(party).call(makeSealKey, { body: { agreement, passphrase } });
        await sealPatients(client(party), agreement, id);
      }
    },
    async close() {
      for (const one of clients) await one.close();
      await server?.close();
      await network.close();
    },
  };
}
