import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { concat, fault, hashLabelled, utf8 } from '@symbolon/crypto';
import { keyIdOf, relinBytes } from '@symbolon/fhe';
import {
  type Also,
  type DatabaseSchema,
  keepCheckpoint,
  privateFile,
  readHomeFile,
  unwrapSecret,
  wrapSecret,
  writeDurably,
} from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { PartyContext } from '../context.ts';
import { inSealProcess } from './seal-child.ts';

/** A key pair of encrypted tables, as this organisation sees it. */
export interface SealKeyInfo {
  readonly id: number;
  /** Hash of the agreement under which its tables are. */
  readonly agreement: string;
  /** Names the pair: a hash of what the server gets. */
  readonly key: string;
  /** `retired`: nothing is encrypted or opened with it but to move tables to another; `destroyed`: its secret is gone. */
  readonly state: 'active' | 'retired' | 'destroyed';
  readonly why: string | null;
  /** Its secret is in this server's memory. */
  readonly open: boolean;
  /** Numbers of the tables that are encrypted under it. */
  readonly tables: readonly number[];
  readonly madeBy: string;
  readonly madeAt: string;
}

/** A key whose secret is known. Holds secrets: it is never logged. */
export class OpenKey {
  readonly secret: Uint8Array;
  readonly #root: Uint8Array;

  constructor(secrets: Uint8Array) {
    this.secret = secrets.slice(0, -seedBytes);
    this.#root = secrets.slice(-seedBytes);
  }

