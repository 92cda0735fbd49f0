import { z } from 'zod';
import { checked, date, organisationId } from './fields.ts';
import { outsideTerm, type Refusal, refuse } from './refusal.ts';
import type { LinkAgreement } from './schema.ts';

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
export type LinkTerms = Omit<LinkAgreement['link'], 'maxRuns' | 'cardinality' | 'prefer'> &
  Required<Pick<LinkAgreement['link'], 'cardinality' | 'prefer'>>;

/** The terms of an agreement's link. */
export function linkTerms({ link }: Pick<LinkAgreement, 'link'>): LinkTerms {
  const { maxRuns: _, ...terms } = link;
  return { ...terms, cardinality: link.cardinality ?? 'many-to-many', prefer: link.prefer ?? 'first' };
}

/** What may be done, copied from the agreement. */
export interface Grant {
  readonly grant: true;
  /** The terms of the link, with what holds where the agreement says nothing. */
  readonly link: LinkTerms;
  readonly pads: LinkAgreement['pads'];
  /** Runs that remain after this one. */
  readonly runsLeft: number;
}

/**
 * Whether an agreement covers a link. Give it agreements that `requireSigned` has passed. A malformed request throws
 * `request-invalid`; anything the agreement does not cover is a {@link Refusal}.
 */
export function allows(agreement: LinkAgreement, request: AgreementRequest): Grant | Refusal {
  const asked = checked(requestSchema, request, 'request-invalid', 'request');
  const { tables, link, pads } = agreement;
  if (![tables.a.party, tables.b.party].includes(asked.by)) {
    return refuse(
      agreement,
      'agreement-party',
      `Only ${tables.a.party} and ${tables.b.party}, who hold the tables, may start a link; ${asked.by} asked.`,
    );
  }
  const late = outsideTerm(agreement, asked.date);
  if (late !== undefined) return late;
  for (const [table, rows] of [
    [tables.a, asked.rowsA],
    [tables.b, asked.rowsB],
  ] as const) {
    if (rows > table.maxRows) {
      return refuse(
        agreement,
        'agreement-limit',
        `The table ${table.dataset} of ${table.party} has ${rows} rows; at most ${table.maxRows} are allowed.`,
      );
    }
  }
  if (asked.runsSoFar >= link.maxRuns) {
    return refuse(agreement, 'agreement-limit', `All ${link.maxRuns} runs that are allowed have been used.`);
  }
  return {
    grant: true,
    link: linkTerms(agreement),
    pads,
    runsLeft: link.maxRuns - asked.runsSoFar - 1,
  };
}
