import { fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { z } from 'zod';
import { plainText } from '../text.ts';
import type { AlertMessage } from './message.ts';

/** A code, and the URI of a code system, as messages carry them. */
export const plainCode = /^[!-~]{1,64}$/;
export const plainSystem = /^[!-~]{1,255}$/;

const name = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/);
const organisation = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);
const instant = z.iso.datetime({ precision: 3 });
const code = z.string().regex(plainCode);
const text = z.string().refine((value) => plainText(value) === value, 'must be one printable line');
const id = z.string().refine((value) => isBytes(value, 16), 'must be 16 bytes');

const shape = z
  .strictObject({
    id,
    from: organisation,
    to: organisation,
    agreement: z.string().refine((value) => isBytes(value, 32), 'must be a hash'),
    alert: name,
    event: name,
    kind: z.enum(['Encounter', 'Condition', 'Observation']),
    link: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    rows: z
      .array(z.int().min(0).max(0xffff_ffff))
      .min(1)
      .max(16)
      .refine((rows) => rows.every((row, i) => i === 0 || row > rows[i - 1]!), 'must be ascending'),
    time: instant,
    sentAt: instant,
    facility: text,
    code: z.strictObject({ system: z.string().regex(plainSystem), code }).exactOptional(),
    value: z
      .strictObject({
        value: z
          .string()
          .max(64)
          .regex(/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,2})?$/),
        comparator: z.enum(['<', '<=', '>=', '>']).exactOptional(),
        unit: text.refine((unit) => unit.length <= 64),
      })
      .exactOptional(),
    encounterClass: code.exactOptional(),
    disposition: code.exactOptional(),
    practitioner: text.exactOptional(),
    retracts: id.exactOptional(),
  })
  .refine(({ kind, value }) => kind === 'Observation' || value === undefined, { path: ['value'] })
  .refine(({ kind, encounterClass }) => kind === 'Encounter' || encounterClass === undefined, {
    path: ['encounterClass'],
  })
  .refine(({ kind, disposition }) => kind === 'Encounter' || disposition === undefined, { path: ['disposition'] });

/** The value as a message, if it is one; else throws `bad-document`, naming the field. */
export function checkedMessage(value: unknown): AlertMessage {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join('.') || 'the message';
  throw fault('bad-document', `alert message: ${field}: has another form than a message may have`, { culprit: field });
}

function isBytes(value: string, length: number): boolean {
  try {
    return fromBase64url(value).length === length;
  } catch (error) {
    if (error instanceof SymbolonError) return false;
    throw error;
  }
}
