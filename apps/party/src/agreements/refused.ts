import { SymbolonError } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';

const maxReason = 1000;

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
      const { code, message } = error;
      // What was brought may stand in the message, and not be fit for the log.
      const reason = message.slice(0, maxReason).toWellFormed().normalize('NFC');
      await log.append({ kind, by, code, reason });
    }
    throw error;
  }
}
