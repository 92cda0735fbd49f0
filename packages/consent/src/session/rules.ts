import type { Operation } from './ticket.ts';

/** What a session of each kind has. */
export const sessionHas: Readonly<Record<Operation, { readonly challenge: boolean; readonly pairs: boolean }>> = {
  /** The first card (5.1). */
  enrol: { challenge: false, pairs: true },
  /** Consent: the card answers, and deploys the next pairs (5.2, 5.3). */
  reidentify: { challenge: true, pairs: true },
  /** Another card for a lost one (5.4); an alarm. */
  replace: { challenge: false, pairs: true },
  /** Without a card, in an emergency; an alarm. */
  'break-glass': { challenge: false, pairs: false },
};
