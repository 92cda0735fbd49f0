import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, type Card, type Operation, type SessionOutcome, signAnswer, type Terms } from '@symbolon/consent';
import { base64url, hashLabelled, insecureTestRng, type Rng } from '@symbolon/crypto';
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
import type { Alarm } from '../../src/centre/alarm.ts';
import { settingsOf } from '../../src/centre/config.ts';
import type { Context } from '../../src/centre/context.ts';
import { Grants } from '../../src/centre/grants.ts';
import { CentreKeys } from '../../src/centre/keys.ts';
import { Sessions } from '../../src/centre/sessions/sessions.ts';
import { NoticeOutbox } from '../../src/common/notices.ts';
import { type Physician, Played } from './played.ts';

export type { Physician } from './played.ts';

/** The exporter of the one connection that tests use unless they say otherwise. */
export const connection: Uint8Array = hashLabelled('a connection');

export const groups = ['general', 'psychiatry'];

/** A central server's stores, and a module, clients and cards that are played: without network. */
export class Stage extends Played {
  readonly module: Home;
  readonly context: Context;
  readonly sessions: Sessions;
  readonly grants: Grants;
  readonly alarms: Alarm[];
  readonly clock: { now: number };
  readonly rng: Rng;

  private constructor(of: Pick<Stage, 'module' | 'context' | 'alarms' | 'clock' | 'rng'>) {
    super();
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

  now(): number {
    return this.clock.now;
  }

  centreKey(): Uint8Array {
    return this.context.keys.newest.recipient.publicKey;
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
    outbox: new NoticeOutbox({ home, database, logger, rng, now }),
  };
}
