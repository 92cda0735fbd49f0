import { phasesOf } from '../run/progress.ts';

/** Reports the steps of a phase of a study. */
export const phase = phasesOf({
  load: 'reading the own tables',
  propose: 'asking the other parties',
  connect: 'opening lines to the other parties',
  keys: 'getting one-time keys',
  exchange: 'exchanging encrypted tables',
  evaluate: 'computing under encryption',
  finish: 'signing the statement',
  store: 'keeping the result',
});
