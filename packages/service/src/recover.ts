import { canonicalBytes, fault, type Rng, systemRng } from '@symbolon/crypto';
import { entryHash, leafHash, signCheckpoint } from '@symbolon/ledger';
import { type Database, openDatabase } from './database.ts';
import { type Home, openHome } from './home.ts';
import { createLocalServer } from './local.ts';
import { epochOf, logOrigin, openServerLog, type ServerLog } from './log.ts';
import type { Logger } from './logging.ts';
import { askWitnesses, type Testimony } from './own-log.ts';
import { seenCheckpoint } from './witness.ts';

/** What is known before a new epoch is opened. */
export interface StoreSurvey {
  /** The epoch that is going to be opened. */
  readonly epoch: number;
  /** The log as this database has it. */
  readonly own: { readonly epoch: number; readonly size: number };
  readonly witnesses: readonly Testimony[];
}

/** How {@link recoverStore} works. */
export interface RecoverOptions {
  readonly homePath: string;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Salts the first entry. */
  readonly rng?: Rng;
  /** Whether to go on although some partner cannot be asked. */
  readonly offline: boolean;
  /** Asked before anything is written. */
  confirm(survey: StoreSurvey): Promise<boolean>;
}

/**
 * Opens a new epoch of the log of a database that was put back: what is lost of the old one is lost, and everybody who looks can see
 * that. The first entry names the last checkpoints of the old epochs that the database and the witnesses hold. One transaction: a crash
 * leaves all or nothing.
 *
 * Throws `conflict` while a server runs, and `peer-silent` naming the partners that did not answer, unless `offline`.
 * @param forget changes what else may not be relied on any more, in the same transaction
 * @returns what was known and done; undefined if it was not confirmed
 */
export async function recoverStore(
  options: RecoverOptions,
  forget: (transaction: Database) => Promise<void> = async () => undefined,
): Promise<StoreSurvey | undefined> {
  const { homePath, logger, rng = systemRng, offline, confirm } = options;
  const home = openHome(homePath, rng);
  // The local socket is the folder's lock.
  const lock = createLocalServer({ home, logger, rng });
  let database: Database | undefined;
  try {
    await lock.listen();
    database = await openDatabase(home, { serves: true, logger, rng });
    const log = await openServerLog(home, database, rng);
    const kept = await seenCheckpoint(database, home.card);
    const witnesses = await askWitnesses(home);
    if (!offline) requireAnswers(witnesses);
    const known = witnesses.flatMap((one) => (one.state === 'holds' ? [one.checkpoint.epoch] : []));
    const keptEpoch = epochOf((kept ?? '').split('\n', 1)[0]!, home.card.id) ?? 1;
    const survey = {
      epoch: Math.max(log.epoch, keptEpoch, ...known) + 1,
      own: { epoch: log.epoch, size: log.size },
      witnesses,
    };
    if (!(await confirm(survey))) return undefined;
    await openEpoch({ home, database, log, survey, kept, options, forget });
    return survey;
  } finally {
    await database?.destroy();
    await lock.close();
  }
}

async function openEpoch(params: {
  home: Home;
  database: Database;
  log: ServerLog;
  survey: StoreSurvey;
  kept: string | null;
  options: RecoverOptions;
  forget: (transaction: Database) => Promise<void>;
}): Promise<void> {
  const { home, database, log, survey, kept, options, forget } = params;
  const { rng = systemRng, now } = options;
  const { epoch, witnesses } = survey;
  const event = canonicalBytes({
    kind: 'epoch-opened',
    epoch,
    at: now().toISOString(),
    before: log.checkpoint(),
    kept,
    witnesses: witnesses.map((one) => ({
      id: one.witness,
      state: one.state,
      note: one.state === 'holds' ? one.note : null,
    })),
  });
  const salt = rng(32);
  const entry = entryHash(event, salt);
  const origin = logOrigin(home.card.id, epoch);
  // RFC 6962 §2.1: the root of a tree of one leaf is that leaf's hash.
  const note = signCheckpoint({ origin, size: 1, root: leafHash(entry) }, home.logKey);
  await database.transaction().execute(async (transaction) => {
    await transaction.insertInto('log_entry').values({ epoch, index: 0, entry, event, salt }).execute();
    await transaction.insertInto('checkpoint').values({ origin, size: 1, note }).execute();
    await forget(transaction);
  });
}

function requireAnswers(witnesses: readonly Testimony[]): void {
  const silent = witnesses.filter(({ state }) => state === 'unknown').map(({ witness }) => witness);
  if (silent.length === 0) return;
  throw fault('peer-silent', `${silent.join(', ')} did not say what they hold of this log`, {
    culprit: silent[0],
    hint: 'Try again when their servers run. With --offline the epoch is opened all the same; what they hold may then ask for another one.',
  });
}
