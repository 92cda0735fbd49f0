import { fault, SymbolonError } from '@symbolon/crypto';

// Faults whose words speak of the own files, records or machine.
const ownAffair = /^(data|rule|config)-|^(internal|not-found)$/;

/** What the peer is told of an error: of what lies in the own table or machine, only that it is so. */
export function forPeer(error: SymbolonError, own: string): SymbolonError {
  if (!ownAffair.test(error.code)) return error;
  return fault('peer-refused', `${own} cannot use its own table for this agreement now`, {
    culprit: own,
    hint: `${own} finds the reason in the log of its server.`,
  });
}

/** What ends a run always has a name; of an error that is not Symbolon's own nothing is passed on. */
export function asFault(error: unknown): SymbolonError {
  if (error instanceof SymbolonError) return error;
  return fault('internal', 'the run failed inside this server; its log says more', { cause: error });
}
