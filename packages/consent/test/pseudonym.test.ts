import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { fromHex, hex, insecureTestRng, utf8 } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  blindInput,
  blindWith,
  deriveKey,
  evaluateBlinded,
  finalize,
  type Identifier,
  identityText,
  oprfReady,
  saltedPseudonym,
} from '../src/index.ts';

beforeAll(() => oprfReady);

describe('OPRF', () => {
  // RFC 9497, appendix A.1.1.
  const key = fromHex('5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e');
  const blind = fromHex('64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706');

  test('is that of RFC 9497', () => {
    expect(deriveKey(fromHex('a3'.repeat(32)), utf8('test key'))).toEqual(key);
    const element = blindWith(fromHex('00'), blind);
    expect(hex(element)).toBe('609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c');
    const evaluated = evaluateBlinded(key, element);
    expect(hex(evaluated)).toBe('7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e');
    expect(hex(finalize(fromHex('00'), blind, evaluated))).toBe(
      '527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6',
    );
  });

  test('gives what another implementation gives, whatever the blind', () => {
    const rng = insecureTestRng('oprf');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (input) => {
        const { blind: own, element } = blindInput(input, rng);
        const output = finalize(input, own, evaluateBlinded(key, element));
        const other = ristretto255_oprf.oprf.blind(input);
        const evaluated = ristretto255_oprf.oprf.blindEvaluate(key, other.blinded);
        expect(output).toEqual(ristretto255_oprf.oprf.finalize(input, other.blind, evaluated));
      }),
      { numRuns: 10 },
    );
  });

  test('refuses bytes that are no element', () => {
    const bad = ['00'.repeat(32), 'ff'.repeat(32), '00', '01'.repeat(32)];
    for (const element of bad) {
      expect(() => evaluateBlinded(key, fromHex(element))).toThrow(expect.objectContaining({ code: 'frame-shape' }));
      expect(() => finalize(utf8('x'), blind, fromHex(element))).toThrow(
        expect.objectContaining({ code: 'frame-shape' }),
      );
    }
  });
});

describe('identities', () => {
  const identifiers: Identifier[] = [
    { field: 'lastName', as: 'name' },
    { field: 'firstName', as: 'name' },
    { field: 'birthDate', as: 'date' },
  ];
  const of = (lastName: string, firstName: string, birthDate = '1950-03-02') =>
    identityText(identifiers, { lastName, firstName, birthDate });

  test('spellings that mean the same are one, others are not', () => {
    expect(of('Müller-Lüdenscheid ', 'Änne')).toBe(of('MULLER LUDENSCHEID', 'anne'));
    expect(of('Øster', 'Søren')).toBe(of('Oester', 'Soeren'));
    expect(of('Weiß', 'Łukasz')).toBe(of('WEISS', 'LUKASZ'));
    expect(of('Ming', 'Li')).not.toBe(of('Li', 'Ming'));
    expect(of('a', 'bc')).not.toBe(of('ab', 'c'));
  });

  test('no two people share a text', () => {
    const name = fc.string({ minLength: 1, unit: fc.constantFrom('A', '=', '\n', '1', ':', 'B') });
    fc.assert(
      fc.property(name, name, name, name, (a, b, c, d) => {
        const [one, two] = [
          { x: `A${a}`, y: `A${b}` },
          { x: `A${c}`, y: `A${d}` },
        ];
        const both = [one, two].map((person) =>
          identityText(
            ['x', 'y'].map((field) => ({ field, as: 'name' as const })),
            person,
          ),
        );
        const plain = [one, two].map(({ x, y }) => [x, y].map((text) => text.replace(/[^A-Z0-9]+/g, ' ').trim()));
        expect(both[0] === both[1]).toBe(JSON.stringify(plain[0]) === JSON.stringify(plain[1]));
      }),
    );
  });

  test('what is missing or malformed is named, not quoted', () => {
    for (const [last, first, date] of [
      ['', 'x', '1950-03-02'],
      ['x', '--', '1950-03-02'],
      ['x', 'y', '1950-02-30'],
    ]) {
      expect(() => of(last!, first!, date)).toThrow(expect.objectContaining({ code: 'consent-identity' }));
    }
    expect(() => of('Secretname', 'y', 'x')).toThrow(/^birthDate is missing or is no date$/);
  });

  test('salted pseudonyms differ by salt and by person', () => {
    const [a, b] = [insecureTestRng('a')(32), insecureTestRng('b')(32)];
    expect(saltedPseudonym(a, 'x')).toEqual(saltedPseudonym(a, 'x'));
    expect(saltedPseudonym(a, 'x')).not.toEqual(saltedPseudonym(b, 'x'));
    expect(saltedPseudonym(a, 'x')).not.toEqual(saltedPseudonym(a, 'y'));
  });
});
