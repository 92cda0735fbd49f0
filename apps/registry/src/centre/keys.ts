import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SessionKeys } from '@symbolon/consent';
import { base64url, fault, hkdf, type Rng, type SoftwareKey, softwareKey, utf8 } from '@symbolon/crypto';
import {
  type Database,
  type Home,
  homePaths,
  readHomeSecret,
  type ServerLog,
  type WithinAppend,
} from '@symbolon/service';
import type { Settings } from './config.ts';

const day = 86_400_000;

/** One generation of a centre's keys, all of one secret that stands in a file, never in the database. */
export interface Generation {
  readonly number: number;
  /** What tickets and answers are sealed to; modules pin the public half. */
  readonly recipient: SoftwareKey;
  readonly sessionKeys: SessionKeys;
  /** Milliseconds since 1970 until which it counts; undefined for the newest. */
  readonly until: number | undefined;
}

/** What {@link CentreKeys} works with. */
interface Needs {
  readonly home: Pick<Home, 'path'>;
  readonly settings: Settings;
  readonly database: Database;
  readonly log: ServerLog;
  readonly rng: Rng;
  readonly now: () => Date;
}

/** The keys of a centre. After a change, those before count for some days, so that no ticket is lost; then their file is deleted. */
export class CentreKeys {
  readonly #needs: Needs;
  /** Newest first. */
  #generations: Generation[] = [];

  private constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Reads the keys, and makes the first. Throws `config-invalid` naming the file that is missing. */
  static async open(needs: Needs): Promise<CentreKeys> {
    const keys = new CentreKeys(needs);
    await keys.#read();
    if (keys.#generations.length === 0) await keys.change();
    keys.forget();
    return keys;
  }

  get newest(): Generation {
    return this.#generations[0]!;
  }

  /** Those that count now, newest first. */
  valid(): readonly Generation[] {
    const now = this.#needs.now().getTime();
    return this.#generations.filter(({ until }) => until === undefined || until > now);
  }

  /** Throws `consent-refused` for one that counts no more. */
  numbered(number: number): Generation {
    const found = this.valid().find((one) => one.number === number);
    if (found === undefined) throw fault('consent-refused', 'the session is of a key that was replaced');
    return found;
  }

  /** Begins a new generation. The keys before count for `keyOverlapDays`. @param also part of the same transaction */
  async change(also?: WithinAppend): Promise<Generation> {
    const { log, rng, now, settings } = this.#needs;
    const number = (this.#generations[0]?.number ?? 0) + 1;
    const at = now();
    const until = new Date(at.getTime() + settings.keyOverlapDays * day).toISOString();
    // The file first: no row names a key that is not there.
    const { recipient } = generation(number, readHomeSecret(this.#file(number), rng, true), undefined);
    const event = { kind: 'centre-key', number, publicKey: base64url(recipient.publicKey) };
    await log.append(event, async (transaction, index) => {
      await transaction
        .updateTable('centre_key')
        .set({ until_at: until })
        .where('until_at', 'is', null)
        .where('number', '<', number)
        .execute();
      const row = { number, made_at: at.toISOString(), until_at: null };
      await transaction.insertInto('centre_key').values(row).execute();
      await also?.(transaction, index);
    });
    await this.#read();
    return this.newest;
  }

  /** Deletes the files of keys that count no more. */
  forget(): void {
    const valid = this.valid();
    for (const { number } of this.#generations) {
      if (!valid.some((one) => one.number === number)) rmSync(this.#file(number), { force: true });
    }
    this.#generations = [...valid];
  }

  async #read(): Promise<void> {
    const { database, rng, now } = this.#needs;
    const rows = await database.selectFrom('centre_key').selectAll().orderBy('number', 'desc').execute();
    const time = now().toISOString();
    this.#generations = rows
      .filter(({ until_at }) => until_at === null || until_at > time)
      .map(({ number, until_at }) => {
        const until = until_at === null ? undefined : Date.parse(until_at);
        return generation(number, readHomeSecret(this.#file(number), rng, false), until);
      });
  }

  #file(number: number): string {
    return join(homePaths(this.#needs.home.path).keys, `consent-${number}.key`);
  }
}

function generation(number: number, secret: Uint8Array, until: number | undefined): Generation {
  const derive = (what: string) => hkdf(secret, new Uint8Array(), utf8(`symbolon centre ${what}`), 32);
  const recipient = softwareKey('X25519', derive('tickets and answers'));
  return { number, recipient, sessionKeys: new SessionKeys(derive('sessions')), until };
}
