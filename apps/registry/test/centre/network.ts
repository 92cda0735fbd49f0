import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Answer,
  type Card,
  type Challenge,
  challengeAnswer,
  challengeIn,
  exporterLabel,
  loginBegun,
  loginDone,
  loginText,
  type Operation,
  type SessionOutcome,
  sessionOutcome,
  signAnswer,
  signNotice,
  type Terms,
  type ToCentre,
  thumbprint,
  timeAnswer,
} from '@symbolon/consent';
import { base64url, fromBase64url, insecureTestRng, type Rng, systemRng } from '@symbolon/crypto';
import {
  type ApiClient,
  addPartner,
  apiClient,
  type BoundClient,
  boundClient,
  createHome,
  createLogger,
  type Home,
  localClient,
  peerClient,
  type Running,
} from '@symbolon/service';
import { CardAuthority, type IssuedCard } from '@symbolon/testkit/smartcards';
import { z } from 'zod';
import { getCentre } from '../../src/centre/contracts.ts';
import { startCentre } from '../../src/index.ts';
import { type Physician, Played } from './played.ts';

const groups = ['general', 'psychiatry'];

/** A physician at one installation of the client, over mutual TLS. */
export class Client {
  readonly physician: Physician;
  readonly #network: Network;
  readonly #issued: IssuedCard;
  readonly #home: Home;
  readonly line: BoundClient;
  token: string | undefined;

  constructor(network: Network, physician: Physician, issued: IssuedCard, home: Home) {
    this.#network = network;
    this.#home = home;
    this.physician = physician;
    this.#issued = issued;
    this.line = boundClient({ home, partner: network.centre.card });
  }

  /** For another connection of the same: see {@link Network.clientOf}. */
  again(): [Physician, IssuedCard, Home] {
    return [this.physician, this.#issued, this.#home];
  }

  call<Schema extends z.ZodType>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    answer: Schema,
    body?: unknown,
  ): Promise<z.output<Schema>> {
    const headers = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    return this.line.call(method, path, { answer, headers, ...(body === undefined ? {} : { body }) });
  }

  /** The exporter of the connection that the next request goes through. */
  async exporter(): Promise<Uint8Array> {
    if (this.line.connection() === undefined) await this.call('GET', '/v1/time', timeAnswer);
    return this.line.connection()!.exporter(exporterLabel, 32);
  }

  async logIn(module = this.physician.module): Promise<void> {
    const { login, nonce } = await this.call('POST', '/v1/logins', loginBegun, { module });
    const { card, chain } = this.#issued;
    const text = loginText({
      at: 'centre',
      registry: { server: 'centre', module },
      installation: this.physician.installation,
      nonce: fromBase64url(nonce),
      exporter: await this.exporter(),
    });
    const proof = { chain: chain.map(base64url), signature: base64url(await card.sign(text)) };
    ({ token: this.token } = await this.call('POST', `/v1/logins/${login}`, loginDone, proof));
  }

  async open(ticket: Uint8Array): Promise<Challenge> {
    return challengeIn(await this.call('POST', '/v1/sessions', challengeAnswer, { ticket: base64url(ticket) }));
  }

  start(patient: string, operation: Operation): Promise<Challenge> {
    return this.open(this.#network.ticket(patient, this.physician, operation));
  }

  finish(answer: Answer): Promise<SessionOutcome> {
    return this.call('POST', `/v1/sessions/${base64url(answer.session)}/answer`, sessionOutcome, wire(answer));
  }

  /** An answer that is signed for the connection as it is now. */
  async answered(
    patient: string,
    operation: Operation,
    card?: Card,
    said?: Partial<Terms>,
    challenge?: Challenge,
  ): Promise<Answer> {
    const { physician } = this;
    const offered = challenge ?? (await this.start(patient, operation));
    const draft = await this.#network.draft(patient, physician, { operation, card, said }, offered);
    return signAnswer(draft, physician.card, await this.exporter());
  }

  async visit(patient: string, operation: Operation, card?: Card, said?: Partial<Terms>): Promise<SessionOutcome> {
    return this.finish(await this.answered(patient, operation, card, said));
  }
}

/** An answer as it crosses. */
export function wire({ session: _, clientKey, secret, pairs, signature, ...said }: Answer) {
  return {
    ...said,
    clientKey: base64url(clientKey),
    secret: secret === null ? null : base64url(secret),
    pairs: pairs === null ? null : base64url(pairs),
    signature: base64url(signature),
  };
}

/** A central server that runs, two modules whose part is played, and installations of the client. */
export class Network extends Played {
  readonly rng: Rng = insecureTestRng('network');
  readonly folder: string;
  readonly module: Home;
  readonly other: Home;
  readonly centre: Home;
  readonly authority: CardAuthority;
  /** How long the clock of the server is ahead, in milliseconds. */
  ahead = 0;
  #running: Running | undefined;
  #key: Uint8Array = new Uint8Array();
  readonly #closers: (() => Promise<void>)[] = [];

  private constructor(of: Pick<Network, 'folder' | 'module' | 'other' | 'centre' | 'authority'>) {
    super();
    ({
      folder: this.folder,
      module: this.module,
      other: this.other,
      centre: this.centre,
      authority: this.authority,
    } = of);
  }

