import type { ErrorCode } from '@symbolon/crypto';
import type { Agreement } from './schema.ts';

/** Why not. `reason` names the rule of the agreement, in words for a privacy officer. */
export interface Refusal {
  readonly grant: false;
  readonly code: ErrorCode;
  readonly reason: string;
}

export function refuse({ title }: Pick<Agreement, 'title'>, code: ErrorCode, reason: string): Refusal {
  return { grant: false, code, reason: `${reason} (agreement "${title}")` };
}

/** Why an agreement covers nothing on this day, if so. @param today YYYY-MM-DD, UTC */
export function outsideTerm(agreement: Agreement, today: string): Refusal | undefined {
  const { from, until } = agreement.term;
  if (today < from) return refuse(agreement, 'agreement-term', `The term begins on ${from}; today is ${today}.`);
  if (today > until) return refuse(agreement, 'agreement-term', `The term ended on ${until}; today is ${today}.`);
  return undefined;
}
