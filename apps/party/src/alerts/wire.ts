import { maxDocumentBytes } from '@symbolon/alerts';
import { z } from 'zod';

/** Where a server takes alerts from partners. */
export const alertsPath = '/v1/alerts';
/** Messages of one request. */
export const mostMessages = 64;
/** Longest signed message, in bytes of base64url. */
const longestDocument = Math.ceil((maxDocumentBytes * 4) / 3);
/** Longest request, in bytes, and of its documents together. */
export const longestRequest = 2 ** 20;
export const longestDocuments = longestRequest - 4096;

/** Signed messages, in the order in which they were made. */
export const alertsBody = z.strictObject({
  documents: z.array(z.base64url().min(1).max(longestDocument)).min(1).max(mostMessages),
});

/** What became of one message: it is durable at its receiver, was already, or is refused for good. */
const resultSchema = z.strictObject({
  /** Of the message; null where not even that could be read. */
  id: z.string().max(64).nullable(),
  outcome: z.enum(['taken', 'duplicate', 'refused']),
  code: z
    .string()
    .regex(/^[a-z-]{1,64}$/)
    .exactOptional(),
  message: z
    .string()
    .max(2048)
    // A partner's words end up on a terminal: nothing in them may steer it.
    .transform((text) => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' '))
    .exactOptional(),
});
/** In the order of the messages. */
export const alertsAnswer = z.strictObject({ results: z.array(resultSchema).min(1).max(mostMessages) });

/** {@link resultSchema}. */
export type AlertResult = Readonly<z.output<typeof resultSchema>>;