  /** @param settings of the centre @param policy of the module */
  static async make({ settings = {}, policy = {} }: { settings?: object; policy?: object } = {}): Promise<Network> {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-network-'));
    const [module, other] = [await makeHome(folder, 'hips', 'module'), await makeHome(folder, 'knees', 'module')];
    const modules = [
      { id: 'hips', groups, ...policy },
      { id: 'knees', groups },
    ];
    const centre = await makeHome(folder, 'centre', 'centre', { modules, ...settings });
    const trusted = join(centre.path, 'authorities', 'physicians');
    mkdirSync(trusted, { recursive: true });
    const authority = await CardAuthority.root('Health professionals', Date.now());
    writeFileSync(join(trusted, 'root.der'), authority.certificate);
    writeFileSync(join(trusted, 'root.crl'), await authority.list());
    for (const home of [module, other]) {
      centre.partners.add(home.cardFile);
      home.partners.add(centre.cardFile);
    }
    return new Network({ folder, module, other, centre, authority });
  }

  now(): number {
    return Date.now() + this.ahead;
  }

  centreKey(): Uint8Array {
    return this.#key;
  }

  /** Starts the server in this process. */
  async start(): Promise<void> {
    const logger = createLogger({ id: 'centre', logLevel: 'silent' });
    this.#running = await startCentre({ homePath: this.centre.path, logger, now: () => new Date(this.now()) });
    await this.learnKey();
  }

  /** Starts the server in a process of its own; resolves when it answers. @param options of node */
  async spawn(options: readonly string[] = []): Promise<ChildProcess> {
    const child = this.#process('../../src/centre/main.ts', options);
    await this.#answers(child);
    return child;
  }

  /** A process that has loaded, or is loading, the server's code: see `standby.ts`. */
  standby(): ChildProcess {
    return this.#process('standby.ts', [], { NODE_COMPILE_CACHE: join(this.folder, 'compiled') });
  }

  /** Has a {@link standby} start the server; resolves when it answers. */
  async wake(standby: ChildProcess): Promise<ChildProcess> {
    standby.stdin!.write('start\n');
    await this.#answers(standby);
    return standby;
  }

  #process(file: string, options: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [...options, join(import.meta.dirname, file), this.centre.path], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, ...more },
    });
  }

  async #answers(child: ChildProcess): Promise<void> {
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const ended = () => reject(new Error(`the server ended: ${said}`));
      if (child.exitCode !== null) ended();
      child.once('exit', ended);
      child.stderr!.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4000);
        if (said.includes('ready')) resolve();
      });
    });
    await this.learnKey();
  }

  /** Asks the server, however it runs, for its public key, as administrators do for the module. */
  async learnKey(): Promise<void> {
    const { keys } = await this.administrator((api) => api.call(getCentre, {}));
    this.#key = fromBase64url(keys[0]!.publicKey);
  }

  /** What administrators ask on the socket in the folder. */
  async administrator<Result>(ask: (api: ApiClient) => Promise<Result>): Promise<Result> {
    const client = localClient(this.centre);
    try {
      return await ask(apiClient(client));
    } finally {
      await client.close();
    }
  }

  async restart(): Promise<void> {
    await this.#running?.close();
    await this.start();
  }

  /** What a module tells. */
  async tell(what: ToCentre, { from = this.module }: { from?: Home } = {}): Promise<void> {
    const notice = { from: from.card.id, to: 'centre', at: this.now(), what };
    const { document } = signNotice(notice, from.signingKey, systemRng);
    const client = peerClient({ home: from, partner: this.centre.card });
    try {
      await client.call('POST', '/v1/notices', { body: { notice: document }, answer: z.strictObject({}) });
    } finally {
      await client.close();
    }
  }

  /** A vetted physician at an installation of its own, not logged in. */
  async client(
    name: string,
    {
      institution = `of-${name}`,
      from = this.module,
      vetted = true,
    }: { institution?: string; from?: Home; vetted?: boolean } = {},
  ): Promise<Client> {
    const home = await makeHome(this.folder, `ws-${name}`, 'workstation');
    home.partners.add(this.centre.cardFile);
    await this.administrator((api) => api.call(addPartner, { body: { card: home.cardFile } }));
    const issued = await this.authority.card({ commonName: name });
    const physician = {
      module: from.card.id,
      physician: base64url(this.rng(16)),
      institution,
      installation: home.card.id,
      certificate: thumbprint(issued.certificate),
      key: issued.card.signing,
      card: issued.card,
    };
    const { certificate, installation } = physician;
    await this.tell({ about: 'installation', installation, institution }, { from });
    const state = vetted ? 'vetted' : 'waiting';
    const about = { about: 'physician' as const, physician: physician.physician, state, certificates: [certificate] };
    await this.tell(about as ToCentre, { from });
    return this.clientOf(physician, issued, home);
  }

  /** Another way in, with cards and installation as they are given. */
  clientOf(physician: Physician, issued: IssuedCard, home: Home): Client {
    const client = new Client(this, physician, issued, home);
    this.#closers.push(() => client.line.close());
    return client;
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
    await this.#running?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function makeHome(folder: string, id: string, role: 'module' | 'centre' | 'workstation', settings: object = {}) {
  return createHome({
    ...{ path: join(folder, id), id, name: id, role, host: '127.0.0.1', port: 0, now: () => new Date() },
    ...{ database: 'embedded' as const, settings: settings as never },
    ...(role === 'workstation' ? { outbound: true } : {}),
  });
}
