import { hash } from '@node-rs/argon2';
import { fromUtf8, insecureTestRng } from '@symbolon/crypto';
import { onTestFinished } from 'vitest';
import { type Database, type Home, openDatabase, openServerLog, type ServerLog } from '../../src/index.ts';
import type { Entered, Entrance } from '../../src/people/logins.ts';
import { openPeople, type People } from '../../src/people/people.ts';
import type { Role } from '../../src/people/person.ts';
import { accountSettings } from '../../src/people/settings.ts';
import { testHome } from '../homes.ts';

export const origin = 'https://fred.example:8443';
export const goodPassword = 'a tall kettle sings 7 tunes';

/** Hashing takes time: all users have one password, whose hash says that it cost little. */
let hashed: Promise<string> | undefined;

/** The people of an organisation, on a clock that a test moves. */
export interface TestPeople extends People {
  readonly home: Home;
  readonly database: Database;
  readonly log: ServerLog;
  readonly clock: { now: Date };
  /** Moves the clock on. */
  later(step: { seconds?: number; minutes?: number; hours?: number }): void;
  /** All events of the log, oldest first. */
  events(): Promise<Record<string, unknown>[]>;
  /** A user who has set a password. */
  user(id: string, roles?: readonly Role[]): Promise<void>;
  logIn(user: string, password?: string, entrance?: Partial<Entrance>): Promise<Entered>;
}

/** Opens a fresh organisation's people. @param settings as in symbolon.json */
export async function testPeople(
  settings: Record<string, unknown> = {},
  environment: Record<string, string> = {},
): Promise<TestPeople> {
  const home = await testHome('fred');
  const database = await openDatabase(home);
  onTestFinished(() => database.destroy());
  const rng = insecureTestRng('people');
  const log = await openServerLog(home, database, rng);
  const clock = { now: new Date('2026-11-22T12:00:00Z') };
  const now = () => clock.now;
  const common = { database, log, rng, now, environment };
  const people = openPeople({
    ...common,
    settings: accountSettings.parse({ origin, ...settings }),
    organisation: { id: 'fred', name: "Fred's Health Insurance" },
  });
  return {
    ...people,
    home,
    database,
    log,
    clock,
    later: ({ seconds = 0, minutes = 0, hours = 0 }) => {
      clock.now = new Date(clock.now.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000);
    },
    async events() {
      const records = await Promise.all(Array.from({ length: log.size }, (_, index) => log.store.entry(index)));
      return records.map(({ event }) => JSON.parse(fromUtf8(event!)) as Record<string, unknown>);
    },
    async user(id, roles = ['analyst']) {
      await people.users.add({ id, name: id.toUpperCase(), roles }, 'owner');
      hashed ??= hash(goodPassword, { memoryCost: 8, timeCost: 1 });
      await database
        .updateTable('account')
        .set({ password: await hashed })
        .where('id', '=', id)
        .execute();
    },
    logIn: (user, password = goodPassword, entrance = {}) =>
      people.logins.withPassword(user, password, { ...fromSomewhere, ...entrance }),
  };
}

/** A program at an address of its own. */
export const fromSomewhere: Entrance = { kind: 'token', address: '192.0.2.1', device: undefined, replaces: undefined };

/** The code of the error that a promise rejects with; undefined if it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}
