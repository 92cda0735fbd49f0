import { fault, unverifiedPayload } from '@symbolon/crypto';
import { lastDay } from './commerce.ts';
import { scaledDecimal } from './decimal.ts';
import type { Licence } from './licence.ts';
import { decimalOf } from './licence-sample.ts';
import type { Purpose } from './purposes.ts';
import { type SealedStatement, verifySealedStatement } from './sealed-statement.ts';
import type { VerifiedAgreement } from './signing.ts';
import { type StudyStatement, verifyStudyStatement } from './study-statement.ts';

/** What is stated of a run under a licence: of a study by all its parties, of a question to an encrypted table by the table's owner alone. */
export type UseStatement = StudyStatement | SealedStatement;

/** The statement of a run under `licence`. Throws as {@link verifyStudyStatement} and {@link verifySealedStatement}. */
export function verifyUseStatement(document: unknown, licence: VerifiedAgreement): UseStatement {
  const { kind } = unverifiedPayload(document) as { readonly kind?: unknown };
  return kind === 'sealed-run' ? verifySealedStatement(document, licence) : verifyStudyStatement(document, licence);
}

/** Names a run: of a question to an encrypted table by the salted hash of what it released. */
export function useId(statement: UseStatement): string {
  return statement.kind === 'study-run' ? statement.attempt : statement.released;
}

/** A run under a licence, by its statement. */
export interface LicenceUse {
  /** See {@link useId}. */
  readonly attempt: string;
  /** Its name; of a question to an encrypted table the name of the table. */
  readonly study: string;
  readonly studyHash: string;
  /** Of a question to an encrypted table. */
  readonly sealed?: true;
  /** Null in statements that do not say. */
  readonly initiator: string | null;
  readonly purpose: Purpose | null;
  /** Moment, UTC. */
  readonly date: string;
  /** What it costs. */
  readonly amount: string;
}

/** What a licence came to in a month. Amounts are decimals in units of the currency. */
export interface LicenceUsage {
  /** YYYY-MM, UTC. */
  readonly month: string;
  /** Null where nothing is paid. */
  readonly currency: string | null;
  readonly runs: readonly LicenceUse[];
  /** For the month itself. */
  readonly fee: string;
  /** The sum of the runs and the fee, exact. */
  readonly sum: string;
  /** What is paid: the sum, rounded half up to the smallest unit of the currency, once. */
  readonly total: string;
  /** What each owner receives of it; together the total. */
  readonly split: Readonly<Record<string, string>>;
}

const scale = 18;
const one = 10n ** BigInt(scale);
const exact = (text: string): bigint => scaledDecimal(text, scale);

/**
 * What a licence comes to in a month, from the signed statements of its runs alone.
 *
 * - A run costs the price of a run if whoever pays started it, and nothing if its stated purpose is free. Questions to encrypted tables are the
 *   licensee's, whoever of the owner's people runs them.
 * - A month costs its fee once it has begun, if a day of it lies in the term and before the end of the licence.
 * - The total is rounded once. Of it each owner receives its percentage, rounded down to the smallest unit; the units that are left go one each to the
 *   owners whose percentage was cut most, of equals to the one that the agreement lists first.
 *
 * @param statements of the licence, verified; those of other months are left out
 * @param ended YYYY-MM-DD, the last day of one that was revoked or replaced, or is not to be renewed; else null
 * @throws SymbolonError `peer-disagrees` where an attempt is stated twice
 */
export function usageOf(
  licence: Pick<Licence, 'licence' | 'price' | 'term' | 'renewal' | 'parties'>,
  month: string,
  statements: readonly UseStatement[],
  ended: string | null,
): LicenceUsage {
  const { price } = licence;
  const own = statements.filter(({ date }) => date.slice(0, 7) === month);
  const attempts = new Set(own.map(useId));
  if (attempts.size < own.length) throw fault('peer-disagrees', 'an attempt is stated twice');
  const runs = own
    .map((statement) => useOf(licence, statement))
    .sort((a, b) => (`${a.date} ${a.attempt}` < `${b.date} ${b.attempt}` ? -1 : 1));
  const fee = feeOf(licence, month, ended);
  const sum = runs.reduce((all, { amount }) => all + exact(amount), fee);
  const decimals = price === undefined ? 2 : minorDecimals(price.currency);
  const unit = one / 10n ** BigInt(decimals);
  const units = (sum + unit / 2n) / unit;
  return {
    month,
    currency: price?.currency ?? null,
    runs,
    fee: decimalOf(fee, scale),
    sum: decimalOf(sum, scale),
    total: decimalOf(units, decimals),
    split: Object.fromEntries(
      [...splitUnits(licence, units)].map(([id, share]) => [id, decimalOf(share, decimals)] as const),
    ),
  };
}

function useOf({ price, licence }: Pick<Licence, 'price' | 'licence'>, statement: UseStatement): LicenceUse {
  const { date, purpose = null } = statement;
  const use =
    statement.kind === 'study-run'
      ? { study: statement.study, studyHash: statement.studyHash, initiator: statement.initiator ?? null }
      : {
          ...{ study: statement.name, studyHash: statement.question, initiator: licence.licensee },
          sealed: true as const,
        };
  const pays = price?.perRun !== undefined && use.initiator !== null && price.paidBy.includes(use.initiator);
  const free = purpose !== null && (price?.freeFor ?? []).includes(purpose);
  return { attempt: useId(statement), ...use, purpose, date, amount: pays && !free ? price.perRun : '0' };
}

function feeOf(
  { price, term, renewal }: Pick<Licence, 'price' | 'term' | 'renewal'>,
  month: string,
  ended: string | null,
): bigint {
  if (price?.perMonth === undefined) return 0n;
  const end = lastDay(term, renewal, null);
  const last = ended !== null && ended < end ? ended : end;
  const charged = month >= term.from.slice(0, 7) && month <= last.slice(0, 7);
  return charged ? exact(price.perMonth) * BigInt(price.paidBy.length) : 0n;
}

function splitUnits({ price, parties }: Pick<Licence, 'price' | 'parties'>, units: bigint): Map<string, bigint> {
  const owners = parties.map(({ id }) => id).filter((id) => Object.hasOwn(price?.split ?? {}, id));
  const whole = 100n * one;
  const parts = owners.map((id) => {
    const product = units * exact(price!.split[id]!);
    return { id, share: product / whole, cut: product % whole };
  });
  const left = Number(units - parts.reduce((all, { share }) => all + share, 0n));
  // A stable sort: of equals the first stays the first.
  const most = parts
    .toSorted((a, b) => (a.cut > b.cut ? -1 : a.cut < b.cut ? 1 : 0))
    .slice(0, owners.length === 0 ? 0 : left);
  return new Map(parts.map((part) => [part.id, part.share + (most.includes(part) ? 1n : 0n)]));
}

// ISO 4217: currencies whose smallest unit is not a hundredth.
const withoutDecimals = /^(BIF|CLP|DJF|GNF|ISK|JPY|KMF|KRW|PYG|RWF|UGX|VND|VUV|XAF|XOF|XPF)$/;
const threeDecimals = /^(BHD|IQD|JOD|KWD|LYD|OMR|TND)$/;

function minorDecimals(currency: string): number {
  if (withoutDecimals.test(currency)) return 0;
  return threeDecimals.test(currency) ? 3 : 2;
}
