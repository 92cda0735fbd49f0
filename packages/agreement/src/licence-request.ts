import { fault } from '@symbolon/crypto';
import { z } from 'zod';
import { draftAgreement } from './agreement.ts';
import { money, renewalSchema, runLimits } from './commerce.ts';
import { scaledDecimal } from './decimal.ts';
import { checked, columnName, datasetName, date, type Frozen, line, organisationId, visibleText } from './fields.ts';
import type { Licence } from './licence.ts';
import { type Offer, offerHash } from './licence-offer.ts';
import { decimalOf } from './licence-sample.ts';
import { studyMethods } from './methods.ts';
import { purposeSchema } from './purpose.ts';
import type { Purpose } from './purposes.ts';
import type { Member } from './schema.ts';
import { joinSchema, type StudyTable } from './study-schema.ts';
import { templateSchema } from './template.ts';

const runs = z.int().min(1).max(10_000);

/** What a licensee asks for, as somebody writes it. What it does not say is as the entries of the catalogues have it. */
export const licenceRequestSchema = z.strictObject({
  title: line(120),
  keyService: organisationId,
  /** Entries; two with the same `as` are parts of one table, each with rows of its own. */
  offers: z
    .array(z.strictObject({ party: organisationId, name: datasetName, as: columnName.exactOptional() }))
    .min(1)
    .max(16),
  joins: z.array(joinSchema).max(64).exactOptional(),
  studies: z
    .array(z.strictObject({ name: datasetName, text: visibleText(16_384), maxRuns: runs }))
    .max(256)
    .exactOptional(),
  templates: z
    .array(templateSchema.omit({ to: true }))
    .min(1)
    .max(64)
    .exactOptional(),
  free: z
    .strictObject({ methods: z.array(z.enum(studyMethods)).min(1).exactOptional(), maxRuns: runs })
    .exactOptional(),
  purpose: purposeSchema,
  /** The sums of the entries, if absent. */
  price: z
    .strictObject({
      perRun: money.exactOptional(),
      perMonth: money.exactOptional(),
      split: z.record(organisationId, money).exactOptional(),
    })
    .exactOptional(),
  quota: runLimits.exactOptional(),
  term: z.strictObject({ from: date, until: date }),
  renewal: renewalSchema.exactOptional(),
});

/** See {@link licenceRequestSchema}. */
export type LicenceRequest = Frozen<z.output<typeof licenceRequestSchema>>;

/** Throws `request-invalid` naming the field. */
export function parseLicenceRequest(value: unknown): LicenceRequest {
  return checked(licenceRequestSchema, value, 'request-invalid', 'request');
}

/** What a request asks for without some of the owners: their entries, and the joins with tables that nobody holds then. */
export function withoutOwners(request: LicenceRequest, declined: readonly string[]): LicenceRequest {
  const offers = request.offers.filter(({ party }) => !declined.includes(party));
  const { joins, ...rest } = request;
  const tables = offers.map(tableName);
  const left = (joins ?? []).filter(({ hub, spoke }) => tables.includes(hub) && tables.includes(spoke));
  return parseLicenceRequest({ ...rest, offers, ...(left.length === 0 ? {} : { joins: left }) });
}

function tableName({ name, as }: LicenceRequest['offers'][number]): string {
  return as ?? name.replaceAll('-', '_');
}

/**
 * The licence that a request asks for. Who approves a study is for its owners: at the licensee nobody has to.
 *
 * @param offers those that the request names, in its order
 * @throws SymbolonError `request-invalid` where entries do not go together, `agreement-invalid`
 */
export function draftLicence(
  request: LicenceRequest,
  offers: readonly Offer[],
  members: { readonly licensee: Member; readonly owners: readonly Member[]; readonly keyService: Member },
): Licence {
  const { title, purpose, term, renewal, quota, joins = [], studies = [], templates, free } = request;
  const { licensee, owners, keyService } = members;
  const to = [licensee.id];
  const tables = tablesOf(request, offers);
  const methods = studyMethods.filter((method) => offers.every((offer) => offer.methods.includes(method)));
  const price = priceOf(request, offers, licensee.id);
  const limits = quota ?? commonQuota(offers);
  return draftAgreement({
    title,
    parties: [...owners, licensee],
    keyService,
    purpose,
    studies: {
      tables,
      joins,
      minPatients: Math.max(...offers.map(({ minPatients }) => minPatients)),
      list: studies.map((study) => ({ ...study, to })),
      ...(templates === undefined ? {} : { templates: templates.map((template) => ({ ...template, to })) }),
      ...(free === undefined ? {} : { free: { by: to, to, tables: Object.keys(tables), methods, ...free } }),
    },
    approvals: (['study', 'template', 'free'] as const).map((action) => ({ action, party: licensee.id, people: 0 })),
    pads: 'expanded',
    term,
    ...(renewal === undefined ? {} : { renewal }),
    ...(price === undefined ? {} : { price }),
    ...(limits === undefined ? {} : { quota: { [licensee.id]: limits } }),
    licence: { licensee: licensee.id, offers: offers.map((offer) => ({ party: offer.by, offer: offerHash(offer) })) },
  }) as Licence;
}

/** What an entry says of its table, but for who holds it. */
export function tableOf(offer: Offer): Omit<StudyTable, 'holders'> {
  const { patient, onePerPatient, rowsPerPatient, columns, rows } = offer;
  return {
    maxRows: rows.to,
    patient,
    ...(onePerPatient === undefined ? {} : { onePerPatient }),
    ...(rowsPerPatient === undefined ? {} : { rowsPerPatient }),
    columns,
  };
}

