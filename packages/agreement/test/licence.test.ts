import { base64url, canonicalBytes, fromBase64url, generateSigningKey, insecureTestRng } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beyondOffers,
  draftLicence,
  type Licence,
  parseAgreement,
  parseLicenceRequest,
  parseOfferTerms,
  rowBand,
  sampleRows,
  scaledDecimal,
  signOffer,
  type UseStatement,
  usageOf,
  verifyOffer,
  withoutOwners,
} from '../src/index.ts';
import { decimalOf } from '../src/licence-sample.ts';

const terms = {
  name: 'visits',
  title: 'Visits',
  description: 'One row a patient.',
  patient: 'person',
  onePerPatient: true,
  columns: {
    person: { type: 'text', policy: 'join', required: true },
    visits: { type: 'number', policy: 'aggregate', min: '-1.5', max: '100', scale: 1 },
    born: { type: 'date', policy: 'group', min: '1900-01-01', max: '1900-01-03' },
    region: { type: 'text', policy: 'group', values: ['north', 'south'] },
    app: { type: 'boolean', policy: 'filter' },
  },
  methods: ['select'],
  minPatients: 5,
  purposes: ['HRESCH'],
  price: { currency: 'EUR', perRun: '1.25' },
};
const key = generateSigningKey(insecureTestRng('owner'));
const owner = { id: 'hospital', signingKey: base64url(key.publicKey) };
const entry = { by: 'hospital', rows: rowBand(4988), published: '2026-01-02T03:04:05Z' };

describe('an offer', () => {
  const document = signOffer(parseOfferTerms(terms), entry, key);

  test('is that of its owner, and says the power of ten of its rows', () => {
    const offer = verifyOffer(document, owner);
    expect(offer).toMatchObject({ by: 'hospital', rows: { from: 1000, to: 9999 } });
    expect(() => verifyOffer(document, { ...owner, id: 'insurer' })).toThrow(/signed an offer of hospital/);
    const other = base64url(generateSigningKey(insecureTestRng('other')).publicKey);
    expect(() => verifyOffer(document, { ...owner, signingKey: other })).toThrow();
    const payload = base64url(
      Buffer.from(Buffer.from(fromBase64url(document.payload)).toString().replace('1.25', '0.25')),
    );
    expect(() => verifyOffer({ ...document, payload }, owner)).toThrow();
    expect([0, 9, 10, 99, 100, 2 ** 31 - 1].map(rowBand)).toEqual([
      { from: 0, to: 9 },
      { from: 0, to: 9 },
      { from: 10, to: 99 },
      { from: 10, to: 99 },
      { from: 100, to: 999 },
      { from: 1_000_000_000, to: 2 ** 31 - 1 },
    ]);
  });

  test('has sample rows within its ranges, the same for everybody', () => {
    const offer = verifyOffer(document, owner);
    const rows = sampleRows(offer, 200);
    expect(sampleRows(verifyOffer(document, owner), 200)).toEqual(rows);
    for (const { visits, born, region, app, person } of rows) {
      expect(Number(visits)).toBeGreaterThanOrEqual(-1.5);
      expect(Number(visits)).toBeLessThanOrEqual(100);
      expect(born).toMatch(/^1900-01-0[123]$/);
      expect(['north', 'south']).toContain(region);
      expect(['true', 'false']).toContain(app);
      expect(person).toMatch(/^sample-\d+$/);
    }
    expect(new Set(rows.map(({ visits }) => visits)).size).toBeGreaterThan(50);
  });

  test.each([
    ['a column that is not there', { patient: 'nobody' }],
    ['ranges the wrong way', { columns: { ...terms.columns, visits: { ...terms.columns.visits, min: '200' } } }],
    ['a price of nothing', { price: { currency: 'EUR' } }],
    ['free for what it is not offered for', { price: { currency: 'EUR', perRun: '1', freeFor: ['TREAT'] } }],
    ['a negative price', { price: { currency: 'EUR', perRun: '-1' } }],
    [
      'who may learn it, which a catalogue cannot know',
      { columns: { ...terms.columns, app: { ...terms.columns.app, towards: ['x'] } } },
    ],
    ['an unknown field', { surplus: true }],
  ])('is refused with %s', (_, changed) => {
    expect(() => parseOfferTerms({ ...terms, ...changed })).toThrow(
      expect.objectContaining({ code: 'agreement-invalid' }),
    );
  });
});

const percents = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 4 }).map((weights) => {
  const whole = 1_000_000n;
  const sum = BigInt(weights.reduce((all, one) => all + one, 0));
  const parts = weights.map((weight) => (BigInt(weight) * whole) / sum);
  parts[0]! += whole - parts.reduce((all, one) => all + one, 0n);
  return parts;
});
const cents = fc.bigInt({ min: 0n, max: 10n ** 12n });

