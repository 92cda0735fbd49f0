import {
  base64url,
  canonicalBytes,
  fromUtf8,
  generateSigningKey,
  insecureTestRng,
  signDocument,
  utf8,
} from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  agreementHash,
  cosignAgreement,
  draftAgreement,
  linkTerms,
  memberOf,
  normalisations,
  parseAgreement,
  requireCards,
  requireSigned,
  scaledBounds,
  scaledDecimal,
  signAgreement,
  verifyAgreement,
} from '../src/index.ts';
import { agreement, hospital, insurer, keys, terms, testOrganisation } from './samples.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
type Tree = { [key: string]: Tree };

/** The sample with the field at `path` set, or removed if `value` is undefined. */
function changed(path: string, value: unknown): Uint8Array {
  const copy = structuredClone(agreement) as unknown as Tree;
  const steps = path.split('.');
  const last = steps.pop()!;
  const parent = steps.reduce((node, step) => node[step]!, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value as Tree;
  return canonicalBytes(copy);
}

describe('parseAgreement', () => {
  test('gives back what was drafted, frozen all the way down', () => {
    expect(agreement).toMatchObject({ kind: 'agreement', version: 1, predecessor: null, ...terms });
    expect(parseAgreement(canonicalBytes(agreement))).toEqual(agreement);
    expect(() => Object.assign(agreement.tables.a.columns.name!, { maxLength: 99 })).toThrow(TypeError);
    expect(() => (agreement.parties as unknown[]).push(1)).toThrow(TypeError);
  });

  const party = memberOf(insurer.card);
  const key = 'a.name = b.name';
  const column = 'tables.b.columns.weight';
  const cases: [string, unknown, string][] = [
    ['kind', 'card', 'kind'],
    ['version', 2, 'version'],
    ['title', '', 'title'],
    ['title', 'two\nlines', 'title'],
    ['title', 'right\u202eto left', 'title'],
    ['title', ' space', 'title'],
    ['extra', 1, 'agreement'],
    ['predecessor', undefined, 'predecessor'],
    ['predecessor', 'abc', 'predecessor'],
    ['parties', [party], 'parties'],
    ['parties', Array(6).fill(party), 'parties'],
    ['parties', [party, party], 'parties'],
    ['parties.0.id', 'Insurer', 'parties.0.id'],
    ['parties.0.signingKey', agreement.parties[1]!.signingKey, 'parties'],
    ['parties.0.signingKey', agreement.parties[0]!.logKey, 'parties'],
    ['parties.0.signingKey', base64url(new Uint8Array(32)), 'parties.0.signingKey'],
    ['parties.0.signingKey', base64url(new Uint8Array(31)), 'parties.0.signingKey'],
    ['parties.0.signingKey', 'x', 'parties.0.signingKey'],
    ['parties.0.name', agreement.parties[1]!.name, 'parties'],
    ['keyService', { ...agreement.keyService, id: 'insurer' }, 'parties'],
    ['tables.a.party', 'stranger', 'tables.a.party'],
    ['tables.b.party', 'insurer', 'tables.b.party'],
    ['tables.a.key', 'nothing', 'tables.a.key'],
    ['tables.a.key', 'toString', 'tables.a.key'],
    ['tables.a.maxRows', 0, 'tables.a.maxRows'],
    ['tables.a.columns', {}, 'tables.a.columns'],
    ['tables.a.columns.Name', { type: 'date' }, 'tables.a.columns.Name'],
    ['tables.a.columns.name.type', 'varchar', 'tables.a.columns.name.type'],
    ['tables.a.columns.name.maxLength', undefined, 'tables.a.columns.name.maxLength'],
    ['tables.a.columns.name.normalise', ['lower', 'nfkd'], 'tables.a.columns.name.normalise'],
    ['tables.a.columns.name.normalise', ['lower', 'lower'], 'tables.a.columns.name.normalise'],
    ['tables.a.columns.name.normalise', ['soundex'], 'tables.a.columns.name.normalise.0'],
    ['tables.a.columns.name.alphabet', 'aba', 'tables.a.columns.name.alphabet'],
    ['tables.a.columns.name.scale', 1, 'tables.a.columns.name'],
    [`${column}.min`, '0.05', `${column}.min`],
    [`${column}.min`, '-0', `${column}.min`],
    [`${column}.min`, '1e3', `${column}.min`],
    [`${column}.max`, '-1', `${column}.max`],
    [`${column}.max`, '4611686018427387904', column],
    [`${column}.max`, undefined, `${column}.max`],
    ['link.rule', '', 'link.rule'],
    ['link.rule', 'a.x = \u200bb.x', 'link.rule'],
    ['link.reveal', 'all', 'link.reveal'],
    ['link.to', [], 'link.to'],
    ['link.to', ['keys'], 'link.to'],
    ['link.to', ['insurer', 'insurer'], 'link.to'],
    ['link.maxRuns', 0, 'link.maxRuns'],
    ['link.blocking', {}, 'link.blocking.keys'],
    ['link.blocking', { keys: [key], cap: 2, seed: 1 }, 'link.blocking'],
    ['link.blocking', { keys: [key] }, 'link.blocking.cap'],
    ['link.blocking', { keys: [key], cap: 0 }, 'link.blocking.cap'],
    ['link.blocking', { keys: [key], cap: 17 }, 'link.blocking.cap'],
    ['link.blocking', { keys: [], cap: 2 }, 'link.blocking.keys'],
    ['link.blocking', { keys: Array.from({ length: 17 }, (_, i) => `${key}${i}`), cap: 2 }, 'link.blocking.keys'],
    ['link.blocking', { keys: [key, key], cap: 2 }, 'link.blocking.keys'],
    ['link.blocking', { keys: ['a.x = \u200bb.x'], cap: 2 }, 'link.blocking.keys.0'],
    ['link.blocking', null, 'link.blocking'],
    ['link.cardinality', 'one-to-many', 'link.cardinality'],
    ['link.prefer', 'last', 'link.prefer'],
    ['link.prefer', 'first', 'link.prefer'],
    ['pads', 'none', 'pads'],
    ['term.from', '2026-02-30', 'term.from'],
    ['term.from', '2028-01-01', 'term.until'],
    ['term.until', '2027-10-31T00:00:00Z', 'term.until'],
  ];
  test.each(cases)('%s = %j is refused and named', (path, value, culprit) => {
    const payload = changed(path, value);
    expect(() => parseAgreement(payload)).toThrow(
      expect.objectContaining({ code: 'agreement-invalid', culprit, message: expect.stringContaining(`${culprit}: `) }),
    );
  });

  test('says which pairs are compared, which count, and who learns what', () => {
    const blocking = { keys: [key, 'left(a.name, 3) = left(b.name, 3)'], cap: 16 };
    const link = { blocking, cardinality: 'one-to-one', prefer: 'best', reveal: 'count', to: ['hospital'] } as const;
    const drafted = draftAgreement({ ...terms, link: { ...terms.link, ...link } });
    expect(parseAgreement(canonicalBytes(drafted)).link).toEqual({ ...terms.link, ...link });
    expect(linkTerms(drafted)).toMatchObject({ rule: key, ...link });
    expect(linkTerms(agreement)).toEqual({
      rule: key,
      reveal: 'pairs',
      to: ['insurer', 'hospital'],
      cardinality: 'many-to-many',
      prefer: 'first',
    });
  });

  test('bytes that are not canonical are refused', () => {
    expect(() => parseAgreement(utf8(JSON.stringify(agreement, null, 1)))).toThrow(code('not-canonical'));
    expect(() => parseAgreement(utf8(`${fromUtf8(canonicalBytes(agreement))}\n`))).toThrow(code('not-canonical'));
  });

  test('every ordered subset of the normalisations is accepted', () => {
    for (let set = 0; set < 2 ** normalisations.length; set++) {
      const steps = normalisations.filter((_, i) => set & (1 << i));
      expect(() => parseAgreement(changed('tables.a.columns.name.normalise', steps))).not.toThrow();
    }
  });
});

test('decimals scale exactly', () => {
  expect(scaledBounds({ type: 'number', min: '-12.5', max: '400', scale: 2 })).toEqual({ min: -1250n, max: 40000n });
  expect(scaledBounds({ type: 'number', min: '0', max: '9007199254740993' })).toEqual({
    min: 0n,
    max: 9007199254740993n,
  });
  expect(scaledDecimal('-0.5', 1)).toBe(-5n);
  for (const text of ['', '1.', '.5', '+1', '01', '-0', '-0.00', '1.23', ' 1', '1e2']) {
    expect(() => scaledDecimal(text, 1)).toThrow(code('data-malformed'));
  }
});

describe('signing', () => {
  const one = signAgreement(agreement, hospital.signing);
  const both = cosignAgreement(one, insurer.signing);

  test('names who has signed and who has not', () => {
    expect(verifyAgreement(one)).toMatchObject({
      hash: agreementHash(agreement),
      signedBy: ['hospital'],
      missing: ['insurer'],
    });
    expect(verifyAgreement(both)).toMatchObject({
      hash: agreementHash(agreement),
      signedBy: ['insurer', 'hospital'],
      missing: [],
    });
    expect(requireSigned(verifyAgreement(both))).toEqual(agreement);
    expect(() => requireSigned(verifyAgreement(one))).toThrow(
      expect.objectContaining({ code: 'agreement-unsigned', culprit: 'insurer' }),
    );
  });

  test('only a signing key of a party signs', () => {
    for (const key of [insurer.organisation, keys.signing, generateSigningKey(insecureTestRng('stranger'))]) {
      expect(() => signAgreement(agreement, key)).toThrow(code('document-signer'));
      expect(() => cosignAgreement(one, key)).toThrow(code('document-signer'));
      const forced = signDocument('symbolon-agreement', agreement, key);
      expect(() => verifyAgreement(forced)).toThrow(code('document-signer'));
    }
  });

  test('a changed agreement loses its signatures', () => {
    const other = draftAgreement({ ...terms, title: 'Another' });
    const cheat = { payload: signAgreement(other, insurer.signing).payload, signatures: both.signatures };
    expect(() => verifyAgreement(cheat)).toThrow(code('bad-signature'));
    expect(() => cosignAgreement(cheat, insurer.signing)).toThrow(code('bad-signature'));
    expect(() => verifyAgreement(signDocument('symbolon-card', agreement, insurer.signing))).toThrow(
      code('document-type'),
    );
  });

  test('members are held against their cards', async () => {
    const cards = [insurer.card, hospital.card, keys.card];
    expect(() => requireCards(agreement, cards)).not.toThrow();
    expect(() => requireCards(agreement, cards.slice(1))).toThrow(
      expect.objectContaining({ code: 'unknown-organisation', culprit: 'insurer' }),
    );
    const impostor = await testOrganisation('someone');
    const forged = draftAgreement({
      ...terms,
      parties: [{ ...terms.parties[0]!, signingKey: impostor.card.signingKey }, terms.parties[1]!],
    });
    expect(() => requireCards(forged, cards)).toThrow(
      expect.objectContaining({ code: 'agreement-altered', culprit: 'insurer' }),
    );
    const swapped = draftAgreement({ ...terms, keyService: memberOf(impostor.card) });
    expect(() => requireCards(swapped, [...cards, impostor.card])).toThrow(
      expect.objectContaining({ code: 'agreement-altered', culprit: 'someone' }),
    );
  });
});