function tablesOf({ offers: named }: LicenceRequest, offers: readonly Offer[]): Licence['studies']['tables'] {
  const tables = new Map<string, StudyTable>();
  for (const [i, offer] of offers.entries()) {
    const name = tableName(named[i]!);
    const holder = { party: offer.by, dataset: offer.name };
    const [own, first] = [tableOf(offer), tables.get(name)];
    if (first === undefined) {
      tables.set(name, { holders: [holder], ...own });
      continue;
    }
    const { holders, maxRows, ...shape } = first;
    const { maxRows: ownRows, ...ownShape } = own;
    if (JSON.stringify(sorted(shape)) !== JSON.stringify(sorted(ownShape))) {
      throw fault('request-invalid', `${offer.name} of ${offer.by} has other columns than the rest of ${name}`, {
        culprit: name,
        hint: 'Give it another name with `as`.',
      });
    }
    tables.set(name, { holders: [...holders, holder], maxRows: Math.max(maxRows, ownRows), ...shape });
  }
  return Object.fromEntries(tables);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, own]) => [name, sorted(own)]),
  );
}

const scale = 18;
const scaled = (text: string | undefined): bigint => (text === undefined ? 0n : scaledDecimal(text, scale));

function priceOf(
  { price: wished = {} }: LicenceRequest,
  offers: readonly Offer[],
  licensee: string,
): Licence['price'] | undefined {
  const priced = offers.flatMap((offer) => (offer.price === undefined ? [] : [{ by: offer.by, ...offer.price }]));
  if (priced.length === 0) return undefined;
  const currencies = new Set(priced.map(({ currency }) => currency));
  if (currencies.size > 1) {
    throw fault(
      'request-invalid',
      `the entries are priced in ${[...currencies].join(' and ')}; ask for each by itself`,
    );
  }
  const total = (of: 'perRun' | 'perMonth'): string | undefined =>
    priced.some((one) => one[of] !== undefined)
      ? decimalOf(
          priced.reduce((sum, one) => sum + scaled(one[of]), 0n),
          scale,
        )
      : undefined;
  const sums = { perRun: wished.perRun ?? total('perRun'), perMonth: wished.perMonth ?? total('perMonth') };
  const free = (priced[0]!.freeFor ?? []).filter((code) => priced.every(({ freeFor = [] }) => freeFor.includes(code)));
  return {
    currency: priced[0]!.currency,
    ...(sums.perRun === undefined ? {} : { perRun: sums.perRun }),
    ...(sums.perMonth === undefined ? {} : { perMonth: sums.perMonth }),
    paidBy: [licensee],
    ...(free.length === 0 ? {} : { freeFor: free as Purpose[] }),
    split: wished.split ?? splitOf(priced),
  };
}

const percentDecimals = 4;

/** In the proportion of what the owners ask, to 4 decimals; what is left goes to who asks most, of equals to the first. */
function splitOf(priced: readonly { by: string; perRun?: string; perMonth?: string }[]): Record<string, string> {
  const owners = [...new Set(priced.map(({ by }) => by))];
  const weights = (of: 'perRun' | 'perMonth'): bigint[] =>
    owners.map((id) => priced.filter(({ by }) => by === id).reduce((sum, one) => sum + scaled(one[of]), 0n));
  const sum = (all: readonly bigint[]): bigint => all.reduce((one, other) => one + other, 0n);
  const [perRun, perMonth] = [weights('perRun'), weights('perMonth')];
  const [runTotal, monthTotal] = [sum(perRun), sum(perMonth)];
  const same = owners.every((_, i) => perRun[i]! * monthTotal === perMonth[i]! * runTotal);
  if (!same && runTotal > 0n && monthTotal > 0n) {
    throw fault(
      'request-invalid',
      'price.split: the owners ask other proportions for runs than for months; say the split',
      {
        culprit: 'price.split',
      },
    );
  }
  const [shares, total] = runTotal > 0n ? [perRun, runTotal] : [perMonth, monthTotal];
  const whole = 100n * 10n ** BigInt(percentDecimals);
  if (total === 0n) return { [owners[0]!]: '100' };
  const parts = shares.map((share) => (share * whole) / total);
  const most = shares.reduce((best, share, i) => (share > shares[best]! ? i : best), 0);
  parts[most]! += whole - sum(parts);
  return Object.fromEntries(
    owners.flatMap((id, i) => (parts[i] === 0n ? [] : [[id, decimalOf(parts[i]!, percentDecimals)]])),
  );
}

/** The least that any of the entries allows. */
function commonQuota(offers: readonly Offer[]): Offer['quota'] | undefined {
  const limited = offers.flatMap(({ quota }) => (quota === undefined ? [] : [quota]));
  if (limited.length === 0) return undefined;
  const least = (['perDay', 'perMonth', 'perTerm'] as const).flatMap((time) => {
    const limits = limited.flatMap((quota) => (quota[time] === undefined ? [] : [quota[time]]));
    return limits.length === 0 ? [] : [[time, Math.min(...limits)] as const];
  });
  // A longer time never allows fewer runs than a shorter one.
  for (let i = least.length - 2; i >= 0; i--) least[i] = [least[i]![0], Math.min(least[i]![1], least[i + 1]![1])];
  return Object.fromEntries(least);
}
