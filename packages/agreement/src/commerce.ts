import { z } from 'zod';
import { scaledDecimal } from './decimal.ts';
import { date, decimal, type Frozen, line, organisationId, visibleText } from './fields.ts';
import { purposeCode } from './purpose.ts';
import { distinct, type Must } from './rules.ts';

/** Whether results may be used beyond this agreement, or handed on. */
export const onwardUseSchema = z.union([
  z.literal('none'),
  z.strictObject({
    purposes: z.array(purposeCode).min(1),
    /** Who may be given results, in words; nobody else but the receivers. */
    recipients: z.array(line(200)).min(1).max(32),
    conditions: visibleText(4096).exactOptional(),
  }),
]);

/** The term goes on by so many months each time it ends, unless a party gives notice so many days before. */
export const renewalSchema = z.strictObject({
  months: z.int().min(1).max(60),
  noticeDays: z.int().min(1).max(365),
  /** Last day of all renewals, UTC. */
  until: date,
});

/** A sum of money, in units of the currency. */
export const money = decimal.refine((text) => !text.startsWith('-'), 'must not be negative');

/** Who pays what for runs, and who receives it. */
export const priceSchema = z.strictObject({
  /** ISO 4217. */
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, like EUR'),
  /** For a run that opens its result; paid by whoever of `paidBy` starts it. */
  perRun: money.exactOptional(),
  /** For a calendar month that has begun; paid by each of `paidBy`. */
  perMonth: money.exactOptional(),
  paidBy: z.array(organisationId).min(1).max(5),
  /** Runs for these purposes cost nothing. */
  freeFor: z.array(purposeCode).min(1).exactOptional(),
  /** Percent of the revenue by owner of data, together 100. */
  split: z.record(organisationId, money),
});

const runs = z.int().min(0).max(1_000_000).exactOptional();

/** How many runs, in which time. */
export const runLimits = z.strictObject({
  /** A calendar day, UTC. */
  perDay: runs,
  /** A calendar month, UTC. */
  perMonth: runs,
  perTerm: runs,
});

/** Runs that an organisation may start, whatever they are. */
export const quotaSchema = z.record(organisationId, runLimits);

type Price = Frozen<z.output<typeof priceSchema>>;
type Quota = Frozen<z.output<typeof quotaSchema>>;
type Renewal = Frozen<z.output<typeof renewalSchema>>;
type Term = { readonly from: string; readonly until: string };

const percentScale = 18;

export function checkPrice(must: Must, price: Price, ids: readonly string[]): void {
  const { perRun, perMonth, paidBy, freeFor = [], split } = price;
  must(perRun !== undefined || perMonth !== undefined, 'price', 'is neither per run nor per month');
  must(distinct(paidBy), 'price.paidBy', 'names a party twice');
  must(distinct(freeFor), 'price.freeFor', 'names a purpose twice');
  for (const id of paidBy) must(ids.includes(id), 'price.paidBy', `${id} is not a party`);
  for (const id of Object.keys(split)) must(ids.includes(id), `price.split.${id}`, `${id} is not a party`);
  const sum = Object.values(split).reduce((total, percent) => total + scaledDecimal(percent, percentScale), 0n);
  must(sum === 100n * 10n ** BigInt(percentScale), 'price.split', 'the percentages do not sum to 100');
}

export function checkQuota(must: Must, quota: Quota, ids: readonly string[]): void {
  for (const [id, { perDay, perMonth, perTerm }] of Object.entries(quota)) {
    const at = `quota.${id}`;
    must(ids.includes(id), at, `${id} is not a party`);
    const limits = [perDay, perMonth, perTerm].filter((limit) => limit !== undefined);
    must(limits.length > 0, at, 'says nothing');
    const ascending = limits.every((limit, i) => i === 0 || limits[i - 1]! <= limit);
    must(ascending, at, 'allows fewer runs a longer time');
  }
}

export function checkRenewal(must: Must, renewal: Renewal, term: Term): void {
  must(renewal.until >= term.until, 'renewal.until', 'lies before term.until');
}

/**
 * The last day of a term, with its renewals.
 * @param notice the day on which the first party gave notice; null if none has
 */
export function lastDay(term: Term, renewal: Renewal | undefined, notice: string | null): string {
  if (renewal === undefined) return term.until;
  const { months, noticeDays, until: last } = renewal;
  let end = term.until;
  for (let i = 1; end < last; i++) {
    if (notice !== null && notice <= daysBefore(end, noticeDays)) return end;
    const next = monthsAfter(term.until, i * months);
    if (next > last) return last;
    end = next;
  }
  return end;
}

function daysBefore(day: string, days: number): string {
  return iso(Date.parse(day) - days * 86_400_000);
}

/** The same day so many months later; the last of that month where it has no such day. */
function monthsAfter(day: string, months: number): string {
  const [year, month, of] = day.split('-').map(Number) as [number, number, number];
  const lastOfMonth = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return iso(Date.UTC(year, month - 1 + months, Math.min(of, lastOfMonth)));
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/** The limit of a quota that is reached, like `20 runs a month`; undefined if one more run fits. @param used runs so far */
export function outsideQuota(
  { perDay, perMonth, perTerm }: Quota[string],
  used: { readonly day: number; readonly month: number; readonly term: number },
): string | undefined {
  const limits = [
    [perDay, used.day, 'runs a day'],
    [perMonth, used.month, 'runs a month'],
    [perTerm, used.term, 'runs of the term'],
  ] as const;
  const reached = limits.find(([limit, count]) => limit !== undefined && count >= limit);
  return reached && `${reached[0]} ${reached[2]}`;
}
