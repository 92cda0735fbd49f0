import { outsourcedTo, type Purpose } from '@symbolon/agreement';
import { base64url, documentHash, fault, hashLabelled, utf8 } from '@symbolon/crypto';
import { type Circuit, cellTotals, type Part } from '@symbolon/fhe';
import { openDuckDb } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { evaluateBound } from '../outsource/ask.ts';
import { askedTable, recompute, retireAfter } from '../outsource/checked.ts';
import type { SealKeys } from '../outsource/keys.ts';
import { ComputeServer, type Progress } from '../outsource/server.ts';
import type { SealedTables } from '../outsource/tables.ts';
import type { Decided } from './decide.ts';
import type { OwnTables } from './tables.ts';

/** The encrypted tables of this organisation, and their keys. */
export interface Sealed {
  readonly keys: SealKeys;
  readonly tables: SealedTables;
}

/** What a run says of itself while its own part is computed. */
export interface EncryptedPart {
  /** Number of the run in this party's store. */
  readonly run: number;
  readonly purpose: Purpose | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: Progress;
  /** Holds that agreement and approval still stand. */
  allowed(): Promise<unknown>;
}

/** Whether this organisation's rows of a study are encrypted at a server. */
export function isEncrypted({ home }: PartyContext, { grant: { agreement }, own }: Decided): boolean {
  const tables = outsourcedTo(agreement, home.card.id)?.tables ?? {};
  return own.rows.tables.some(({ name }) => Object.hasOwn(tables, name));
}

/**
 * Has the server compute this organisation's cells of a study, opens them, and holds them against check rows and, where they are still there, against
 * the rows in the clear. They are shown to nobody: they go into the session as the cells of rows that are read here do.
 *
 * Runs at: the holder. The server learns the study as a circuit. Throws `seal-key`, `not-found`, `circuit`, `compute-…`; `data-changed` where people opted out since the
 * table was encrypted; and `fhe-check`, which retires the key.
 */
export async function evaluateOwn(
  context: PartyContext,
  { keys, tables }: Sealed,
  { grant: { agreement, hash, study }, own: { bound, rows } }: Decided,
  { run, purpose, signal, onProgress, allowed }: EncryptedPart,
): Promise<OwnTables> {
  const { home, log, optOuts, database } = context;
  const [{ alias, name }] = rows.tables as [(typeof rows.tables)[number]];
  const { compute, tables: agreed } = outsourcedTo(agreement, home.card.id)!;
  const table = await tables.current(hash, name);
  const readAt = await tables.readAt(table);
  const screen = await optOuts.screenSince(agreed[name]!.dataset, agreement, readAt, purpose);
  await screen.requireCurrent(database);
  const key = await keys.opened(table.key);
  const card = home.partners.find(compute);
  if (card === undefined) throw fault('unknown-organisation', `${compute} is no partner here`, { culprit: compute });
  const server = new ComputeServer(home, card);
  const duckDb = await openDuckDb({ threads: 1 });
  let returned: readonly Part[] = [];
  const ask = async (id: string, circuit: Circuit): Promise<Part[]> => {
    const parts = await server.ask(id, circuit, onProgress, signal);
    // Nothing is decrypted for an agreement, or an approval, that is over by now.
    await allowed();
    returned = parts;
    return parts;
  };
  try {
    const asking = { server: { ask }, duckDb, clock: () => performance.now() };
    const { translated, totals } = await evaluateBound(bound!, askedTable(table, key), asking);
    const { circuit } = translated;
    const recomputed = await recompute(context, agreement, table, { key, circuit, totals, signal });
    const words = returned.flatMap(({ results }) => results.map((one) => one.words));
    await log.append({
      ...{ kind: 'study-encrypted-part', agreement: hash, study: study.name, run, compute, name, table: table.table },
      manifest: base64url(documentHash(table.manifest!)),
      circuit: base64url(hashLabelled('symbolon circuit', utf8(JSON.stringify(circuit)))),
      returned: base64url(hashLabelled('symbolon results of a circuit', ...words)),
      recomputed,
    });
    const size = { rows: table.rows!, patients: table.rows! };
    return {
      ...{ tables: new Map(), cells: cellTotals(translated, totals), places: new Map(), screens: [screen] },
      ...{ sizes: { [alias]: size }, leftOut: { [alias]: table.leftOut ?? 0 } },
      toString: () => '[cells of an encrypted table]',
    };
  } catch (error) {
    await retireAfter(error, keys, table.key);
    throw error;
  } finally {
    duckDb.close();
    await server.close();
  }
}
