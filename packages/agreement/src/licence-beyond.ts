import { base64url, canonicalBytes } from '@symbolon/crypto';
import { scaledDecimal } from './decimal.ts';
import type { Licence } from './licence.ts';
import { type Offer, offerHash } from './licence-offer.ts';
import { tableOf } from './licence-request.ts';
import type { StudyMethod } from './methods.ts';
import { purposes } from './purposes.ts';

/**
 * Where a licence asks for more, or gives less, than an owner's catalogue says: a line each; none where it keeps to it. The owner may still sign.
 *
 * @param own id of the owner
 * @param offers the entries of its catalogue, as they stand now
 * @param methods of the listed studies and templates
 */
export function beyondOffers(
  licence: Licence,
  own: string,
  offers: readonly Offer[],
  methods: readonly StudyMethod[],
): string[] {
  const asked = licence.licence.offers.filter(({ party }) => party === own).map(({ offer }) => offer);
  const named = offers.filter((offer) => asked.includes(offerHash(offer)));
  const gone = asked.filter((hash) => !offers.some((offer) => offerHash(offer) === hash));
  return [
    ...gone.map((hash) => `it names the entry ${hash.slice(0, 8)}, which is not in the catalogue now`),
    ...(licence.outsourcing?.owner === own
      ? ['it has questions computed on encrypted tables, and a catalogue offers none']
      : []),
    ...tableLines(licence, own, named),
    ...named.flatMap((offer) => [
      ...useLines(licence, offer, [...methods, ...(licence.studies.free?.methods ?? [])]),
      ...quotaLines(licence, offer),
    ]),
    ...priceLines(licence, own, named),
  ];
}

function tableLines({ studies }: Licence, own: string, offers: readonly Offer[]): string[] {
  return Object.entries(studies.tables).flatMap(([name, { holders, columns, ...table }]) =>
    holders
      .filter(({ party }) => party === own)
      .flatMap(({ dataset }) => {
        const offer = offers.find((one) => one.name === dataset);
        if (offer === undefined) return [`it uses the data set ${dataset}, without an entry of the catalogue`];
        const offered = tableOf(offer);
        const beyond = Object.entries(columns).filter(([column, is]) => !same(is, offered.columns[column]));
        const { patient, onePerPatient, rowsPerPatient } = table;
        const shape = { patient, onePerPatient, rowsPerPatient };
        const isShape = same(shape, {
          patient: offered.patient,
          onePerPatient: offered.onePerPatient,
          rowsPerPatient: offered.rowsPerPatient,
        });
        return [
          ...beyond.map(([column]) => `${name}.${column} is not in the entry ${dataset}, or not like this`),
          ...(isShape ? [] : [`${name} says other things of its rows than the entry ${dataset}`]),
        ];
      }),
  );
}

function useLines({ studies, purpose }: Licence, offer: Offer, methods: readonly StudyMethod[]): string[] {
  const { name, minPatients } = offer;
  const wanted = purpose?.uses ?? [];
  const other = wanted.filter((code) => !offer.purposes.includes(code)).map((code) => purposes[code]);
  const unknown = [...new Set(methods)].filter((method) => !offer.methods.includes(method));
  return [
    ...(studies.minPatients < minPatients
      ? [`values open with ${studies.minPatients} patients behind them; ${name} asks for ${minPatients}`]
      : []),
    ...(wanted.length === 0 ? [`it says no purpose; ${name} is for some only`] : []),
    ...other.map((words) => `${name} is not offered for ${words}`),
    ...unknown.map((method) => `${name} is not offered for the method ${method}`),
  ];
}

function quotaLines({ quota = {}, licence: { licensee } }: Licence, offer: Offer): string[] {
  const limits = quota[licensee] ?? {};
  const words = { perDay: 'a day', perMonth: 'a month', perTerm: 'over the term' } as const;
  return (['perDay', 'perMonth', 'perTerm'] as const).flatMap((time) => {
    const [most, asked] = [offer.quota?.[time], limits[time]];
    if (most === undefined || (asked !== undefined && asked <= most)) return [];
    return [`${offer.name} is offered for ${most} runs ${words[time]}, not ${asked ?? 'any number'}`];
  });
}

const scale = 18;
const scaled = (text: string | undefined): bigint => (text === undefined ? 0n : scaledDecimal(text, scale));

/** Whether the owner's part of the price is what its entries ask, or more. */
function priceLines({ price }: Licence, own: string, offers: readonly Offer[]): string[] {
  const priced = offers.flatMap((offer) => (offer.price === undefined ? [] : [offer.price]));
  if (priced.length === 0) return [];
  const percent = scaled(price?.split[own]);
  // A split says percentages to some decimals: 0.0001 of one is not less.
  const least = (sum: bigint, of: 'perRun' | 'perMonth'): boolean =>
    scaled(price?.[of]) * (percent + scaled('0.0001')) >= sum * scaled('100');
  const words = { perRun: 'a run', perMonth: 'a month' } as const;
  const lines = (['perRun', 'perMonth'] as const).flatMap((of) => {
    const sum = priced.reduce((all, one) => all + scaled(one[of]), 0n);
    return sum === 0n || least(sum, of) ? [] : [`the own part of the price ${words[of]} is less than the entries ask`];
  });
  const currencies = new Set(priced.map(({ currency }) => currency));
  const paid = price === undefined || currencies.has(price.currency) ? [] : [`it is paid in ${price.currency}`];
  const free = (price?.freeFor ?? []).filter((code) => !priced.every(({ freeFor = [] }) => freeFor.includes(code)));
  return [...lines, ...paid, ...free.map((code) => `runs for ${purposes[code]} would be free`)];
}

function same(one: unknown, other: unknown): boolean {
  const text = (value: unknown): string => base64url(canonicalBytes(JSON.parse(JSON.stringify(value ?? null))));
  return text(one) === text(other);
}
