import { z } from 'zod';

/** 32 bytes in canonical base64url: the last of 43 characters carries four bits. */
export const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, 'must be 32 bytes in base64url');

/** A number of bytes, entries or rows. */
export const size = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