test('prices: totals and shares are those of plain arithmetic, to the last unit', () => {
  fc.assert(
    fc.property(
      percents,
      cents,
      fc.option(cents),
      fc.integer({ min: 0, max: 6 }),
      fc.array(fc.constantFrom('paid', 'free', 'owner', 'sealed'), { maxLength: 30 }),
      (parts, run, month, scale, kinds) => {
        const ids = parts.map((_, i) => `owner-${i}`);
        const perRun = decimalOf(run, scale);
        const licence = {
          licence: { licensee: 'researcher' },
          parties: [...ids, 'researcher'].map((id) => ({ id })),
          term: { from: '2026-01-01', until: '2026-12-31' },
          price: {
            currency: 'EUR',
            perRun,
            ...(month === null ? {} : { perMonth: decimalOf(month, scale) }),
            paidBy: ['researcher'],
            freeFor: ['PUBHLTH'],
            split: Object.fromEntries(ids.map((id, i) => [id, decimalOf(parts[i]!, 4)])),
          },
        } as unknown as Licence;
        const statements = kinds.map((kind, i) => runOf(i, kind));
        const usage = usageOf(licence, '2026-05', statements, null);
        const paid = BigInt(kinds.filter((kind) => kind === 'paid' || kind === 'sealed').length);
        // In units of 10^-scale, exactly; then half up to cents.
        const sum = paid * run + (month ?? 0n);
        expect(scaledDecimal(usage.sum, 18)).toBe(sum * 10n ** BigInt(18 - scale));
        const total = (sum * 100n * 2n + 10n ** BigInt(scale)) / (2n * 10n ** BigInt(scale));
        expect(scaledDecimal(usage.total, 2)).toBe(total);
        const shares = ids.map((id) => scaledDecimal(usage.split[id]!, 2));
        expect(shares.reduce((all, one) => all + one, 0n)).toBe(total);
        // Nobody is more than one unit from its exact percentage.
        for (const [i, share] of shares.entries()) {
          const exact = total * parts[i]!;
          expect(share * 1_000_000n - exact).toBeLessThan(1_000_000n);
          expect(exact - share * 1_000_000n).toBeLessThan(1_000_000n);
        }
      },
    ),
    { numRuns: 300 },
  );
});

function runOf(i: number, kind: string): UseStatement {
  const date = `2026-05-${String((i % 28) + 1).padStart(2, '0')}T00:00:00Z`;
  const purpose = kind === 'free' ? 'PUBHLTH' : null;
  if (kind === 'sealed') {
    return {
      kind: 'sealed-run',
      name: 't',
      question: 'h',
      released: `r-${i}`,
      date,
      purpose,
    } as unknown as UseStatement;
  }
  return {
    kind: 'study-run',
    attempt: `attempt-${i}`,
    study: 's',
    studyHash: 'h',
    initiator: kind === 'owner' ? 'owner-0' : 'researcher',
    ...{ date, purpose },
  } as unknown as UseStatement;
}

test('months: charged from the first of the term to the last, or to the end of the licence', () => {
  const licence = {
    parties: [{ id: 'hospital' }, { id: 'researcher' }],
    term: { from: '2026-02-20', until: '2026-11-03' },
    price: { currency: 'JPY', perMonth: '99.5', paidBy: ['researcher'], split: { hospital: '100' } },
  } as unknown as Licence;
  const fee = (month: string, ended: string | null = null) => usageOf(licence, month, [], ended).total;
  expect(['2026-01', '2026-02', '2026-06', '2026-11', '2026-12'].map((month) => fee(month))).toEqual([
    ...['0', '100', '100', '100', '0'],
  ]);
  expect(['2026-05', '2026-06'].map((month) => fee(month, '2026-05-31'))).toEqual(['100', '0']);
  const renewed = { ...licence, renewal: { months: 6, noticeDays: 30, until: '2027-12-31' } } as Licence;
  expect(usageOf(renewed, '2027-03', [], null).fee).toBe('99.5');
});

test('an attempt that is stated twice is not paid twice', () => {
  const licence = {
    parties: [{ id: 'hospital' }, { id: 'researcher' }],
    term: { from: '2026-01-01', until: '2026-12-31' },
    price: { currency: 'EUR', perRun: '1', paidBy: ['researcher'], split: { hospital: '100' } },
  } as unknown as Licence;
  expect(() => usageOf(licence, '2026-05', [runOf(1, 'paid'), runOf(1, 'paid')], null)).toThrow(
    expect.objectContaining({ code: 'peer-disagrees' }),
  );
});

