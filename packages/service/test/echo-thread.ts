// Run as a thread: answers what the tests of threads ask.
import { fault } from '@symbolon/crypto';
import { moved, serveThread } from '../src/threads.ts';

serveThread((remote) => ({
  methods: {
    twice: async (bytes: Uint8Array) => moved(bytes.map((byte) => 2 * byte)),
    back: (name: string, value: unknown) => remote.call(name, value),
    refuse: () => {
      throw fault('frame-shape', 'no', { culprit: 'sally', hint: 'Try yes.' });
    },
    crash: () => void setImmediate(() => process.exit(1)),
    never: () => new Promise(() => undefined),
    share: (bytes: Uint8Array) => void bytes.fill(7),
  },
  closed: () => undefined,
}));
