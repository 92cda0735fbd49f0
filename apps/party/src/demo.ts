import { roles } from '@symbolon/agreement';
import { z } from 'zod';

const url = z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }).max(64);

/** What `symbolon demo` tells its servers of each other, for the tour that their pages offer. Whoever is logged in is shown all of it. */
export const demoSettings = z
  .strictObject({
    /** Every organisation with pages. */
    consoles: z
      .array(
        z.strictObject({
          id: z.string().max(31),
          name: z.string().max(64),
          url,
          users: z.array(
            z.strictObject({ id: z.string().max(63), name: z.string().max(64), roles: z.array(z.enum(roles)) }),
          ),
        }),
      )
      .max(8),
    /** Of all these users: made for this demo, and of use nowhere else. */
    password: z.string().max(64),
    /** What the tour leads through. */
    tour: z.strictObject({
      /** Name of the study. */
      study: z.string().max(63),
      /** Who approves it and looks at the log afterwards, and who runs it: organisation and user. */
      approver: z.tuple([z.string(), z.string()]),
      researcher: z.tuple([z.string(), z.string()]),
      /** A SELECT that the agreement forbids. */
      forbidden: z.string().max(1000),
    }),
  })
  .meta({ id: 'Demo' });

/** {@link demoSettings}. */
export type DemoSettings = z.output<typeof demoSettings>;