describe('a licence', () => {
  const member = (id: string) => {
    const keyOf = (of: string) => base64url(generateSigningKey(insecureTestRng(`${id} ${of}`)).publicKey);
    const [organisationKey, recoveryKey, signingKey, logKey] = ['a', 'b', 'c', 'd'].map(keyOf) as [
      string,
      string,
      string,
      string,
    ];
    return { id, name: `The ${id}`, organisationKey, recoveryKey, signingKey, logKey };
  };
  const offers = ['hospital', 'clinic'].map((by) =>
    verifyOffer(
      signOffer(parseOfferTerms({ ...terms, quota: { perDay: by === 'clinic' ? 2 : 9 } }), { ...entry, by }, key),
      { ...owner, id: by },
    ),
  );
  const request = parseLicenceRequest({
    title: 'Visits',
    keyService: 'keys',
    offers: [
      { party: 'hospital', name: 'visits', as: 'v' },
      { party: 'clinic', name: 'visits', as: 'v' },
    ],
    studies: [{ name: 'all', text: 'SELECT COUNT(*) AS n FROM v', maxRuns: 5 }],
    purpose: { text: 'Research', uses: ['HRESCH'], legalBasis: ['GDPR 6(1)(e)', 'GDPR 9(2)(j)'] },
    term: { from: '2026-01-01', until: '2026-12-31' },
  });
  const licence = draftLicence(request, offers, {
    licensee: member('researcher'),
    owners: [member('hospital'), member('clinic')],
    keyService: member('keys'),
  });
  const changed = (change: object): Licence => {
    const fields = Object.entries({ ...licence, ...change }).filter(([, value]) => value !== undefined);
    return parseAgreement(canonicalBytes(Object.fromEntries(fields))) as Licence;
  };

  test('joins the entries: one table, the sum of prices, the strictest quota', () => {
    expect(licence.studies.tables.v!.holders.map(({ party }) => party)).toEqual(['hospital', 'clinic']);
    expect(licence.price).toMatchObject({
      perRun: '2.5',
      paidBy: ['researcher'],
      split: { hospital: '50', clinic: '50' },
    });
    expect(licence.quota).toEqual({ researcher: { perDay: 2 } });
    for (const own of ['hospital', 'clinic']) expect(beyondOffers(licence, own, offers, ['select'])).toEqual([]);
    const alone = withoutOwners(request, ['clinic']);
    expect(alone.offers).toEqual([request.offers[0]]);
    expect(() => withoutOwners(request, ['clinic', 'hospital'])).toThrow(
      expect.objectContaining({ culprit: 'offers' }),
    );
  });

  test.each([
    ['a licensee who is no party', { licence: { ...licence.licence, licensee: 'nobody' } }],
    ['an owner without an entry', { licence: { ...licence.licence, offers: licence.licence.offers.slice(1) } }],
    [
      'an entry twice',
      { licence: { ...licence.licence, offers: [...licence.licence.offers, licence.licence.offers[0]] } },
    ],
    ['an owner who pays', { price: { ...licence.price, paidBy: ['hospital'] } }],
    ['a licensee who is paid', { price: { ...licence.price, split: { researcher: '100' } } }],
    ['a quota of an owner', { quota: { hospital: { perDay: 1 } } }],
  ])('is refused with %s', (_, change) => {
    expect(() => changed(change)).toThrow(expect.objectContaining({ code: 'agreement-invalid' }));
  });

  test.each([
    ['another purpose', { purpose: { ...licence.purpose, uses: ['HMARKT'] } }, /not offered for marketing/],
    ['fewer patients', { studies: { ...licence.studies, minPatients: 1 } }, /asks for 5/],
    ['no price', { price: undefined }, /price a run is less/],
    ['a smaller part', { price: { ...licence.price, split: { hospital: '49', clinic: '51' } } }, /price a run is less/],
    ['free runs', { price: { ...licence.price, freeFor: ['HRESCH'] } }, /would be free/],
    ['no quota', { quota: undefined }, /not any number/],
    [
      'a column that is not offered',
      {
        studies: {
          ...licence.studies,
          tables: {
            v: {
              ...licence.studies.tables.v,
              columns: { ...licence.studies.tables.v!.columns, name: { type: 'text', policy: 'group', values: ['x'] } },
            },
          },
        },
      },
      /v\.name is not in the entry/,
    ],
  ] as const)('goes beyond the catalogue with %s', (_, change, words) => {
    expect(beyondOffers(changed(change), 'hospital', offers, ['select']).join()).toMatch(words);
  });

  test('goes beyond the catalogue with another method, and with an entry that has changed', () => {
    expect(beyondOffers(licence, 'hospital', offers, ['survival'])).toEqual([
      'visits is not offered for the method survival',
    ]);
    const dearer = { ...offers[0]!, price: { currency: 'EUR', perRun: '9' } };
    expect(beyondOffers(licence, 'hospital', [dearer], ['select']).join()).toMatch(/not in the catalogue now/);
  });
});
