import { base64url, fault, SymbolonError, sha256 } from '@symbolon/crypto';
import {
  type DatabaseSchema,
  isFull,
  numberCursor,
  ownerOf,
  type Page,
  type Person,
  pageFrom,
} from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { PartyContext } from '../context.ts';

/** What a source told and nobody could read, without its content. */
export interface QuarantineInfo {
  readonly id: number;
  readonly source: string;
  readonly code: string;
  readonly reason: string;
  readonly receivedAt: string;
  readonly state: 'open' | 'taken' | 'discarded';
  readonly endedAt: string | null;
  readonly endedBy: string | null;
}

/** What could not be read, and where it stood: `admissions.ndjson, line 7`. */
export interface Unreadable {
  readonly source: string;
  readonly content: Uint8Array;
  readonly error: SymbolonError;
  readonly place?: string;
}

type Row = Selectable<DatabaseSchema['alert_quarantine']>;

/** Entries of one source that wait: no source takes the room of others. */
const mostOpen = 2000;

/** What sources told and nobody could read: kept as it came until somebody tries it again or discards it. It holds records of patients. */
export class Quarantine {
  readonly #context: Pick<PartyContext, 'database' | 'log' | 'logger' | 'now'>;

  constructor(context: Pick<PartyContext, 'database' | 'log' | 'logger' | 'now'>) {
    this.#context = context;
  }

  /** Resolves when it is durable: once, however often a source sends it. Throws `alerts-full` where too much is here already, `storage-full`. */
  async keep({ source, content, error: { code, message }, place }: Unreadable): Promise<void> {
    const { database, logger, now } = this.#context;
    const hash = base64url(sha256(content));
    const reason = place === undefined ? message : `${place}: ${message}`;
    try {
      const kept = await database.transaction().execute(async (transaction) => {
        const open = transaction
          .selectFrom('alert_quarantine')
          .where('state', '=', 'open')
          .where('source', '=', source);
        const same = await open.select('id').where('hash', '=', hash).executeTakeFirst();
        if (same !== undefined) return false;
        const { count } = await open.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
        if (count >= mostOpen) {
          throw fault('alerts-full', `the quarantine holds ${mostOpen} entries of the source '${source}'`);
        }
        await transaction
          .insertInto('alert_quarantine')
          .values({ source, content, hash, code, reason, received_at: now().toISOString(), state: 'open' })
          .execute();
        return true;
      });
      // Not its place: a file may have the name of a patient.
      if (kept)
        logger.warn({ source, code, reason: message }, 'what a source sent could not be read; it is in the quarantine');
    } catch (cause) {
      throw isFull(cause) ? fault('storage-full', 'there is no room left for what cannot be read', { cause }) : cause;
    }
  }

  /** How many entries wait for somebody. */
  async open(): Promise<number> {
    const { count } = await this.#context.database
      .selectFrom('alert_quarantine')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('state', '=', 'open')
      .executeTakeFirstOrThrow();
    return count;
  }

  /** The newest first. @param all those that have ended too */
  async list({
    after,
    limit,
    all,
  }: {
    after?: string | undefined;
    limit: number;
    all: boolean;
  }): Promise<Page<QuarantineInfo>> {
    let query = this.#context.database.selectFrom('alert_quarantine').selectAll().orderBy('id', 'desc');
    if (!all) query = query.where('state', '=', 'open');
    if (after !== undefined) query = query.where('id', '<', numberCursor(after));
    const rows = await query.limit(limit + 1).execute();
    return pageFrom(rows.map(infoOf), limit, ({ id }) => id);
  }

  /** With its content, base64; null where it has ended. Throws `not-found`. */
  async show(id: number): Promise<QuarantineInfo & { readonly content: string | null }> {
    const row = await this.#row(id);
    return { ...infoOf(row), content: row.content && Buffer.from(row.content).toString('base64') };
  }

  /** Tries an entry again. @param read takes what it holds, or throws as before; then the entry stays */
  async retry(
    id: number,
    read: (source: string, content: Uint8Array) => Promise<void>,
    person?: Person,
  ): Promise<QuarantineInfo> {
    const before = await this.#row(id);
    if (before.state === 'taken') return infoOf(before);
    const { source, content } = openOf(before);
    if (isBeginning(before)) {
      throw fault('conflict', `of entry ${id} the beginning alone was kept`, {
        culprit: String(id),
        hint: 'Have its source send it again, framed and in parts that are short enough; then discard the entry.',
      });
    }
    await read(source, content);
    return this.#end(id, 'taken', person);
  }

  /** Deletes what an entry holds. Throws `not-found`, `conflict`. */
  async discard(id: number, person?: Person): Promise<QuarantineInfo> {
    const before = await this.#row(id);
    if (before.state === 'discarded') return infoOf(before);
    openOf(before);
    return this.#end(id, 'discarded', person);
  }

  async #end(id: number, state: 'taken' | 'discarded', person: Person | undefined): Promise<QuarantineInfo> {
    const { database, log, now } = this.#context;
    const { id: by } = person ?? (await ownerOf(database));
    await log.append({ kind: `alert-quarantine-${state}`, entry: id, by }, async (transaction) => {
      await transaction
        .updateTable('alert_quarantine')
        .set({ state, content: null, hash: null, ended_at: now().toISOString(), ended_by: by })
        .where('id', '=', id)
        .execute();
    });
    return infoOf(await this.#row(id));
  }

  async #row(id: number): Promise<Row> {
    const row = await this.#context.database
      .selectFrom('alert_quarantine')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row !== undefined) return row;
    throw fault('not-found', `the quarantine has no entry ${id}`, { culprit: String(id) });
  }
}

/** Errors of what a source sent, not of this server: sending the same again changes nothing. */
export function isSources(error: unknown): error is SymbolonError {
  return error instanceof SymbolonError && (readAgain.includes(error.code) || isBeginning(error));
}

const readAgain: readonly string[] = ['alert-event', 'event-from-future'];

/** Whether of what came the beginning alone is kept: read as a message, it would say less than was sent. */
function isBeginning({ code }: { readonly code: string }): boolean {
  return code === 'frame-too-long' || code === 'frame-shape';
}

function openOf(row: Row): Row & { readonly content: Uint8Array } {
  if (row.state === 'open' && row.content !== null) return { ...row, content: row.content };
  const ended = row.state === 'taken' ? 'was tried again and read' : 'was discarded';
  throw fault('conflict', `entry ${row.id} of the quarantine ${ended}`, { culprit: String(row.id) });
}

function infoOf({ id, source, code, reason, received_at, state, ended_at, ended_by }: Row): QuarantineInfo {
  return { id, source, code, reason, receivedAt: received_at, state, endedAt: ended_at, endedBy: ended_by };
}
