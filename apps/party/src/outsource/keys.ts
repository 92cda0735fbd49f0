import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '@symbolon/crypto';
import { keyIdOf, relinBytes, type TableKind } from '@symbolon/fhe';
import {
  type Also,
  type DatabaseSchema,
  keepCheckpoint,
  privateFile,
  readHomeFile,
  writeDurably,
} from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { PartyContext } from '../context.ts';
import { OpenKey } from './open-key.ts';

/** A key of encrypted tables, as this organisation sees it. */
export interface SealKeyInfo {
  readonly id: number;
  /** Hash of the agreement under which its tables are. */
  readonly agreement: string;
  /** Names it: a hash of what the server gets; of features, for which it gets nothing, random. */
  readonly key: string;
  /** What is encrypted under it. */
  readonly kind: TableKind;
  /** `retired`: nothing is encrypted or opened with it but to move tables to another; `destroyed`: its secret is gone. */
  readonly state: 'active' | 'retired' | 'destroyed';
  readonly why: string | null;
  /** A process of this server holds its secret. */
  readonly open: boolean;
  /** Numbers of the tables that are encrypted under it. */
  readonly tables: readonly number[];
  readonly madeBy: string;
  readonly madeAt: string;
}

/** What a key is wanted for. */
export interface WantedKey {
  /** Hash of one that is here. */
  readonly agreement: string;
  readonly kind: TableKind;
  readonly passphrase: string;
}

const mostWrapped = 1 << 20;
const kept = ['encrypting', 'encrypted', 'uploaded', 'retired'] as const;

/**
 * The keys of encrypted tables. Secrets are in files of the organisation's folder, under passphrases (`wrapSecret`); opened, each is in a process of its
 * own, until it is locked or has not been used for a while.
 */
export class SealKeys {
  readonly #context: PartyContext;
  readonly #open = new Map<number, { readonly key: OpenKey; timer: NodeJS.Timeout }>();

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** Makes a key, wraps its secret, and opens it. Throws `password-weak`. */
  async generate(
    { agreement, kind, passphrase }: WantedKey,
    person: string,
    also?: Also<number>,
  ): Promise<SealKeyInfo> {
    const { home, log, rng, now } = this.#context;
    const known = [home.card.id, home.card.name, person];
    const { open, made } = await OpenKey.make({ of: kind, passphrase, known });
    const { key, evaluation, wrapped } = made;
    let id = 0;
    try {
      mkdirSync(join(home.path, 'seal'), { recursive: true, mode: 0o700 });
      if (evaluation !== null) writeDurably(this.#file(key, 'evaluation'), evaluation, privateFile, rng);
      writeDurably(this.#file(key, 'key'), wrapped, privateFile, rng);
      await log.append({ kind: 'seal-key-made', agreement, key, person }, async (transaction) => {
        const row = {
          agreement,
          key,
          kind,
          state: 'active' as const,
          why: null,
          made_by: person,
          made_at: now().toISOString(),
        };
        ({ id } = await transaction.insertInto('seal_key').values(row).returning('id').executeTakeFirstOrThrow());
        await also?.(transaction, id);
      });
      await keepCheckpoint(this.#context);
    } catch (error) {
      open.close();
      throw error;
    }
    this.#keep(id, open);
    return this.show(id);
  }

  /** Opens a key. Throws `passphrase-wrong`; `seal-key` for one that is destroyed. */
  async unlock(id: number, passphrase: string): Promise<SealKeyInfo> {
    const { key, state } = await this.#row(id);
    if (state === 'destroyed') throw refused(id, 'is destroyed');
    const text = readHomeFile(this.#file(key, 'key'), { secret: true, maxBytes: mostWrapped });
    this.#keep(id, await OpenKey.unwrap({ key, text, passphrase }));
    return this.show(id);
  }

  /** Ends the process that holds the secret of a key, and whatever is done with it. */
  lock(id: number): void {
    const open = this.#open.get(id);
    clearTimeout(open?.timer);
    open?.key.close();
    this.#open.delete(id);
  }

  /** Throws `seal-key` where a key is locked; and where it is retired, unless tables are to be moved. */
  async opened(id: number, use: 'compute' | 'move' = 'compute'): Promise<OpenKey> {
    const { state, why } = await this.#row(id);
    if (state === 'destroyed' || (state === 'retired' && use === 'compute')) throw refused(id, `is ${state}: ${why}`);
    const open = this.#open.get(id);
    if (open === undefined || open.key.ended) throw refused(id, 'is locked');
    open.timer.refresh();
    return open.key;
  }

  /** What the server multiplies with; null of a key of features. */
  async evaluation(id: number): Promise<Uint8Array | null> {
    const { key, kind } = await this.#row(id);
    if (kind === 'features') return null;
    const evaluation = new Uint8Array(readFileSync(this.#file(key, 'evaluation')));
    if (evaluation.length === relinBytes && keyIdOf(evaluation) === key) return evaluation;
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
    const timer = setTimeout(() => (key.busy ? timer.refresh() : this.lock(id)), milliseconds).unref();
    this.#open.set(id, { key, timer });
  }

  #isOpen(id: number): boolean {
    return this.#open.get(id)?.key.ended === false;
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
    const { id, agreement, key, kind, state, why, made_by: madeBy, made_at: madeAt } = row;
    const tables = await this.#context.database
      .selectFrom('sealed_table')
      .select('id')
      .where('key', '=', id)
      .where('state', 'in', kept)
      .orderBy('id')
      .execute();
    const numbers = tables.map((table) => table.id);
    return { id, agreement, key, kind, state, why, open: this.#isOpen(id), tables: numbers, madeBy, madeAt };
  }
}

function refused(id: number, why: string) {
  return fault('seal-key', `key ${id} ${why}`, { culprit: String(id) });
}