  /** The seed of the check rows of a table, fresh for each. @param table its id at the server */
  seed(table: string): Uint8Array {
    return hashLabelled('symbolon check rows of a table', this.#root, utf8(table));
  }

  toJSON(): string {
    return '[an open key]';
  }
}

const seedBytes = 32;
const mostWrapped = 1 << 20;
const kept = ['encrypting', 'encrypted', 'uploaded', 'retired'] as const;

/**
 * The keys of encrypted tables. Secrets are in files of the organisation's folder, under passphrases (`wrapSecret`); opened, they stay in this process
 * until they are locked, or have not been used for a while.
 */
export class SealKeys {
  readonly #context: PartyContext;
  readonly #open = new Map<number, { readonly key: OpenKey; timer: NodeJS.Timeout }>();

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** Makes a pair, wraps its secret, and opens it. Throws `password-weak`. @param agreement hash of one that is here */
  async generate(agreement: string, passphrase: string, person: string, also?: Also<number>): Promise<SealKeyInfo> {
    const { home, log, rng, now } = this.#context;
    const { keys } = await inSealProcess({ kind: 'keys' });
    const key = keyIdOf(keys.evaluation);
    const secrets = concat(keys.secret, rng(seedBytes));
    const known = [home.card.id, home.card.name, person];
    const wrapped = await wrapSecret({ name: nameOf(key), secret: secrets, passphrase }, known, rng);
    mkdirSync(join(home.path, 'seal'), { recursive: true, mode: 0o700 });
    writeDurably(this.#file(key, 'evaluation'), keys.evaluation, privateFile, rng);
    writeDurably(this.#file(key, 'key'), wrapped, privateFile, rng);
    let id = 0;
    await log.append({ kind: 'seal-key-made', agreement, key, person }, async (transaction) => {
      const row = {
        agreement,
        key,
        state: 'active' as const,
        why: null,
        made_by: person,
        made_at: now().toISOString(),
      };
      ({ id } = await transaction.insertInto('seal_key').values(row).returning('id').executeTakeFirstOrThrow());
      await also?.(transaction, id);
    });
    await keepCheckpoint(this.#context);
    this.#keep(id, new OpenKey(secrets));
    return this.show(id);
  }

  /** Opens a key. Throws `passphrase-wrong`; `seal-key` for one that is destroyed. */
  async unlock(id: number, passphrase: string): Promise<SealKeyInfo> {
    const { key, state } = await this.#row(id);
    if (state === 'destroyed') throw refused(id, 'is destroyed');
    const text = readHomeFile(this.#file(key, 'key'), { secret: true, maxBytes: mostWrapped });
    this.#keep(id, new OpenKey(await unwrapSecret(text, nameOf(key), passphrase)));
    return this.show(id);
  }

  /** Forgets the secret of a key. */
  lock(id: number): void {
    clearTimeout(this.#open.get(id)?.timer);
    this.#open.delete(id);
  }

  /** Throws `seal-key` where a key is locked; and where it is retired, unless tables are to be moved. */
  async opened(id: number, use: 'compute' | 'move' = 'compute'): Promise<OpenKey> {
    const { state, why } = await this.#row(id);
    if (state === 'destroyed' || (state === 'retired' && use === 'compute')) throw refused(id, `is ${state}: ${why}`);
    const open = this.#open.get(id);
    if (open === undefined) throw refused(id, 'is locked');
    open.timer.refresh();
    return open.key;
  }

  /** What the server multiplies with. */
  async pair(id: number): Promise<{ readonly key: string; readonly evaluation: Uint8Array }> {
    const { key } = await this.#row(id);
    const evaluation = new Uint8Array(readFileSync(this.#file(key, 'evaluation')));
    if (evaluation.length === relinBytes && keyIdOf(evaluation) === key) return { key, evaluation };
    throw fault('config-invalid', `${this.#file(key, 'evaluation')} is not what key ${id} was made with`, {
      culprit: this.#file(key, 'evaluation'),
      hint: 'Restore the file from your backup of this folder.',
    });
  }

  /** Nothing is computed with a key, or its tables, any more. @param why in words, without any value */
  async retire(id: number, why: string): Promise<void> {
    const { agreement, key, state } = await this.#row(id);
    if (state !== 'active') return;
    await this.#context.log.append({ kind: 'seal-key-retired', agreement, key, why }, async (transaction) => {
      await transaction.updateTable('seal_key').set({ state: 'retired', why }).where('id', '=', id).execute();
      await transaction
        .updateTable('sealed_table')
        .set({ state: 'retired' })
        .where('key', '=', id)
        .where('state', '=', 'uploaded')
        .execute();
    });
    await keepCheckpoint(this.#context);
  }

  /** Deletes the secret of a key that has no tables any more. Throws `conflict` while it has. */
  async destroy(id: number, why: string): Promise<void> {
    const { agreement, key, state } = await this.#row(id);
    if (state !== 'destroyed') {
      await this.#context.log.append({ kind: 'seal-key-destroyed', agreement, key, why }, async (transaction) => {
        await transaction.updateTable('seal_key').set({ state: 'destroyed', why }).where('id', '=', id).execute();
        const left = await transaction
          .selectFrom('sealed_table')
          .select('id')
          .where('key', '=', id)
          .where('state', 'in', kept)
          .execute();
        if (left.length > 0) {
          throw fault('conflict', `tables are encrypted under key ${id}: ${left.map((table) => table.id).join(', ')}`);
        }
      });
      await keepCheckpoint(this.#context);
    }
    this.lock(id);
    for (const ending of ['key', 'evaluation'] as const) rmSync(this.#file(key, ending), { force: true });
  }

  /** Deletes files of keys that are destroyed, where a process ended before it did. */
  async tidy(): Promise<void> {
    for (const { id, key, state, why } of await this.#rows()) {
      if (state === 'destroyed' && existsSync(this.#file(key, 'key'))) await this.destroy(id, why ?? '');
    }
  }

  async list(): Promise<SealKeyInfo[]> {
    return Promise.all((await this.#rows()).map((row) => this.#info(row)));
  }

  /** Throws `not-found`. */
  async show(id: number): Promise<SealKeyInfo> {
    return this.#info(await this.#row(id));
  }

  /** Forgets all secrets. */
  close(): void {
    for (const id of [...this.#open.keys()]) this.lock(id);
  }

  #keep(id: number, key: OpenKey): void {
    this.lock(id);
    const milliseconds = 60_000 * this.#context.settings.sealMinutes;
    this.#open.set(id, { key, timer: setTimeout(() => this.#open.delete(id), milliseconds).unref() });
  }

  #file(key: string, ending: 'key' | 'evaluation'): string {
    return join(this.#context.home.path, 'seal', `${key}.${ending}`);
  }

  #rows() {
    return this.#context.database.selectFrom('seal_key').selectAll().orderBy('id').execute();
  }

  async #row(id: number): Promise<Selectable<DatabaseSchema['seal_key']>> {
    const row = await this.#context.database.selectFrom('seal_key').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no key ${id} of encrypted tables here`);
    return row;
  }

  async #info(row: Selectable<DatabaseSchema['seal_key']>): Promise<SealKeyInfo> {
    const { id, agreement, key, state, why, made_by: madeBy, made_at: madeAt } = row;
    const tables = await this.#context.database
      .selectFrom('sealed_table')
      .select('id')
      .where('key', '=', id)
      .where('state', 'in', kept)
      .orderBy('id')
      .execute();
    const numbers = tables.map((table) => table.id);
    return { id, agreement, key, state, why, open: this.#open.has(id), tables: numbers, madeBy, madeAt };
  }
}

const nameOf = (key: string): string => `the key ${key} of encrypted tables`;

function refused(id: number, why: string) {
  return fault('seal-key', `key ${id} ${why}`, { culprit: String(id) });
}
