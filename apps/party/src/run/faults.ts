import { type ErrorCode, fault, SymbolonError } from '@symbolon/crypto';

// Faults whose words speak of the own files, records or machine.
const ownAffair = /^(data|rule|config)-|^(internal|not-found)$/;

/** What a peer is told of an error: of what lies in the own table or machine, only that it is so. */
export function forPeer(error: SymbolonError, own: string): SymbolonError {
  if (!ownAffair.test(error.code)) return error;
  return fault(
    'peer-refused',
    `${own} cannot take part now: something about its own copy of the agreement or its own table`,
    {
      culprit: own,
      hint: `${own} finds the reason in the log of its server.`,
    },
  );
}

/** What ends a run always has a name; of an error that is not Symbolon's own nothing is passed on. */
export function asFault(error: unknown): SymbolonError {
  if (error instanceof SymbolonError) return error;
  return fault('internal', 'the run failed inside this server; its log says more', { cause: error });
}

/** What ends a run that a user of this organisation no longer wants. */
export function cancelledBy(organisation: string): SymbolonError {
  return fault('cancelled', `${organisation} cancelled the run`, { culprit: organisation });
}

// A peer that stops the agreement means what it says; its notice comes too, but maybe later.
const stoppedCodes: ReadonlySet<ErrorCode> = new Set(['agreement-revoked', 'agreement-suspended']);

/**
 * Where a peer hung up, why it did so if it was the first to see what ended the run; else the error itself. What breaks first may be another
 * line, or the key service that saw a peer leave, or a peer that says no more than that another has left: then whoever left without a word.
 * @param ended why the run's own lines ended
 */
export function afterHangUp(error: SymbolonError, ended: readonly SymbolonError[]): SymbolonError {
  if (error.code !== 'peer-gone') return error;
  for (const { culprit, cause } of ended) {
    if (!isTold(cause)) continue;
    if (cause.code === 'cancelled') return cancelledBy(culprit!);
    if (stoppedCodes.has(cause.code))
      return fault(cause.code, `${culprit} ended the run: ${cause.message}`, { culprit });
  }
  if (isTold(error.cause) && error.cause.code !== 'peer-gone') return error;
  const first = ended.find(({ cause }) => isTold(cause) && cause.code !== 'peer-gone');
  const broken = isTold(error.cause) ? ended.find(({ cause }) => cause instanceof Error && !isTold(cause)) : undefined;
  return first ?? broken ?? error;
}

/** Whether a line ended with words of the peer's. */
function isTold(cause: unknown): cause is SymbolonError {
  return cause instanceof SymbolonError;
}
