import { fault } from '@symbolon/crypto';
import { decodeRun, type Released, type StudyRun } from '../secure/index.ts';
import type { MethodResult } from '../statistics/result.ts';
import { type BoundMethod, finishMethod, type RowMethod } from '../study/index.ts';
import { finishFit, logisticName } from './logistic.ts';
import type { Bound } from './plan.ts';
import { finishSurvival, survivalName, survivalTerms } from './survival.ts';

/** What opened: cells, none where rows went into a method; and what the method makes of it, null of a SELECT alone. */
export interface ReleasedBound extends Released {
  readonly method: MethodResult | null;
}

/**
 * Reads what the last session of a run yielded. Runs at: whoever learns.
 *
 * @throws SymbolonError `frame-shape` where something of it is missing, `request-invalid` where it has another shape
 */
export function decodeBound(bound: Bound, run: StudyRun, yielded: ReadonlyMap<string, Uint8Array>): ReleasedBound {
  if (bound.kind === 'study/1') return { ...decodeRun(bound, yielded), method: null };
  const { work } = bound;
  if (work.kind === 'study') {
    const released = decodeRun(work.study, yielded);
    return { ...released, method: finishMethod(bound, released) };
  }
  return { columns: [], cells: [], totals: [], method: methodOf(bound, work, run, yielded) };
}

function methodOf(
  bound: BoundMethod,
  work: RowMethod,
  { units }: StudyRun,
  yielded: ReadonlyMap<string, Uint8Array>,
): MethodResult {
  if (work.kind === 'survival')
    return finishSurvival(openedBytes(yielded, survivalName), survivalTerms(bound, work), bound.method);
  const lanes = units.at(-1)!.regions.reduce((sum, { slots, bins }) => sum + slots * bins, 0);
  return finishFit(openedBytes(yielded, logisticName), bound, work, lanes);
}

function openedBytes(yielded: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = yielded.get(name);
  if (bytes === undefined) throw fault('frame-shape', `'${name}' did not open`);
  return bytes;
}
