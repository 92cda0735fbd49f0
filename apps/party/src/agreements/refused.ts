import { SymbolonError } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';

const maxReason = 1000;

/** The words of a refusal, fit for the log: what a partner sent may stand in them. */
export function reasonOf({ message }: SymbolonError): string {
  return message.slice(0, maxReason).toWellFormed().normalize('NFC');
}

/**
 * Does what a document asks for. What is refused of it stands in the log, with who brought it and why, and is thrown on.
 * @param by the organisation that brought it
 */
export async function keepRefused<T>(
  { log }: Pick<PartyContext, 'log'>,
  kind: 'agreement-refused' | 'notice-refused',
  by: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SymbolonError) {
      await log.append({ kind, by, code: error.code, reason: reasonOf(error) });
    }
    throw error;
  }
}
