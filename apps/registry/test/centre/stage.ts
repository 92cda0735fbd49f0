import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Answer,
  answerChallenge,
  type Card,
  type Challenge,
  type Draft,
  joinDecoys,
  type Operation,
  type SessionOutcome,
  sealTicket,
  sessionHas,
  signAnswer,
  slots,
  type Terms,
  wrap,
} from '@symbolon/consent';
import { base64url, hashLabelled, insecureTestRng, type Rng, utf8 } from '@symbolon/crypto';
import {
  createHome,
  createLogger,
  type Database,
  type Home,
  openDatabase,
  openServerLog,
  Witnesses,
} from '@symbolon/service';
import { onTestFinished } from 'vitest';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import type { Alarm } from '../../src/centre/alarm.ts';
import { settingsOf } from '../../src/centre/config.ts';
import type { Context } from '../../src/centre/context.ts';
import { Grants } from '../../src/centre/grants.ts';
import { CentreKeys } from '../../src/centre/keys.ts';
import type { Professional } from '../../src/centre/sessions/professional.ts';
import { Sessions } from '../../src/centre/sessions/sessions.ts';

/** A physician with a health professional's card. */
export interface Physician extends Professional {
  readonly card: Card;
}

/** The exporter of the one connection that tests use unless they say otherwise. */
export const connection: Uint8Array = hashLabelled('a connection');

export const groups = ['general', 'psychiatry'];

/** A central server's stores, and a module, clients and cards that are played: without network. */
export class Stage {
  readonly module: Home;
  readonly context: Context;
  readonly sessions: Sessions;
  readonly grants: Grants;
  readonly alarms: Alarm[];
  readonly clock: { now: number };
  readonly rng: Rng;

  private constructor(of: Pick<Stage, 'module' | 'context' | 'alarms' | 'clock' | 'rng'>) {
    ({ module: this.module, context: this.context, alarms: this.alarms, clock: this.clock, rng: this.rng } = of);
    this.sessions = new Sessions(this.context);
    this.grants = new Grants(this.context);
  }

