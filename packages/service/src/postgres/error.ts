import { fault, SymbolonError } from '@symbolon/crypto';

/** A statement that PostgreSQL refused. Its own message may quote values, so only names are kept. */
export class StatementError extends Error {
  /** SQLSTATE. */
  readonly code: string;

  constructor(code: string, names: readonly (string | undefined)[]) {
    super(`SQLSTATE ${code}: ${names.filter((name) => name !== undefined).join(', ')}`);
    this.name = 'StatementError';
    this.code = code;
  }
}

interface Cause {
  readonly code?: string;
  readonly message?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

const sqlState = /^[0-9A-Z]{5}$/;
// Class 08, and: the server stops, starts, is full, or is a standby.
const away = /^(08...|57P0[1-5]|53300|25006)$/;
// The statement waited too long for another one, or ran too long.
const busy = /^(55P03|57014|40P01|25P03)$/;
// Who may connect to what: messages that name users, databases and rights.
const refused = /^(28...|3D000|42501)$/;

/** What an error of `pg` means here. @param where host and port */
export function translated(cause: unknown, where: string): Error {
  if (cause instanceof SymbolonError || cause instanceof StatementError || cause instanceof RangeError) return cause;
  const { code = '', message = '', table, column, constraint } = cause as Cause;
  const details = { culprit: where };
  if (refused.test(code)) {
    const hint = 'Check user and password, the database, and that the user may create a schema in it.';
    return fault('config-invalid', `PostgreSQL at ${where} refuses: ${message}`, { ...details, hint });
  }
  if (busy.test(code)) {
    return fault('database-unavailable', `PostgreSQL at ${where} was busy for too long (SQLSTATE ${code})`, details);
  }
  if (breaks(cause)) {
    const reason = code === '' ? 'the connection was lost' : code;
    return fault('database-unavailable', `PostgreSQL at ${where} cannot be reached (${reason})`, details);
  }
  return new StatementError(code, [table, column, constraint]);
}

/** Whether an error of `pg` says that the connection is of no more use. */
export function breaks(cause: unknown): boolean {
  const { code = '' } = cause as Cause;
  return away.test(code) || !sqlState.test(code);
}

/** Whether the database could not be asked, or not in time. */
export function isLost(error: unknown): boolean {
  return error instanceof SymbolonError && error.code === 'database-unavailable';
}
