import { fault } from '@symbolon/crypto';
import {
  aggregateValue,
  type BoundStudy,
  type Cell,
  complete,
  keyValues,
  type StudyResult,
  totals,
} from '../sql/index.ts';
import { cellPlaces } from './keys.ts';
import { outputName } from './release.ts';

/** A study's result but for its rows, which `afterSql` makes of the cells. */
export type Released = Omit<StudyResult, 'rows'>;

/** Reads what opened. Runs at: whoever learns. @throws SymbolonError `frame-shape` where something of it is missing */
export function decodeRun(bound: BoundStudy, revealed: ReadonlyMap<string, Uint8Array>): Released {
  const cells = complete(bound, knownCells(bound, revealed));
  return { columns: bound.columns, cells, totals: totals(bound, cells) };
}

function knownCells(bound: BoundStudy, revealed: ReadonlyMap<string, Uint8Array>): Cell[] {
  const shows = bound.supports.map((_, i) => bytesOf(revealed, outputName.show(i)));
  const numbers = bound.opened.map((_, i) => wordsOf(bytesOf(revealed, outputName.number(i))));
  return keysOf(bound).map((keys, cell): Cell => {
    const place = cellPlaces(bound)[cell]!;
    const isShown = (opened: number): boolean => bitOf(shows[bound.opened[opened]!.support]!, place);
    const suppressed = bound.aggregates.map(({ opened }) => !opened.every(isShown));
    const values = bound.aggregates.map((aggregate, i) =>
      suppressed[i]
        ? null
        : aggregateValue(
            aggregate,
            aggregate.opened.map((opened) => numbers[opened]![place]!),
          ),
    );
    return { keys, values, suppressed };
  });
}

/** The keys of all cells, the first key slowest. */
function keysOf({ keys, nodes }: BoundStudy): (string | null)[][] {
  return keys
    .map((key) => keyValues(key, nodes[key.node]!)!)
    .reduce<(string | null)[][]>((rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])), [[]]);
}

function bytesOf(revealed: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = revealed.get(name);
  if (bytes === undefined) throw fault('frame-shape', `'${name}' did not open`);
  return bytes;
}

function wordsOf(bytes: Uint8Array): BigInt64Array {
  return new BigInt64Array(bytes.slice().buffer);
}

function bitOf(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at >> 3]! >> (at & 7)) & 1) === 1;
}
