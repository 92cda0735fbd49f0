import { SymbolonError } from '@symbolon/crypto';
import { MAX_FRAME } from '@symbolon/engine';
import { expect } from 'vitest';
import type { Meddle } from './sides.ts';

/** [code, culprit] of what each side ends with, which must be an error. */
export function faults(ends: readonly unknown[]): (string | undefined)[][] {
  return ends.map((end) => {
    expect(end).toBeInstanceOf(SymbolonError);
    const { code, culprit } = end as SymbolonError;
    return [code, culprit];
  });
}

/** Does `change` to one frame of one party. */
export function at(party: number, place: number, change: (frame: Uint8Array) => Uint8Array[]): Meddle {
  return (from, n, frame) => (from === party && n === place ? change(frame) : [frame]);
}

/** What a frame can be that it must not, and the codes that the one who gets it may end with. */
export const malformations: readonly [string, (frame: Uint8Array) => Uint8Array[], readonly string[]][] = [
  ['one byte short', (frame) => [frame.subarray(1)], ['frame-shape']],
  ['one byte long', (frame) => [new Uint8Array([...frame, 0])], ['frame-shape']],
  ['empty', () => [new Uint8Array(0)], ['frame-shape']],
  ['longer than any', () => [new Uint8Array(MAX_FRAME + 1)], ['frame-too-long']],
  ['behind one of another length', (frame) => [new Uint8Array(9), frame], ['frame-shape']],
  // Shows when the next comes in its place, or none.
  ['missing', () => [], ['peer-silent', 'peer-gone', 'frame-shape']],
];
