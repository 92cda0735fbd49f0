import { type ErrorCode, errorCodes, fault, SymbolonError } from '@symbolon/crypto';

/** An error as it goes from one process of this server to another. */
export interface ToldFault {
  readonly code: string;
  readonly message: string;
  readonly culprit?: string;
  readonly hint?: string;
}

/** Of an error that is not Symbolon's own nothing is passed on. */
export function toldFault(error: unknown): ToldFault {
  const { code, message, culprit, hint } =
    error instanceof SymbolonError ? error : fault('internal', 'a process that encrypts has failed');
  return { code, message, ...(culprit === undefined ? {} : { culprit }), ...(hint === undefined ? {} : { hint }) };
}

export function faultOf({ code, message, ...more }: ToldFault): SymbolonError {
  if (!Object.hasOwn(errorCodes, code)) return fault('internal', 'a process that encrypts has failed');
  return new SymbolonError(code as ErrorCode, message, more);
}
