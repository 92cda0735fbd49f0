import type { Operation } from './ticket.ts';

/** What a session of each kind has. */
export const sessionHas: Readonly<Record<Operation, { readonly challenge: boolean; readonly pairs: boolean }>> = {
  /** The first card (5.1). */
  enrol: { challenge: false, pairs: true },
  /** Consent: the card answers, and deploys the next pairs (5.2, 5.3). */
  reidentify: { challenge: true, pairs: true },
  /** Consent, and the next pairs are for another card of the same patient. */
  'add-card': { challenge: true, pairs: true },
  /** Another card for a lost one (5.4); an alarm. */
  replace: { challenge: false, pairs: true },
  /** Without a card, in an emergency; an alarm. */
  'break-glass': { challenge: false, pairs: false },
  /** Without a card: a laboratory, or a first visit without one. Grants nothing beyond one's own records. */
  relate: { challenge: false, pairs: false },
  /** The patient sees who read what, or takes it along. */
  view: { challenge: true, pairs: true },
  export: { challenge: true, pairs: true },
  /** The patient withdraws consent, objects to studies, or has everything erased: the module has verified who it is. */
  withdraw: { challenge: false, pairs: false },
  object: { challenge: false, pairs: false },
  erase: { challenge: false, pairs: false },
};
