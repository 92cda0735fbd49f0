import { errorCodes } from './error-codes.ts';

/** A code of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** What a {@link SymbolonError} can carry beside its code and message. */
export interface FaultDetails {
  /** Who or what is at fault: an organisation's id, a file, a field. Never a record's content. */
  culprit?: string | undefined;
  /** What to do, if more can be said than the code's own hint. */
  hint?: string | undefined;
  /** Where in the text that was given, in UTF-16 code units from 0. */
  place?: number | undefined;
  cause?: unknown;
}

/** The one error class of Symbolon. The message names the rule that failed and holds no secret and no record content. */
export class SymbolonError extends Error {
  readonly code: ErrorCode;
  readonly culprit: string | undefined;
  readonly hint: string;
  readonly place: number | undefined;

  constructor(code: ErrorCode, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SymbolonError';
    this.code = code;
    this.culprit = details.culprit;
    this.place = details.place;
    this.hint = details.hint ?? errorCodes[code].hint;
  }

  /** HTTP status of this error's code. */
  get status(): number {
    return errorCodes[this.code].status;
  }
}

/** Makes a {@link SymbolonError}; write `throw fault(…)`. */
export function fault(code: ErrorCode, message: string, details?: FaultDetails): SymbolonError {
  return new SymbolonError(code, message, details);
}
