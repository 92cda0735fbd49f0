import { base64url, type ErrorCode, errorCodes, fault, type Rng, SymbolonError } from '@symbolon/crypto';
import { z } from 'zod';

/** Errors on the wire: RFC 9457. */
export const problemType = 'application/problem+json';

const printable = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    // A peer's words end up on a terminal: nothing in them may steer it.
    .transform((text) => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' '));

const problemSchema = z.object({
  type: z.string().max(128),
  status: z.int(),
  detail: printable(2048),
  culprit: printable(255).optional(),
  hint: printable(2048).optional(),
  reference: printable(64).optional(),
});

const typePrefix = 'urn:symbolon:error:';

/** The body of an answer that is an error, as this server writes it. */
export const problemBody = z
  .strictObject({
    type: z.enum(Object.keys(errorCodes).map((code) => `${typePrefix}${code}`)),
    title: z.string().describe('What the code means'),
    status: z.int(),
    detail: z.string().describe('What happened'),
    culprit: z.string().exactOptional().describe('Who or what is at fault: an organisation, a field, a file'),
    hint: z.string().exactOptional().describe('What to do'),
    reference: z.string().exactOptional().describe("Of an internal error: finds it in this server's log"),
  })
  .meta({ id: 'Problem' });

/** {@link problemBody}. */
export type Problem = Readonly<z.output<typeof problemBody>>;

/** What a caller is told of an error. Of one that is not Symbolon's own it learns a reference only. */
export function toProblem(error: unknown, rng: Rng): Problem {
  const known = asFault(error);
  if (known === undefined || known.code === 'internal') {
    const { status, meaning, hint } = errorCodes.internal;
    const reference = base64url(rng(9));
    return { type: `${typePrefix}internal`, title: meaning, status, detail: meaning, hint, reference };
  }
  return {
    type: `${typePrefix}${known.code}`,
    title: errorCodes[known.code].meaning,
    status: known.status,
    detail: known.message,
    ...(known.culprit === undefined ? {} : { culprit: known.culprit }),
    hint: known.hint,
  };
}

/** The error as Symbolon's own, if it is one or one of the web framework's refusals. */
export function asFault(error: unknown): SymbolonError | undefined {
  if (error instanceof SymbolonError) return error;
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  if (error.statusCode === 413) return fault('body-too-large', 'the request body is larger than this address accepts');
  if (error.statusCode === 415)
    return fault(
      'request-invalid',
      'a request body must be application/json, or application/octet-stream where it is a file',
    );
  if (Number(error.statusCode) < 500) return fault('request-invalid', 'the request is not well-formed HTTP and JSON');
  return undefined;
}

/**
 * The error that a partner's (or the own server's) answer stands for. Its words are another's: `who` stands before them.
 * @param body parsed JSON, or undefined if it was none
 */
export function fromProblem(who: string, status: number, body: unknown): SymbolonError {
  const result = problemSchema.safeParse(body);
  if (!result.success) {
    return fault('peer-gone', `${who} answered with HTTP status ${status} and no reason`, { culprit: who });
  }
  const { type, detail, culprit = who, hint, reference } = result.data;
  const found = reference === undefined ? '' : ` (reference ${reference} in its log)`;
  return fault(codeOf(type), `${who} answered: ${detail}${found}`, { culprit, hint });
}

function codeOf(type: string): ErrorCode {
  const name = type.startsWith(typePrefix) ? type.slice(typePrefix.length) : '';
  // A fault inside a peer is the peer's refusal here, not a fault of this server.
  if (!Object.hasOwn(errorCodes, name) || name === 'internal') return 'peer-refused';
  return name as ErrorCode;
}
