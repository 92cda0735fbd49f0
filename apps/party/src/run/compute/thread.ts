// Run as a thread of a party: computes sessions, so that the main thread can answer.
import { serveThread } from '@symbolon/service/threads';
import { Work } from './work.ts';

serveThread((remote) => {
  const work = new Work(remote);
  return {
    methods: {
      warm: (bytes: number) => work.warm(bytes),
      prepare: (options: Parameters<Work['prepare']>[0]) => work.prepare(options),
      open: (order: Parameters<Work['open']>[0]) => work.open(order),
      exchange: (...args: Parameters<Work['exchange']>) => work.exchange(...args),
      evaluate: (holdsKey: boolean) => work.evaluate(holdsKey),
    },
    closed: () => void work.end(),
  };
});
