import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applicationAnswer,
  cardAnswer,
  cardChallenge,
  cardCheckText,
  exporterLabel,
  loginBegun,
  loginDone,
  loginText,
  type Operation,
  type Person,
  type Registry,
  relationAnswer,
  ticketAnswer,
} from '@symbolon/consent';
import { base64url, ephemeralKey, fromBase64url, systemRng } from '@symbolon/crypto';
import {
  type ApiClient,
  apiClient,
  type BoundClient,
  boundClient,
  createHome,
  createLogger,
  type Home,
  localClient,
  openDatabase,
  openHome,
  openServerLog,
  type Running,
} from '@symbolon/service';
import { CardAuthority, type CardHolder, type IssuedCard } from '@symbolon/testkit/smartcards';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { startModule } from '../../src/index.ts';
import * as api from '../../src/module/api/contracts.ts';
import { fields } from './stage.ts';

export const anything = z.unknown();

/** A module over real TLS, its administrators, and installations with physicians. */
export class ModuleNetwork {
  readonly registry: Registry = { server: 'centre', module: 'hips' };
  readonly folder: string;
  readonly homes: Readonly<Record<'hips' | 'centre' | 'north' | 'south', Home>>;
  readonly physicians: CardAuthority;
  readonly patients: CardAuthority;
  readonly admin: ApiClient;
  readonly clock: { ahead: number };
  readonly #start: () => Promise<Running>;
  #running: Running;

  private constructor(
    of: Pick<ModuleNetwork, 'folder' | 'homes' | 'physicians' | 'patients' | 'clock'>,
    start: () => Promise<Running>,
    running: Running,
  ) {
    ({ folder: this.folder, homes: this.homes, physicians: this.physicians, patients: this.patients } = of);
    this.clock = of.clock;
    this.admin = apiClient(localClient(this.homes.hips));
    this.#start = start;
    this.#running = running;
  }

  /** The module after a restart. */
  async restart(): Promise<void> {
    await this.#running.close();
    this.#running = await this.#start();
  }

  /** @param settings beside those of every test @param centre replaces the home of a central server that is never there */
  static async open(
    settings: object = {},
    { folder = mkdtempSync(join(tmpdir(), 'symbolon-module-')), centre }: { folder?: string; centre?: Home } = {},
  ): Promise<ModuleNetwork> {
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const clock = { ahead: 0 };
    const now = () => new Date(Date.now() + clock.ahead);
    const physicians = await CardAuthority.root('Chamber of physicians', Date.now());
    const patients = await CardAuthority.root('Health cards', Date.now());
    const key = base64url(ephemeralKey('X25519', systemRng).publicKey);
    const own = {
      ...{ centre: 'centre', centreKeys: [key], fields, groups: ['general', 'psychiatry'] },
      pseudonyms: { mode: 'salted' },
      patients: { subject: subjects },
      ...settings,
    };
    const make = (id: string, role: 'module' | 'centre' | 'workstation', of: object = {}) =>
      createHome({
        ...{ path: join(folder, id), id, name: `The ${id}`, role, host: '127.0.0.1', port: 0, now },
        settings: of as never,
      });
    const homes = {
      hips: await make('hips', 'module', own),
      centre: centre ?? (await make('centre', 'centre')),
      north: await make('north', 'workstation'),
      south: await make('south', 'workstation'),
    };
    const { hips, ...others } = homes;
    for (const other of Object.values(others)) {
      hips.partners.add(other.cardFile);
      other.partners.add(hips.cardFile);
    }
    for (const [name, authority] of Object.entries({ physicians, patients })) {
      const authorities = join(hips.path, 'authorities', name);
      mkdirSync(authorities, { recursive: true });
      writeFileSync(join(authorities, 'root.der'), authority.certificate);
      writeFileSync(join(authorities, 'root.crl'), await authority.list());
    }
    const start = () =>
      startModule({ homePath: hips.path, now, logger: createLogger({ id: 'hips', logLevel: 'silent' }) });
    const network = new ModuleNetwork({ folder, homes, physicians, patients, clock }, start, await start());
    onTestFinished(() => network.#running.close());
    onTestFinished(() => network.admin.close());
    for (const [installation, institution] of [
      ['north', 'northern'],
      ['south', 'southern'],
    ]) {
      await network.admin.call(api.setInstitution, { body: { id: institution!, name: `The ${institution}` } });
      await network.admin.call(api.setInstallation, {
        params: { installation: installation! },
        body: { institution: institution! },
      });
    }
    return network;
  }

  /** Writes a revocation list of today. */
  async publish(of: 'physicians' | 'patients'): Promise<void> {
    writeFileSync(
      join(this.homes.hips.path, 'authorities', of, 'root.crl'),
      await this[of].list({ thisUpdate: Date.now() - 1000 }),
    );
  }

  professional(commonName: string): Promise<IssuedCard> {
    return this.physicians.card({ commonName });
  }

  patientCard(person: Person, options: Parameters<CardAuthority['card']>[1] = {}): Promise<IssuedCard> {
    return this.patients.card(holderOf(person), options);
  }

  /** An installation, with nobody logged in. */
  at(installation: 'north' | 'south' | 'centre'): AtModule {
    return new AtModule(this.homes[installation], this.registry);
  }

  /** A vetted physician who is logged in. */
  async physician(installation: 'north' | 'south' = 'north', card?: IssuedCard): Promise<AtModule> {
    const at = this.at(installation);
    const own = card ?? (await this.professional(`Dr ${installation}`));
    const { physician, state } = await at.apply(own, 'Dr Example');
    if (state === 'waiting') {
      await this.admin.call(api.decidePhysician, { params: { physician }, body: { state: 'vetted' } });
    }
    await at.logIn(own);
    return at;
  }

  /** What the log of the module says, kind by kind. */
  async events(): Promise<Record<string, unknown>[]> {
    const home = openHome(this.homes.hips.path);
    const database = await openDatabase(home);
    try {
      const log = await openServerLog(home, database);
      const events: Record<string, unknown>[] = [];
      for (let i = 0; i < log.size; i++) {
        const { event } = await log.store.entry(i);
        events.push(JSON.parse(Buffer.from(event!).toString()) as Record<string, unknown>);
      }
      return events;
    } finally {
      await database.destroy();
    }
  }
}

const subjects = [
  { part: 'surname', field: 'lastName' },
  { part: 'givenName', field: 'firstName' },
  { part: 'serialNumber', field: 'insurance', prefix: 'PNO-' },
];

export function holderOf({ lastName, firstName, insurance }: Person): CardHolder {
  return {
    commonName: `${firstName} ${lastName}`,
    givenName: firstName!,
    surname: lastName!,
    serialNumber: `PNO-${insurance}`,
  };
}

/** What an installation of the client says to a module. */
export class AtModule {
  readonly client: BoundClient;
  readonly installation: string;
  readonly #registry: Registry;
  token: string | undefined;
  physicianId = '';

