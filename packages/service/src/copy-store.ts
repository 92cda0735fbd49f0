import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { base64url, fault, type Rng, systemRng } from '@symbolon/crypto';
import { Log } from '@symbolon/ledger';
import { copyNumbers, copyRows, type TableName, tablesInOrder } from './copy-tables.ts';
import type { Database } from './database.ts';
import { keepPlace } from './database-place.ts';
import { syncFolder } from './files.ts';
import { type Home, homePaths, openHome } from './home.ts';
import { createLocalServer } from './local.ts';
import { DatabaseLogStore, logOrigin } from './log.ts';
import type { Logger } from './logging.ts';
import { migrations } from './migrations/index.ts';
import { openPostgres } from './postgres/open.ts';
import { namespaceOf } from './postgres/settings.ts';
import { openSqlite } from './sqlite.ts';

/** What was copied. */
export interface StoreCopy {
  /** Rows of each table. */
  readonly tables: Readonly<Record<string, number>>;
  /** The log, epoch by epoch; the root is base64url, the same in both databases. */
  readonly log: readonly { readonly epoch: number; readonly size: number; readonly root: string }[];
  /** The schema that holds the tables now. */
  readonly namespace: string;
  /** What the file of the embedded database is called now. */
  readonly kept: string;
}

/**
 * Copies a home's embedded database into PostgreSQL, in one transaction, and renames the file, so that no server uses it again. The copy is
 * compared with it first: rows of every table, roots of every epoch of the log. Done again after an interruption, it finishes.
 *
 * Throws `conflict` while a server runs or where PostgreSQL holds something else, `not-found` where there is nothing to copy, and what
 * `openDatabase` throws.
 * @param to the URL, and where it came from: that is what errors name
 */
export async function copyStore(params: {
  readonly homePath: string;
  readonly to: { readonly url: string; readonly variable: string };
  readonly logger: Logger;
  readonly now: () => Date;
  readonly rng?: Rng;
}): Promise<StoreCopy> {
  const { homePath, to, logger, now, rng = systemRng } = params;
  const home = openHome(homePath, rng);
  const { id, role } = home.config;
  const paths = homePaths(home.path);
  requireFile(home);
  // The local socket is the folder's lock.
  const lock = createLocalServer({ home, logger, rng });
  const opened: Database[] = [];
  try {
    await lock.listen();
    const source = await openSqlite(paths.database, role, migrations);
    opened.push(source);
    const place = { ...to, namespace: namespaceOf(id) };
    const organisation = home.card.recoveryKey;
    const target = await openPostgres({ place, role, organisation, serves: true, steps: migrations, rng, logger });
    opened.push(target);
    const tables = await tablesInOrder(source);
    const expected = await summary(home, source, tables);
    if (isEmpty(await summary(home, target, tables))) {
      await target.transaction().execute(async (transaction) => {
        for (const table of tables) await copyRows(source, transaction, table);
        await copyNumbers(source, transaction);
        requireEqual(expected, await summary(home, transaction, tables), to.variable);
      });
    }
    requireEqual(expected, await summary(home, target, tables), to.variable);
    keepPlace(home, place, rng);
    await source.destroy();
    const kept = `${paths.database}.copied-${now().toISOString().slice(0, 19).replaceAll(':', '-')}`;
    for (const end of ['-wal', '-shm', '']) {
      if (existsSync(paths.database + end)) renameSync(paths.database + end, kept + end);
    }
    syncFolder(dirname(kept));
    return { ...expected, namespace: place.namespace, kept };
  } finally {
    for (const database of opened) await database.destroy();
    await lock.close();
  }
}

function requireFile({ path, config }: Home): void {
  const paths = homePaths(path);
  if (!existsSync(paths.database)) {
    throw fault('not-found', `${config.id} has no embedded database: ${paths.database} is not there`, {
      culprit: paths.database,
      hint: 'There is nothing to copy. With DATABASE_URL set, the server begins in PostgreSQL.',
    });
  }
  if (config.database !== 'embedded') return;
  throw fault('config-invalid', `symbolon.json says that the database of ${config.id} is embedded`, {
    culprit: paths.config,
    hint: 'Take `"database": "embedded"` out of it first.',
  });
}

type Summary = Pick<StoreCopy, 'tables' | 'log'>;

async function summary({ card }: Home, database: Database, names: readonly TableName[]): Promise<Summary> {
  const tables: Record<string, number> = {};
  for (const name of names) {
    const { count } = await database
      .selectFrom(name)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    tables[name] = count;
  }
  const epochs = await database.selectFrom('log_entry').select('epoch').distinct().orderBy('epoch').execute();
  const log = [];
  for (const { epoch } of epochs) {
    const tree = await Log.open(logOrigin(card.id, epoch), new DatabaseLogStore(database, epoch));
    log.push({ epoch, size: tree.size, root: base64url(tree.root()) });
  }
  return { tables, log };
}

function isEmpty({ tables }: Summary): boolean {
  return Object.values(tables).every((count) => count === 0);
}

function requireEqual(expected: Summary, found: Summary, variable: string): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw fault(
    'conflict',
    'PostgreSQL holds other tables, rows or log entries of this organisation than the embedded database',
    {
      culprit: variable,
      hint: 'Nothing was changed. Drop the schema if what it holds is of no use, or name another database.',
    },
  );
}
