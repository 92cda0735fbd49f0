import { useEffect, useState } from 'react';
import { pathOf } from './operations.ts';
import { queryClient, unlessLogged } from './queries.ts';

/** Whether this browser hears of changes: not known yet, it does, or the connection is lost and is tried again. */
export type Hearing = 'unknown' | 'on' | 'lost';

type Said =
  | { readonly say: 'changed' }
  | { readonly say: 'hearing'; readonly hearing: Hearing }
  | { readonly say: 'hello' };

const atMostEvery = 300;
const again = 2000;

/**
 * Asks anew for what is shown whenever the server says that something has changed, at most every 300 ms. One tab of the browser listens for all of
 * them, as a browser keeps few connections to a server; when it is closed, another takes its place.
 */
export function useLive(): Hearing {
  const [hearing, setHearing] = useState<Hearing>('unknown');
  useEffect(() => listen(setHearing), []);
  return hearing;
}

function listen(show: (hearing: Hearing) => void): () => void {
  const channel = new BroadcastChannel('symbolon live');
  const leaving = new AbortController();
  const refresh = sometimes(() => void queryClient.invalidateQueries({ predicate: unlessLogged }));
  let own: Hearing | undefined;
  const hear = (said: Said): void => {
    if (said.say === 'changed') refresh();
    else if (said.say === 'hearing') show(said.hearing);
    else if (own !== undefined) channel.postMessage({ say: 'hearing', hearing: own });
  };
  const tell = (said: Said): void => {
    if (said.say === 'hearing') own = said.hearing;
    channel.postMessage(said);
    hear(said);
  };
  channel.onmessage = ({ data }: MessageEvent<Said>) => hear(data);
  channel.postMessage({ say: 'hello' });
  // Whoever has the lock listens; it is given on when that tab is closed.
  navigator.locks
    .request('symbolon live', { signal: leaving.signal }, () => listenForAll(tell, leaving.signal))
    .catch((error: unknown) => {
      if (!leaving.signal.aborted) throw error;
    });
  return () => {
    leaving.abort();
    channel.close();
  };
}

/** Until it is told to leave. */
function listenForAll(tell: (said: Said) => void, leaving: AbortSignal): Promise<void> {
  if (leaving.aborted) return Promise.resolve();
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(pathOf('followChanges', {}));
    source.onopen = () => {
      tell({ say: 'hearing', hearing: 'on' });
      // What happened before it listened.
      tell({ say: 'changed' });
    };
    source.onmessage = () => tell({ say: 'changed' });
    source.onerror = () => {
      tell({ say: 'hearing', hearing: 'lost' });
      if (source.readyState !== EventSource.CLOSED) return;
      // Refused: the session may be over.
      void queryClient.invalidateQueries({ queryKey: ['getMe'] });
      timer = setTimeout(open, again);
    };
  };
  open();
  return new Promise((resolve) => {
    leaving.addEventListener('abort', () => {
      clearTimeout(timer);
      source.close();
      resolve();
    });
  });
}

/** Does something soon, and once for all calls until then. */
function sometimes(work: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      work();
    }, atMostEvery);
  };
}
