import { fault } from '@symbolon/crypto';
import type { OwnTable } from './own.ts';
import type { TableSize } from './units.ts';
import type { Places } from './write.ts';

/** Where the rows of a party of the hub stand in its region. */
export interface HubRows {
  /** The keys of its entries, one for each patient that has one; none where the linkage is known. */
  readonly keys: readonly string[];
  /** For each row its lane, once the bin of each entry is known. */
  lanesOf(bins: Uint32Array | undefined): Places;
}

/**
 * Gives each row a slot among those of its patient. Runs at: a party of the hub.
 *
 * @param bins where the linkage is known: of each row
 * @throws SymbolonError `data-out-of-range` where there are more rows or patients than was agreed, or more rows of one; `data-malformed` where bins do not hold
 *   a patient each
 */
export function placeHub(
  own: OwnTable,
  bins: Places | undefined,
  { name, size, slots, lanes }: { name: string; size: TableSize; slots: number; lanes: number },
): HubRows {
  requireSize(name, 'rows', own.patients.length, size.rows);
  const entries = new Map<string | number, { at: number; patient: string; rows: number }>();
  const patients = new Set<string>();
  const places = own.patients.map((patient, row) => {
    const key = bins === undefined ? own.keys[row] : bins[row];
    if (key === null || key === undefined) return undefined;
    const entry = entries.get(key) ?? { at: entries.size, patient, rows: 0 };
    entries.set(key, entry);
    const where = `row ${row + 1} of ${name}`;
    if (entry.patient !== patient || (entry.rows === 0 && patients.has(patient)))
      throw fault('data-malformed', `${where}: a patient has one key of the join, and no other has the same`, {
        culprit: name,
      });
    patients.add(patient);
    if (entry.rows === slots)
      throw fault('data-out-of-range', `${where}: its patient has more than ${slots} rows, the most agreed`, {
        culprit: name,
      });
    return { entry: entry.at, slot: entry.rows++ };
  });
  requireSize(name, 'patients', entries.size, size.patients);
  const known = [...entries.keys()];
  const binOf = (entry: number, met: Uint32Array | undefined): number =>
    bins === undefined ? met![entry]! : (known[entry] as number);
  return {
    keys: bins === undefined ? (known as string[]) : [],
    lanesOf: (met) => places.map((place) => place && place.slot * lanes + binOf(place.entry, met)),
  };
}

/** Where nothing is joined: a bin for each patient, in the order of their rows. */
export function ownBins({ patients }: Pick<OwnTable, 'patients'>): Places {
  return numbered(patients);
}

/** A bin for each key of the join, in the order in which `placeHub` makes entries of them. */
export function entryBins({ keys }: Pick<OwnTable, 'keys'>): Places {
  return numbered(keys);
}

/** Of each text when it first came, counted from 0. */
function numbered(texts: readonly (string | null)[]): Places {
  const numbers = new Map<string, number>();
  return texts.map((text) => {
    if (text === null) return undefined;
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  });
}

/** @throws SymbolonError `data-out-of-range` */
export function requireSize(name: string, what: string, count: number, most: number): void {
  if (count > most)
    throw fault('data-out-of-range', `${name} has ${count} ${what}, and ${most} were agreed`, { culprit: name });
}
