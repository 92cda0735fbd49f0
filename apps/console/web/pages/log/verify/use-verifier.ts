import { useEffect, useRef, useState } from 'react';
import { Problem } from '../../../api/problem.ts';
import type { Order, Told } from './messages.ts';

/** A worker that verifies; it ends with the page. @param hear what it says, but for problems */
export function useVerifier(hear: (told: Exclude<Told, { told: 'problem' }>) => void): {
  readonly ask: (order: Order) => void;
  /** It is at work. */
  readonly busy: boolean;
  readonly error: Problem | undefined;
} {
  const worker = useRef<Worker>(undefined);
  const heard = useRef(hear);
  heard.current = hear;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Problem>();
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = undefined;
    },
    [],
  );
  const ask = (order: Order): void => {
    worker.current ??= start((told) => {
      const going = told.told === 'fetching' || told.told === 'verifying';
      setBusy(going);
      if (told.told !== 'problem') return heard.current(told);
      const { code, message, hint } = told;
      setError(new Problem(code, message, hint === undefined ? {} : { hint }));
    });
    setBusy(true);
    setError(undefined);
    worker.current.postMessage(order);
  };
  return { ask, busy, error };
}

function start(hear: (told: Told) => void): Worker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.onerror = ({ message }) => hear({ told: 'problem', code: 'internal', message, hint: undefined });
  worker.onmessage = ({ data }: MessageEvent<Told>) => hear(data);
  return worker;
}
