import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { centreApi, moduleApi } from '@symbolon/registry';
import { type ApiClient, apiClient, homePaths, localClient, openHome } from '@symbolon/service';
import { Practice, type ProfessionalCard } from '@symbolon/workstation';
import type { Cleanup } from '../../cleanup.ts';
import { type Member, Troupe } from '../troupe.ts';
import type { Cast } from './cast.ts';

/** Who has a folder: three servers, and three workstations of two institutions. */
const members = {
  oprf: { id: 'oprf', name: 'Key of pseudonyms', role: 'oprf' },
  module: { id: 'hips', name: 'Registry of hips', role: 'module' },
  centre: { id: 'centre', name: 'Central server', role: 'centre' },
  clinic: { id: 'clinic-desk', name: 'Desk of the clinic', role: 'workstation' },
  hospital: { id: 'hospital-desk', name: 'Desk of the hospital', role: 'workstation' },
  ward: { id: 'hospital-ward', name: 'Ward of the hospital', role: 'workstation' },
} as const satisfies Record<string, Member>;
export type RegistryRole = keyof typeof members;
/** Where physicians work. */
export type Desk = 'clinic' | 'hospital' | 'ward';

const institutions = { clinic: 'clinic', hospital: 'hospital', ward: 'hospital' } as const;
const groups = ['general', 'psychiatry'];
const patienceMilliseconds = 20_000;

/** The three servers of a registry, each a process of its own, and what their administrators do. */
export class RegistryServers extends Troupe<RegistryRole> {
  readonly #cast: Cast;
  readonly #cleanup: Cleanup;

  constructor(cast: Cast, folder: string, cleanup: Cleanup) {
    super(members, folder, cleanup);
    this.#cast = cast;
    this.#cleanup = cleanup;
  }

  /** Folders, keys and settings of all. */
  async makeAll(): Promise<void> {
    const id = members.module.id;
    const fields = [
      ...(['lastName', 'firstName'] as const).map((field) => ({ field, as: 'name', required: true })),
      { field: 'birthDate', as: 'date', required: true },
      { field: 'insurance', as: 'code', required: true },
    ];
    const subject = [
      { part: 'surname', field: 'lastName' },
      { part: 'givenName', field: 'firstName' },
      { part: 'serialNumber', field: 'insurance' },
    ];
    const homes = await this.makeHomes({
      oprf: { module: id },
      module: {
        centre: members.centre.id,
        // Its administrators are told once it runs.
        centreKeys: ['A'.repeat(43)],
        fields,
        pseudonyms: { mode: 'oprf', server: members.oprf.id },
        groups,
        patients: { subject },
        maxFailuresPerHour: 5,
      },
      centre: { modules: [{ id, groups, replacement: 'administrator' }], maxFailuresPerHour: 5 },
    } as never);
    this.exchangeCards(homes);
    await this.publishAuthorities();
  }

  /** What the servers believe of cards, with the newest revocation lists. */
  async publishAuthorities(): Promise<void> {
    const { professionals, people } = this.#cast;
    for (const [role, kind, authority] of [
      ['module', 'physicians', professionals],
      ['centre', 'physicians', professionals],
      ['module', 'patients', people],
    ] as const) {
      const folder = join(this.homes[role], 'authorities', kind);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'authority.der'), authority.certificate);
      writeFileSync(join(folder, 'authority.crl'), await authority.list());
    }
  }

  /** What records look like: one finding, of a short list of forms. */
  async #addRecordType(): Promise<void> {
    const schema = JSON.stringify({
      type: 'object',
      properties: { finding: { type: 'string', pattern: '^[a-z0-9-]{1,60}$', maxLength: 60 } },
      required: ['finding'],
      additionalProperties: false,
    });
    const params = { module: members.module.id };
    await this.at('centre', (client) =>
      client.call(centreApi.addRecordType, { params, body: { name: 'visit', schema } }),
    );
  }

  /** Starts the servers; the module is told the central server's key before. */
  async startServers(): Promise<void> {
    await Promise.all([this.startOne('oprf'), this.startOne('centre')]);
    await this.#addRecordType();
    const { keys } = await this.at('centre', (client) => client.call(centreApi.getCentre, {}));
    const file = homePaths(this.homes.module).config;
    const config = JSON.parse(readFileSync(file, 'utf8')) as { settings: Record<string, unknown> };
    config.settings.centreKeys = [keys[0]!.publicKey];
    writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
    await this.startOne('module');
  }

  /** What administrators of the module say of institutions and their workstations. */
  async install(): Promise<void> {
    await this.at('module', async (client) => {
      for (const id of new Set(Object.values(institutions))) {
        await client.call(moduleApi.setInstitution, { body: { id, name: `The ${id}` } });
      }
      for (const [desk, institution] of Object.entries(institutions)) {
        const installation = members[desk as Desk].id;
        await client.call(moduleApi.setInstallation, { params: { installation }, body: { institution } });
      }
    });
    await this.settled();
  }

  /** A physician applies at a desk, is vetted, and logs in. */
  async admit(
    desk: Desk,
    professional: ProfessionalCard,
    name: string,
  ): Promise<{ practice: Practice; physician: string }> {
    await Practice.apply({ home: openHome(this.homes[desk]), professional }, name);
    const { items } = await this.at('module', (client) =>
      client.call(moduleApi.listPhysicians, { query: { state: 'waiting' } }),
    );
    const applied = items.find((one) => one.name === name)!;
    await this.decide(applied.id, 'vetted');
    return { practice: await this.logIn(desk, professional), physician: applied.id };
  }

  async logIn(desk: Desk, professional: ProfessionalCard): Promise<Practice> {
    const practice = await Practice.open({ home: openHome(this.homes[desk]), professional });
    this.#cleanup.add(() => practice.close());
    return practice;
  }

  /** The module's administrators decide about a physician, and the central server has heard of it. */
  async decide(physician: string, state: 'vetted' | 'suspended' | 'excluded'): Promise<void> {
    await this.at('module', (client) =>
      client.call(moduleApi.decidePhysician, { params: { physician }, body: { state } }),
    );
    await this.settled();
  }

  /** What the module has to tell, the central server has taken. */
  async settled(): Promise<void> {
    for (const deadline = Date.now() + patienceMilliseconds; ; ) {
      const { notices } = await this.at('module', (client) => client.call(moduleApi.getRegistryModule, {}));
      if (notices.length === 0) return;
      if (Date.now() > deadline) throw new Error(`the central server does not take a notice: ${notices[0]!.error}`);
      await setTimeout(50);
    }
  }

  /** Waits until the central server has told the module's administrators of an alarm. */
  async alarmTold(alarm: string): Promise<boolean> {
    for (const deadline = Date.now() + patienceMilliseconds; Date.now() < deadline; ) {
      const { items } = await this.at('module', (client) => client.call(moduleApi.listRegistryAlarms, {}));
      if (items.some((one) => one.ofCentre && one.alarm === alarm)) return true;
      await setTimeout(50);
    }
    return false;
  }

  /** Asks a server as its owner. */
  async at<T>(role: 'module' | 'centre', work: (client: ApiClient) => Promise<T>): Promise<T> {
    const client = apiClient(localClient(openHome(this.homes[role])));
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }
}
