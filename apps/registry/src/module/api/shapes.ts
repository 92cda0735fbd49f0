import { z } from 'zod';

/** Of an organisation, institution or installation. */
export const shortId = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be a short name like general-hospital');
/** Of something that is numbered, in an address. */
export const number = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
/** Bytes in base64url, so many characters. */
export const bytes = (length: number) =>
  z.string().regex(new RegExp(`^[\\w-]{${length}}$`), 'must be an id of this registry');
export const moment = z.iso.datetime();