  constructor(home: Home, registry: Registry) {
    this.installation = home.card.id;
    this.#registry = registry;
    this.client = boundClient({ home, partner: home.partners.get(registry.module) });
    onTestFinished(() => this.client.close());
  }

  call<Schema extends z.ZodType>(method: 'GET' | 'POST' | 'DELETE', path: string, answer: Schema, body?: unknown) {
    const headers = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    return this.client.call(method, path, { answer, headers, ...(body === undefined ? {} : { body }) });
  }

  begin(module = this.#registry.module) {
    return this.call('POST', '/v1/logins', loginBegun, { module });
  }

  /** The proof of a login through this connection. */
  async proof(card: IssuedCard, { nonce }: { nonce: string }, changes: Partial<Parameters<typeof loginText>[0]> = {}) {
    const exporter = this.client.connection()!.exporter(exporterLabel, 32);
    const said = {
      ...{ at: this.#registry.module, registry: this.#registry, installation: this.installation },
      ...{ nonce: fromBase64url(nonce), exporter, ...changes },
    };
    return { chain: card.chain.map(base64url), signature: base64url(await card.card.sign(loginText(said))) };
  }

  async apply(card: IssuedCard, name: string) {
    const begun = await this.begin();
    const body = { login: begun.login, name, ...(await this.proof(card, begun)) };
    return this.call('POST', '/v1/physicians', applicationAnswer, body);
  }

  async logIn(card: IssuedCard): Promise<z.output<typeof loginDone>> {
    const begun = await this.begin();
    const done = await this.call('POST', `/v1/logins/${begun.login}`, loginDone, await this.proof(card, begun));
    this.token = done.token;
    this.physicianId = done.physician;
    return done;
  }

  relation(person: Person) {
    return this.call('POST', '/v1/relations', relationAnswer, { person });
  }

  async showCard(
    relation: string,
    card: IssuedCard,
    {
      operation = 'enrol',
      ...changes
    }: { operation?: Operation } & Partial<Omit<Parameters<typeof cardCheckText>[0], 'operation'>> & {
        signed?: Operation;
      } = {},
  ) {
    const path = `/v1/relations/${relation}/challenges`;
    const { challenge, nonce } = await this.call('POST', path, cardChallenge, { operation });
    const said = {
      ...{ registry: this.#registry, installation: this.installation, operation: changes.signed ?? operation },
      ...{ relation: fromBase64url(relation), nonce: fromBase64url(nonce), ...changes },
    };
    const signature = base64url(await card.card.sign(cardCheckText(said)));
    const body = { challenge, chain: card.chain.map(base64url), signature };
    return this.call('POST', `/v1/relations/${relation}/cards`, cardAnswer, body);
  }

  ticket(relation: string, operation: Operation) {
    return this.call('POST', `/v1/relations/${relation}/tickets`, ticketAnswer, { operation });
  }
}