  /** @param params.policy of the module */
  static async open({ policy = {}, seed = 'stage' }: { policy?: object; seed?: string } = {}): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-centre-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const now = () => new Date();
    const make = (id: string, role: 'module' | 'centre', settings: object = {}) =>
      createHome({ path: join(folder, id), id, name: id, role, host: '127.0.0.1', port: 0, now, settings } as never);
    const module = await make('hips', 'module');
    const settings = {
      modules: [
        { id: 'hips', groups, ...policy },
        { id: 'knees', groups },
      ],
    };
    const home = await make('centre', 'centre', settings);
    home.partners.add(module.cardFile);
    const database = await openDatabase(home);
    onTestFinished(() => database.destroy());
    const clock = { now: Date.now() };
    const rng = insecureTestRng(seed);
    const alarms: Alarm[] = [];
    return new Stage({
      module,
      alarms,
      clock,
      rng,
      context: await contextOf(home, database, { alarms, clock, rng }),
    });
  }

  /** The same centre after a restart: nothing but its folder and database is left. */
  async restarted(database: Database = this.context.database): Promise<Stage> {
    const { module, alarms, clock, rng, context } = this;
    return new Stage({ module, alarms, clock, rng, context: await contextOf(context.home, database, this) });
  }

  physician(physician: string, institution = `of ${physician}`, installation = `pc of ${physician}`): Physician {
    const card = playedCard('P-256');
    const certificate = base64url(hashLabelled('a certificate', utf8(physician)));
    return { physician, institution, installation, module: 'hips', certificate, key: card.signing, card };
  }

  /** W of a patient. */
  wrapKey(patient: string): Uint8Array {
    return hashLabelled('W', utf8(patient));
  }

  pseudonym(patient: string): string {
    return base64url(hashLabelled('pseudonym', utf8(patient)));
  }

  relation(patient: string, { physician }: Pick<Physician, 'physician'>): string {
    return base64url(hashLabelled('relation', utf8(patient), utf8(physician)).slice(0, 16));
  }

  /** The module's ticket. @param change what a dishonest module says */
  ticket(patient: string, by: Physician, operation: Operation, change: object = {}): Uint8Array {
    const { rng, module, context } = this;
    const registry = this.registry(by);
    const decoys = Array.from({ length: slots }, () => wrap(this.wrapKey(patient), rng(255), registry, rng));
    const ticket = {
      ...registry,
      operation,
      certificate: by.certificate,
      institution: by.institution,
      pseudonym: this.pseudonym(patient),
      relation: this.relation(patient, by),
      nonce: base64url(rng(16)),
      expires: this.clock.now + 300_000,
      decoys: joinDecoys(decoys),
      ...change,
    };
    return sealTicket(ticket, module.signingKey, context.keys.newest.recipient.publicKey, rng);
  }

  registry({ module }: Pick<Physician, 'module'>) {
    return { server: 'centre', module };
  }

  terms(by: Physician, operation: Operation, said: Partial<Terms> = {}): Terms {
    const { physician, institution, installation, certificate } = by;
    const has = sessionHas[operation];
    return {
      registry: this.registry(by),
      operation,
      asker: { physician, institution, installation },
      certificate,
      purpose: 'treatment',
      groups: ['general'],
      status: has.challenge || has.pairs ? 'good' : 'none',
      ...said,
    };
  }

  /** The client's part of a session. */
  draft(
    patient: string,
    by: Physician,
    of: { operation: Operation; card: Card | undefined; newCard?: Card | undefined; said?: Partial<Terms> | undefined },
    challenge: Challenge,
    centre: Uint8Array = this.context.keys.newest.recipient.publicKey,
  ): Promise<Draft> {
    const { operation, card, newCard, said } = of;
    const client = {
      terms: this.terms(by, operation, said),
      card,
      ...(newCard === undefined ? {} : { newCard }),
      wrapKey: this.wrapKey(patient),
      centre,
      rng: this.rng,
    };
    return answerChallenge(client, challenge);
  }

  start(patient: string, by: Physician, operation: Operation) {
    return this.sessions.open(by, this.ticket(patient, by, operation));
  }

  finish(by: Physician, answer: Answer, exporter: Uint8Array = connection): Promise<SessionOutcome> {
    return this.sessions.answer(by, base64url(answer.session), answer, exporter);
  }

  /** An answer, ready to be sent. */
  async answered(
    patient: string,
    by: Physician,
    operation: Operation,
    card?: Card,
    { said, newCard }: { said?: Partial<Terms>; newCard?: Card } = {},
  ): Promise<Answer> {
    const { challenge } = await this.start(patient, by, operation);
    const draft = await this.draft(patient, by, { operation, card, said, newCard }, challenge);
    return signAnswer(draft, by.card, connection);
  }

  /** A whole visit. */
  async visit(
    patient: string,
    by: Physician,
    operation: Operation,
    card?: Card,
    more: { said?: Partial<Terms>; newCard?: Card } = {},
  ): Promise<SessionOutcome> {
    return this.finish(by, await this.answered(patient, by, operation, card, more));
  }

  /** What a physician may read of others: groups. */
  async readable(patient: string, by: Physician): Promise<string[]> {
    const scope = await this.grants.scope(await this.grants.relation(by, this.relation(patient, by)));
    return scope.windows.map(({ group }) => group).sort();
  }

  hoursLater(hours: number): void {
    this.clock.now += hours * 3_600_000;
  }
}

async function contextOf(
  home: Home,
  database: Database,
  { alarms, clock, rng }: { alarms: Alarm[]; clock: { now: number }; rng: Rng },
): Promise<Context> {
  const log = await openServerLog(home, database, rng);
  const settings = settingsOf(home);
  const now = () => new Date(clock.now);
  const keys = await CentreKeys.open({ home, settings, database, log, rng, now });
  const logger = createLogger({ id: 'centre', logLevel: 'silent' });
  const witnesses = new Witnesses({ home, database, log, logger, now });
  return {
    ...{ home, settings, database, log, logger, rng, now, keys, witnesses },
    alarms: { raise: async (alarm) => void alarms.push(alarm) },
    records: { erase: async () => undefined, merge: async () => undefined },
  };
}
