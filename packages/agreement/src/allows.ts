import type { ErrorCode } from '@symbolon/crypto';
import { z } from 'zod';
import { checked, date, organisationId } from './fields.ts';
import type { Agreement } from './schema.ts';

const count = z.int().min(0);
const requestSchema = z.strictObject({
  action: z.literal('link'),
  by: organisationId,
  date,
  rowsA: count,
  rowsB: count,
  runsSoFar: count,
});

/** What someone asks of an agreement: a link of tables of these sizes, on this day (UTC), after so many runs. */
export type AgreementRequest = z.output<typeof requestSchema>;

/** What is compared, which pairs count, and who learns what: see the schema. */
export type LinkTerms = Omit<Agreement['link'], 'maxRuns' | 'cardinality' | 'prefer'> &
  Required<Pick<Agreement['link'], 'cardinality' | 'prefer'>>;

/** The terms of an agreement's link. */
export function linkTerms({ link }: Agreement): LinkTerms {
  const { maxRuns: _, ...terms } = link;
  return { ...terms, cardinality: link.cardinality ?? 'many-to-many', prefer: link.prefer ?? 'first' };
}

/** What may be done, copied from the agreement. */
export interface Grant {
  readonly grant: true;
  /** The terms of the link, with what holds where the agreement says nothing. */
  readonly link: LinkTerms;
  readonly pads: Agreement['pads'];
  /** Runs that remain after this one. */
  readonly runsLeft: number;
}

/** Why not. `reason` names the rule of the agreement, in words for a privacy officer. */
export interface Refusal {
  readonly grant: false;
  readonly code: ErrorCode;
  readonly reason: string;
}

/**
 * Whether an agreement covers a request. Give it agreements that `requireSigned` has passed. A malformed request throws
 * `request-invalid`; anything the agreement does not cover is a {@link Refusal}.
 */
export function allows(agreement: Agreement, request: AgreementRequest): Grant | Refusal {
  const asked = checked(requestSchema, request, 'request-invalid', 'request');
  const { tables, link, term, title, pads } = agreement;
  const refuse = (code: ErrorCode, reason: string): Refusal => ({
    grant: false,
    code,
    reason: `${reason} (agreement "${title}")`,
  });

  if (![tables.a.party, tables.b.party].includes(asked.by)) {
    return refuse(
      'agreement-party',
      `Only ${tables.a.party} and ${tables.b.party}, who hold the tables, may start a link; ${asked.by} asked.`,
    );
  }
  if (asked.date < term.from)
    return refuse('agreement-term', `The term begins on ${term.from}; today is ${asked.date}.`);
  if (asked.date > term.until)
    return refuse('agreement-term', `The term ended on ${term.until}; today is ${asked.date}.`);
  for (const [table, rows] of [
    [tables.a, asked.rowsA],
    [tables.b, asked.rowsB],
  ] as const) {
    if (rows > table.maxRows) {
      return refuse(
        'agreement-limit',
        `The table ${table.dataset} of ${table.party} has ${rows} rows; at most ${table.maxRows} are allowed.`,
      );
    }
  }
  if (asked.runsSoFar >= link.maxRuns) {
    return refuse('agreement-limit', `All ${link.maxRuns} runs that are allowed have been used.`);
  }
  return {
    grant: true,
    link: linkTerms(agreement),
    pads,
    runsLeft: link.maxRuns - asked.runsSoFar - 1,
  };
}
