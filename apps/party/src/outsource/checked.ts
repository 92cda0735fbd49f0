import type { Agreement } from '@symbolon/agreement';
import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';
import { type Circuit, secretOutputs, specOf } from '@symbolon/fhe';
import type { PartyContext } from '../context.ts';
import type { AskedTable } from './ask.ts';
import type { SealKeys } from './keys.ts';
import type { OpenKey } from './open-key.ts';
import { readingOf } from './reading.ts';
import type { Reading } from './rows.ts';
import { type KnownTable, layoutOf } from './tables.ts';

/** Whether the same was computed from the rows in the clear; else why that could not be. Of `model` all was but what the server's secret model is in. */
export type Recomputed = 'same' | 'model' | 'rows-gone' | 'rows-changed';

/** A table as it is asked, with its open key. */
export function askedTable({ described, table, rows }: KnownTable, key: OpenKey): AskedTable {
  const specs = described.columns.map(specOf);
  return {
    ...{ id: table, outsourced: described, layout: layoutOf(described, rows!) },
    open: (circuit, parts) => key.open({ table, specs, rows: rows!, circuit, parts }),
  };
}

/** Computes the same from the rows, where they are still those that were encrypted. Throws `fhe-check` where it comes to something else. */
export async function recompute(
  context: PartyContext,
  agreement: Agreement,
  table: KnownTable,
  of: { key: OpenKey; circuit: Circuit; totals: readonly number[]; signal: AbortSignal },
): Promise<Recomputed> {
  const { key, circuit, totals, signal } = of;
  const secret = secretOutputs(circuit);
  const specs = table.described.columns.map(specOf);
  const again = await fromRows(context, agreement, table, signal, async (reading) => {
    const clear = await key.recompute({ table: table.table, reading, specs, circuit }, { signal });
    return { digest: clear.digest, isSame: clear.totals.every((total, i) => secret[i] || total === totals[i]) };
  });
  return again === 'same' && secret.includes(true) ? 'model' : again;
}

/** What is thrown where a data set is not known any more, or its file or database is not there. */
const sourceIsAway: ReadonlySet<ErrorCode> = new Set(['not-found', 'config-invalid']);

/** Has something computed again from the rows of a table. @param compute says which rows these are, and whether it came to the same */
export async function fromRows(
  context: PartyContext,
  agreement: Agreement,
  { described, digest }: KnownTable,
  signal: AbortSignal,
  compute: (reading: Reading) => Promise<{ readonly digest: string; readonly isSame: boolean }>,
): Promise<Exclude<Recomputed, 'model'>> {
  if (digest === null) return 'rows-gone';
  let clear: Awaited<ReturnType<typeof compute>>;
  try {
    clear = await compute((await readingOf(context, agreement, described)).reading);
  } catch (error) {
    // Whatever else goes wrong ends the run: a result that could have been computed again is not shown without.
    if (!(error instanceof SymbolonError) || signal.aborted) throw error;
    if (error.code.startsWith('data-')) return 'rows-changed';
    if (sourceIsAway.has(error.code)) return 'rows-gone';
    throw error;
  }
  if (clear.digest !== digest) return 'rows-changed';
  if (clear.isSame) return 'same';
  throw fault('fhe-check', 'what the server returned is not what the rows come to');
}

/** Retires a key if an error says that a server returned something wrong: one that may try again would learn where check rows are. */
export async function retireAfter(error: unknown, keys: SealKeys, key: number): Promise<void> {
  if (error instanceof SymbolonError && error.code === 'fhe-check') await keys.retire(key, error.message);
}
