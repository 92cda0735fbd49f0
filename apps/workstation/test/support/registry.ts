import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrganisationRole } from '@symbolon/agreement';
import type { Person } from '@symbolon/consent';
import { centreApi, moduleApi, startCentre, startModule } from '@symbolon/registry';
import {
  type ApiClient,
  apiClient,
  createHome,
  createLogger,
  freePort,
  type Home,
  homePaths,
  localClient,
  type Pages,
} from '@symbolon/service';
import { CardAuthority, type CardHolder, type CardKind } from '@symbolon/testkit/smartcards';
import { Practice, type ProfessionalCard } from '../../src/index.ts';

const logger = createLogger({ id: 'test', logLevel: 'silent' });
const groups = ['general', 'psychiatry'];
const fields = [
  ...(['lastName', 'firstName'] as const).map((field) => ({ field, as: 'name', required: true })),
  { field: 'birthDate', as: 'date', required: true },
];
const subject = [
  { part: 'surname', field: 'lastName' },
  { part: 'givenName', field: 'firstName' },
];

/** Somebody whom cards are made for. */
export const anna = { lastName: 'Muster', firstName: 'Anna', birthDate: '1950-03-12' } satisfies Person;

/** What a certificate says of a person. */
export const holderOf = ({ firstName, lastName }: Person): CardHolder => ({
  commonName: `${firstName} ${lastName}`,
  givenName: firstName!,
  surname: lastName!,
});

/** Module and central server in this process, over real mutual TLS on loopback, and two workstations of two institutions. */
export class TestRegistry {
  readonly authority: CardAuthority;
  readonly clinic: Home;
  readonly practice: Home;
  readonly #module: Home;
  readonly #closers: (() => Promise<void>)[] = [];
  readonly folder: string;
  #centre: Home;

  private constructor(
    folder: string,
    authority: CardAuthority,
    homes: Readonly<Record<'module' | 'centre' | 'clinic' | 'practice', Home>>,
  ) {
    this.folder = folder;
    this.authority = authority;
    ({ module: this.#module, centre: this.#centre, clinic: this.clinic, practice: this.practice } = homes);
  }

  /** @param pages what browsers are shown at module and central server; none: nothing listens for people */
  static async start({ pages }: { pages?: Pages } = {}): Promise<TestRegistry> {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-registry-'));
    const authority = await CardAuthority.root('Cards of a country', Date.now());
    const make = (
      id: string,
      role: OrganisationRole,
      settings: NonNullable<Parameters<typeof createHome>[0]['settings']>,
    ) =>
      createHome({
        ...{ path: join(folder, id), id, name: id, role, host: '127.0.0.1', port: 0, settings, now: () => new Date() },
        ...{ outbound: role === 'workstation', database: 'embedded' as const },
      });
    const people = async () => (pages === undefined ? {} : { people: { port: await freePort('127.0.0.1') } });
    const homes = {
      module: await make('hips', 'module', {
        ...{ centre: 'centre', centreKeys: ['A'.repeat(43)], fields, groups, patients: { subject } },
        pseudonyms: { mode: 'salted' },
        ...(await people()),
      }),
      centre: await make('centre', 'centre', { modules: [{ id: 'hips', groups }], ...(await people()) }),
      clinic: await make('clinic-pc', 'workstation', {}),
      practice: await make('practice-pc', 'workstation', {}),
    };
    const all = Object.values(homes);
    for (const home of all) for (const other of all) if (other !== home) home.partners.add(other.cardFile);
    const registry = new TestRegistry(folder, authority, homes);
    await registry.#publish();
    await registry.#serve(pages);
    await registry.#install();
    return registry;
  }

  /** A health professional's card, of one who is vetted. */
  async professional(name: string): Promise<ProfessionalCard> {
    const { card, chain } = await this.authority.card({ commonName: name });
    await this.vet({ ...card, chain }, name);
    return { ...card, chain };
  }

  /** Has a health professional vetted. */
  async vet(professional: ProfessionalCard, name: string): Promise<void> {
    await Practice.apply({ home: this.clinic, professional }, name);
    await this.atModule(async (client) => {
      const { items } = await client.call(moduleApi.listPhysicians, { query: { state: 'waiting' } });
      const { id: physician } = items.find((one) => one.name === name)!;
      await client.call(moduleApi.decidePhysician, { params: { physician }, body: { state: 'vetted' } });
    });
    await this.#settled();
  }

  /** A patient's card, in software. */
  async patientCard(person: Person, kind: CardKind = 'P-256'): Promise<ProfessionalCard> {
    const { card, chain } = await this.authority.card(holderOf(person), { kind });
    return { ...card, chain };
  }

  /** Where people reach its servers. */
  get servers(): Readonly<Record<'module' | 'centre', Home>> {
    return { module: this.#module, centre: this.#centre };
  }

  atModule<T>(work: (client: ApiClient) => Promise<T>): Promise<T> {
    return asOwner(this.#module, work);
  }

  atCentre<T>(work: (client: ApiClient) => Promise<T>): Promise<T> {
    return asOwner(this.#centre, work);
  }

  /** Logs in, and out when everything ends. */
  async logIn(home: Home, professional: ProfessionalCard): Promise<Practice> {
    const practice = await Practice.open({ home, professional });
    this.#closers.push(() => practice.close());
    return practice;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #publish(): Promise<void> {
    for (const [home, kind] of [
      [this.#module, 'physicians'],
      [this.#centre, 'physicians'],
      [this.#module, 'patients'],
    ] as const) {
      const folder = join(home.path, 'authorities', kind);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'authority.der'), this.authority.certificate);
      writeFileSync(join(folder, 'authority.crl'), await this.authority.list());
    }
  }

  async #serve(pages: Pages | undefined): Promise<void> {
    const centre = await startCentre({ homePath: this.#centre.path, logger, pages });
    this.#closers.push(() => centre.close());
    const { keys } = await this.atCentre((client) => client.call(centreApi.getCentre, {}));
    const file = homePaths(this.#module.path).config;
    const config = JSON.parse(readFileSync(file, 'utf8')) as { settings: Record<string, unknown> };
    config.settings.centreKeys = [keys[0]!.publicKey];
    writeFileSync(file, JSON.stringify(config));
    const module = await startModule({ homePath: this.#module.path, logger, pages });
    this.#closers.push(() => module.close());
  }

  async #install(): Promise<void> {
    await this.atModule(async (client) => {
      for (const [id, { card }] of Object.entries({ clinic: this.clinic, practice: this.practice })) {
        await client.call(moduleApi.setInstitution, { body: { id, name: id } });
        await client.call(moduleApi.setInstallation, {
          params: { installation: card.id },
          body: { institution: id },
        });
      }
    });
    await this.#settled();
  }

  /** What the module has to tell, the central server has taken. */
  async #settled(): Promise<void> {
    for (let attempt = 0; attempt < 400; attempt++) {
      const { notices } = await this.atModule((client) => client.call(moduleApi.getRegistryModule, {}));
      if (notices.length === 0) return;
      await sleep(50);
    }
    throw new Error('the central server does not take what the module tells it');
  }
}

async function asOwner<T>(home: Home, work: (client: ApiClient) => Promise<T>): Promise<T> {
  const client = apiClient(localClient(home));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
