import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agreement, Studies } from '@symbolon/agreement';
import { startKeyservice } from '@symbolon/keyservice';
import { Organisation, type OrganisationView, servedOrganisation, startParty } from '@symbolon/party';
import {
  type ApiClient,
  apiClient,
  createHome,
  createLogger,
  freePort,
  type Home,
  localClient,
  people,
  peopleClient,
  type Role,
} from '@symbolon/service';
import { consolePages } from '../../src/index.ts';

export const password = 'vqx7-marmot-trellis-98';
export type House = 'fred' | 'sally';

/** One person of each role, in both houses. */
export const persons = {
  paula: ['privacy-officer'],
  anton: ['analyst'],
  stella: ['data-steward'],
  otto: ['operator'],
  audrey: ['auditor'],
} as const satisfies Record<string, readonly Role[]>;
export type PersonId = keyof typeof persons;

/** Fred's and Sally's servers with their consoles, in this process, with a data set each, and users of each role. */
export interface World {
  readonly url: Readonly<Record<House, string>>;
  readonly homes: Readonly<Record<House | 'keys', Home>>;
  readonly folder: string;
  /** Asks a house's server as one of its persons, by the API. */
  as<T>(
    house: House,
    person: PersonId,
    work: (organisation: OrganisationView, client: ApiClient) => Promise<T>,
  ): Promise<T>;
  /** Drafts a link of members and patients; signed by both, unless told otherwise. @returns its hash */
  link(options?: { signed?: boolean }): Promise<string>;
  /** Drafts studies of members and patients; signed by both, approved by nobody. @returns its hash */
  studies(studies?: Studies, options?: { signed?: boolean }): Promise<string>;
  /** Drafts the same as another draft with other terms, signed by both. @returns its hash */
  redraft(hash: string, terms: Partial<Agreement>): Promise<string>;
  stop(server: House | 'keys'): Promise<void>;
  start(server: House | 'keys'): Promise<void>;
  close(): Promise<void>;
}

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
export const rule = 'a.medicaid = b.medicaid OR (agree(a.name, b.name) >= 0.9 AND a.born = b.born)';

/** Sixty people of Fred's, forty of whom are patients of Sally's, some under another spelling. */
export function tables(): Record<House, string> {
  const names = ['Anna Berger', 'Bruno Castell', 'Clara Dietz', 'David Ebner', 'Eva Fabian', 'Franz Gerber'];
  const person = (i: number) => ({
    medicaid: `M${1000 + 7 * i}`,
    name: `${names[i % 6]} ${['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Gum'][i % 7]}`,
    born: `19${40 + (i % 50)}-0${1 + (i % 9)}-1${i % 10}`,
    app: i % 3 === 0,
    cost: 100 + ((i * 137) % 900),
    visits: (i * 5) % 11,
  });
  const members = Array.from({ length: 60 }, (_, i) => person(i));
  const patients = Array.from({ length: 55 }, (_, i) => person(i + 20));
  return {
    fred: `medicaid,name,born,app,cost\n${members.map((p) => `${p.medicaid},${p.name},${p.born},${p.app},${p.cost}`).join('\n')}\n`,
    sally: `medicaid,name,born,visits\n${patients.map((p) => `${p.medicaid},${p.name},${p.born},${p.visits}`).join('\n')}\n`,
  };
}

/** What the study agreement says, if nothing else is given. */
export function someStudies(): Studies {
  return {
    tables: {
      members: {
        holders: [{ party: 'fred', dataset: 'people' }],
        maxRows: 1000,
        patient: 'medicaid',
        onePerPatient: true,
        columns: {
          medicaid: { type: 'text', policy: 'join', required: true },
          app: { type: 'boolean', policy: 'group', required: true },
          cost: { type: 'number', policy: 'aggregate', min: '0', max: '1000' },
        },
      },
      patients: {
        holders: [{ party: 'sally', dataset: 'people' }],
        maxRows: 1000,
        patient: 'medicaid',
        onePerPatient: true,
        columns: {
          medicaid: { type: 'text', policy: 'join', required: true },
          visits: { type: 'number', policy: 'aggregate', min: '0', max: '20' },
        },
      },
    },
    joins: [{ hub: 'members', spoke: 'patients', on: [['medicaid', 'medicaid']] }],
    minPatients: 3,
    free: {
      by: ['fred', 'sally'],
      tables: ['members', 'patients'],
      methods: ['select', 'describe', 'histogram'],
      to: ['fred', 'sally'],
      maxRuns: 5,
    },
    list: [
      {
        name: 'visits-by-app',
        text: 'SELECT m.app, COUNT(*) AS n, AVG(p.visits) AS visits, AVG(m.cost) AS cost FROM members m JOIN patients p ON m.medicaid = p.medicaid GROUP BY m.app',
        to: ['fred', 'sally'],
        maxRuns: 5,
      },
    ],
  };
}

