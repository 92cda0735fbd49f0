import { type ErrorCode, fault, fromBase64url, isPublicKey, SymbolonError } from '@symbolon/crypto';
import { z } from 'zod';
import { decimalPattern } from './decimal.ts';

/** An organisation's short name in agreements, logs and commands. */
export const organisationId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be like general-hospital, at most 31 characters');

/** A data set of a party, as its configuration names it. */
export const datasetName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be like patients_2026, at most 63 characters');

/** A column, as SQL names it without quotes. */
export const columnName = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be like birth_date, at most 63 characters');

/** One printable line: no control, format or bidirectional characters, which could disguise what is signed. */
export const line = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must not hold control or invisible characters')
    .refine((text) => text.trim() === text, 'must not begin or end with white space');

/** Text of several lines whose characters all show: SQL, or a study. */
export const visibleText = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^(?:[^\p{C}]|[\n\t])*$/u, 'must not hold invisible characters');

/** How many rows a table may have. */
export const rows = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

/** A decimal number. */
export const decimal = z.string().regex(decimalPattern, 'must be a decimal number in a string, like "-12.50"');

/** An Ed25519 public key, base64url of 32 bytes. */
export const publicKey = z
  .string()
  .refine((text) => isBytes32(text, isPublicKey), 'must be an Ed25519 public key in base64url');

/** A SHA-256 hash, base64url of 32 bytes. */
export const hash = z.string().refine((text) => isBytes32(text, () => true), 'must be a SHA-256 hash in base64url');

/** What the parties call an attempt. */
export const attemptId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be an attempt id');

/** A calendar day, YYYY-MM-DD, in UTC. */
export const date = z.iso.date('must be a date, YYYY-MM-DD');

/** A moment, YYYY-MM-DDThh:mm:ssZ. */
export const moment = z.iso.datetime({ precision: 0, error: 'must be a time in UTC, YYYY-MM-DDThh:mm:ssZ' });

/** The four public keys of an organisation (PROTOCOLS §8). */
export const keyFields = {
  organisationKey: publicKey,
  recoveryKey: publicKey,
  signingKey: publicKey,
  logKey: publicKey,
};

/** The names of {@link keyFields}. */
export const keyNames = ['organisationKey', 'recoveryKey', 'signingKey', 'logKey'] as const;

/** A type with everything in it readonly. */
export type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;

/** Applies a schema; the first failure becomes a {@link SymbolonError} of `code` whose message begins with the field. The result is frozen. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: ErrorCode,
  what: string,
): Frozen<z.output<Schema>> {
  const result = schema.safeParse(value);
  if (result.success) return freeze(result.data) as Frozen<z.output<Schema>>;
  const { path, message } = innermost(result.error.issues[0]!);
  const field = path.map(String).join('.') || what;
  throw fault(code, `${field}: ${message}`, { culprit: field });
}

/** What is wrong with a value that has several shapes: the first fault of the shape which was meant, where the fewest things are wrong. */
function innermost(issue: z.core.$ZodIssue): Pick<z.core.$ZodIssue, 'path' | 'message'> {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const [meant] = issue.errors.toSorted((one, other) => one.length - other.length);
  const { path, message } = innermost(meant![0]!);
  return { path: [...issue.path, ...path], message };
}

/** Freezes a value of plain objects and arrays, all the way down. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}

function isBytes32(text: string, test: (bytes: Uint8Array) => boolean): boolean {
  try {
    const bytes = fromBase64url(text);
    return bytes.length === 32 && test(bytes);
  } catch (error) {
    if (error instanceof SymbolonError) return false;
    throw error;
  }
}
