import { z } from 'zod';

/** All texts that may stand somewhere. */
export const values = z
  .array(
    z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^\p{C}]*$/u, 'must not hold control or invisible characters'),
  )
  .min(1)
  .max(4096);