/**
 * Makes homes and users, adds data, and starts all servers. The caller closes it.
 * @param more settings of a house's server, by the folder of the world
 */
export async function openWorld(
  more: Partial<Record<House, (folder: string, url: string) => object>> = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-console-'));
  const logger = createLogger({ id: 'console-test', logLevel: 'silent' });
  const ports = { fred: await freePort('127.0.0.1'), sally: await freePort('127.0.0.1') };
  const make = (id: House | 'keys', name: string) =>
    createHome({
      path: join(folder, id),
      id,
      name,
      role: id === 'keys' ? 'keyservice' : 'party',
      host: '127.0.0.1',
      port: 0,
      ...(id === 'keys'
        ? {}
        : {
            settings: {
              people: { port: ports[id] },
              dataFolders: [folder],
              ...more[id]?.(folder, `http://127.0.0.1:${ports[id]}`),
            },
          }),
      now: () => new Date(),
    });
  const homes = {
    fred: await make('fred', "Fred's Health Insurance"),
    sally: await make('sally', "Sally's EHR"),
    keys: await make('keys', 'Neutral Key Service'),
  };
  const all = Object.values(homes);
  for (const one of all) for (const other of all) if (one !== other) one.partners.add(other.cardFile);
  const url = { fred: `http://127.0.0.1:${ports.fred}`, sally: `http://127.0.0.1:${ports.sally}` };
  const pages = consolePages();
  const running = new Map<House | 'keys', { close(): Promise<void> }>();
  const as: World['as'] = async (house, person, work) => {
    const stranger = peopleClient({ url: url[house] });
    const { token } = await stranger.call(people.logIn, { body: { user: person, password } });
    const client = peopleClient({ url: url[house], token: token! });
    try {
      return await work(servedOrganisation(client), client);
    } finally {
      await Promise.all([client.close(), stranger.close()]);
    }
  };
  const start: World['start'] = async (server) => {
    const homePath = homes[server].path;
    running.set(
      server,
      await (server === 'keys' ? startKeyservice({ homePath, logger }) : startParty({ homePath, logger, pages })),
    );
  };
  const stop: World['stop'] = async (server) => {
    await running.get(server)?.close();
    running.delete(server);
  };
  for (const [house, csv] of Object.entries(tables()) as [House, string][]) {
    const path = join(folder, `${house}.csv`);
    writeFileSync(path, csv);
    const organisation = await Organisation.open(homes[house].path, { logger });
    await organisation.data.add('people', { kind: 'csv', path });
    await organisation.close();
  }
  await start('keys');
  await Promise.all([start('fred'), start('sally')]);
  const signAll = async (hash: string): Promise<string> => {
    for (const house of ['fred', 'sally'] as const) {
      await as(house, 'paula', async ({ agreements }) => {
        await agreements.sign(hash);
        await agreements.send(hash);
      });
    }
    return hash;
  };
  await Promise.all((['fred', 'sally'] as const).map((house) => addPersons(homes[house], url[house])));
  return {
    url,
    homes,
    folder,
    as,
    start,
    stop,
    async link({ signed = true } = {}) {
      const partnerDataset = await as('sally', 'anton', ({ agreements }) => agreements.describe('people'));
      const { hash } = await as('fred', 'anton', ({ agreements }) =>
        agreements.draft({
          title: 'Members who are patients',
          as: 'a',
          partner: 'sally',
          keyService: 'keys',
          dataset: 'people',
          partnerDataset,
          rule,
          maxRows: 1000,
          maxRuns: 100,
          term: { from: day(0), until: day(30) },
        }),
      );
      return signed ? signAll(hash) : hash;
    },
    async studies(studies = someStudies(), { signed = true } = {}) {
      const { hash } = await as('fred', 'anton', ({ agreements }) =>
        agreements.draftStudies({
          title: 'App and visits',
          parties: ['fred', 'sally'],
          keyService: 'keys',
          studies,
          term: { from: day(0), until: day(30) },
        }),
      );
      return signed ? signAll(hash) : hash;
    },
    async redraft(draft, terms) {
      const { hash } = await as('fred', 'paula', async ({ agreements }) => {
        const { agreement } = await agreements.show(draft);
        return agreements.draftText(JSON.stringify({ ...agreement, ...terms }), 'json');
      });
      return signAll(hash);
    },
    async close() {
      await Promise.allSettled([...running.keys()].map(stop));
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** One person of each role, with the password of all tests. */
export async function addPersons(home: Home, url: string): Promise<void> {
  const owner = apiClient(localClient(home));
  const stranger = peopleClient({ url });
  for (const [id, roles] of Object.entries(persons)) {
    const { code } = await owner.call(people.addUser, { body: { id, name: nameOf(id), roles: [...roles] } });
    await stranger.call(people.setUpPassword, { body: { code, password } });
  }
  await Promise.all([owner.close(), stranger.close()]);
}

/** Name of a person for people. */
export const nameOf = (id: string): string => `${id[0]!.toUpperCase()}${id.slice(1)}`;
