import { phasesOf } from '../run/progress.ts';

/** Reports the steps of a phase of a link. */
export const phase = phasesOf({
  load: 'reading the own table',
  propose: 'asking the other party',
  prepare: 'hashing blocking keys',
  shards: 'comparing candidates under encryption, shard by shard',
  keys: 'getting one-time keys',
  exchange: 'exchanging encrypted tables',
  evaluate: 'comparing under encryption',
  finish: 'signing the statement',
  store: 'keeping the result',
});
