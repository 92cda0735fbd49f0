import { agreementSchema, agreementStates, noticeActions } from '@symbolon/agreement';
import { z } from 'zod';

/** An agreement as an organisation sees it. */
export const agreementInfo = z
  .strictObject({
    hash: z.string(),
    title: z.string(),
    state: z.enum(agreementStates),
    notices: z.array(
      z.strictObject({ by: z.string(), action: z.enum(noticeActions), reason: z.string(), at: z.iso.datetime() }),
    ),
    version: z.string().nullable().describe('Hash of the version that stands in its place, or answers it'),
    untold: z.array(z.string()).describe('Partners that have not heard yet what this organisation said of it'),
    signedBy: z.array(z.string()),
    missing: z.array(z.string()),
    as: z.enum(['a', 'b']).nullable().describe('Which table of the link is the own one'),
    addedAt: z.iso.datetime(),
    runs: z.int(),
    runsLeft: z.int(),
    agreement: agreementSchema,
  })
  .meta({ id: 'AgreementInfo' });
