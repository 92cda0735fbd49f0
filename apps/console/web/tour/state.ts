import { useSyncExternalStore } from 'react';
import { isStep, type StepId, stepIds } from './steps.ts';

/** How far this browser is in the tour, at this console. */
export interface TourState {
  /** `offered` until somebody begins it; `left` may be taken up again; `refused` and `ended` are over. */
  readonly phase: 'offered' | 'open' | 'left';
  readonly at: StepId;
  readonly done: readonly StepId[];
}

const key = 'symbolon-tour';
const listeners = new Set<() => void>();
let state = arrived(stored());

function stored(): TourState {
  const start: TourState = { phase: 'offered', at: stepIds[0]!, done: [] };
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<TourState>;
    const at = isStep(kept.at) ? kept.at : start.at;
    const done = Array.isArray(kept.done) ? kept.done.filter(isStep) : [];
    return { phase: kept.phase === 'open' || kept.phase === 'left' ? kept.phase : start.phase, at, done };
  } catch {
    return start;
  }
}

/** A link of the tour at another console names the step where it goes on. */
function arrived(before: TourState): TourState {
  const url = new URL(location.href);
  const at = url.searchParams.get('tour');
  if (!isStep(at)) return before;
  url.searchParams.delete('tour');
  history.replaceState(history.state, '', url);
  const earlier = stepIds.slice(0, stepIds.indexOf(at));
  return keep({ phase: 'open', at, done: [...new Set([...before.done, ...earlier])] });
}

function keep(next: TourState): TourState {
  localStorage.setItem(key, JSON.stringify(next));
  return next;
}

/** Changes how far the tour is. */
export function change(part: Partial<TourState>): void {
  state = keep({ ...state, ...part });
  for (const listener of listeners) listener();
}

/** A step is done, once. */
export function markDone(step: StepId): void {
  if (!state.done.includes(step)) change({ done: [...state.done, step] });
}

export function useTour(): TourState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}
