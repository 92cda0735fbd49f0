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
import { codeShape, shownKey } from './codes.ts';
import { cellPlaces, isSorted } from './keys.ts';
import { outputName } from './release.ts';

/** A study's result but for its rows, which `afterSql` makes of the cells. */
export type Released = Omit<StudyResult, 'rows'>;

/** Reads what opened. Runs at: whoever learns. @throws SymbolonError `frame-shape` where something of it is missing */
export function decodeRun(bound: BoundStudy, revealed: Revealed): Released {
  const cells = complete(bound, (isSorted(bound) ? groupCells : knownCells)(bound, revealed));
  return { columns: bound.columns, cells, totals: totals(bound, cells) };
}

function knownCells(bound: BoundStudy, revealed: Revealed): Cell[] {
  const cell = cellReader(bound, revealed);
  const places = cellPlaces(bound);
  return keysOf(bound).map((keys, i) => cell(keys, places[i]!));
}

/** Groups of values that were not known before: those of which anything may show. */
function groupCells(bound: BoundStudy, revealed: Revealed): Cell[] {
  const cell = cellReader(bound, revealed);
  const keys = bound.keys.map(({ node }, key) => {
    const { width, texts } = codeShape(bound.nodes[node]!);
    const codes = bytesOf(revealed, outputName.code(key));
    return {
      node: bound.nodes[node]!,
      codes: width < 32 ? BigInt64Array.from(new Int32Array(codes.slice().buffer), BigInt) : wordsOf(codes),
      texts: Array.from({ length: texts }, (_, place) => wordsOf(bytesOf(revealed, outputName.text(key, place)))),
    };
  });
  // A shown group's code is not 0.
  return Array.from(keys[0]!.codes.entries()).flatMap(([place, code]) => {
    if (code === 0n) return [];
    const shown = keys.map(({ node, codes, texts }) =>
      shownKey(
        node,
        codes[place]!,
        BigUint64Array.from(texts, (words) => BigInt.asUintN(64, words[place]!)),
      ),
    );
    return [cell(shown, place)];
  });
}

type Revealed = ReadonlyMap<string, Uint8Array>;

/** Makes a cell of what opened for it at its place. */
function cellReader(bound: BoundStudy, revealed: Revealed): (keys: Cell['keys'], place: number) => Cell {
  const used = new Set(bound.opened.map(({ support }) => support));
  const shows = new Map([...used].map((support) => [support, bytesOf(revealed, outputName.show(support))] as const));
  const numbers = bound.opened.map((_, i) => wordsOf(bytesOf(revealed, outputName.number(i))));
  return (keys, place) => {
    const isShown = (opened: number): boolean => {
      const { kind, support } = bound.opened[opened]!;
      return bitOf(
        kind === 'quantile' ? bytesOf(revealed, outputName.showQuantile(opened)) : shows.get(support)!,
        place,
      );
    };
    const suppressed = bound.aggregates.map(({ opened }) => !opened.every(isShown));
    const values = bound.aggregates.map((aggregate, i) => {
      const parts = aggregate.opened.map((opened) => numbers[opened]![place]!);
      return suppressed[i] ? null : aggregateValue(aggregate, parts);
    });
    return { keys, values, suppressed };
  };
}

/** The keys of all cells, the first key slowest. */
function keysOf({ keys, nodes }: BoundStudy): (string | null)[][] {
  return keys
    .map((key) => keyValues(key, nodes[key.node]!)!)
    .reduce<(string | null)[][]>((rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])), [[]]);
}

function bytesOf(revealed: Revealed, name: string): Uint8Array {
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
