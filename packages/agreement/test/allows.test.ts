import { describe, expect, test } from 'vitest';
import { type AgreementRequest, allows } from '../src/index.ts';
import { agreement, keys, terms } from './samples.ts';

const request: AgreementRequest = {
  action: 'link',
  by: 'insurer',
  date: '2026-12-24',
  rowsA: 1000,
  rowsB: 2000,
  runsSoFar: 2,
};

describe('allows', () => {
  test('grants what the agreement covers, to its edges', () => {
    const grant = {
      grant: true,
      link: {
        rule: 'a.name = b.name',
        reveal: 'pairs',
        to: ['insurer', 'hospital'],
        cardinality: 'many-to-many',
        prefer: 'first',
      },
      pads: 'expanded',
    };
    expect(allows(agreement, request)).toEqual({ ...grant, runsLeft: 0 });
    expect(allows(agreement, { ...request, by: 'hospital', date: terms.term.from, runsSoFar: 0 })).toEqual({
      ...grant,
      runsLeft: 2,
    });
    expect(allows(agreement, { ...request, date: terms.term.until })).toMatchObject({ grant: true });
  });

  test.each<[Partial<AgreementRequest>, string, RegExp]>([
    [{ by: 'stranger' }, 'agreement-party', /Only insurer and hospital.*stranger asked/],
    [{ by: keys.card.id }, 'agreement-party', /keys asked/],
    [{ date: '2026-10-31' }, 'agreement-term', /begins on 2026-11-01; today is 2026-10-31/],
    [{ date: '2027-11-01' }, 'agreement-term', /ended on 2027-10-31; today is 2027-11-01/],
    [{ rowsA: 1001 }, 'agreement-limit', /members of insurer has 1001 rows; at most 1000/],
    [{ rowsB: 2001 }, 'agreement-limit', /patients of hospital has 2001 rows; at most 2000/],
    [{ runsSoFar: 3 }, 'agreement-limit', /All 3 runs/],
  ])('%j is refused as %s', (change, code, reason) => {
    expect(allows(agreement, { ...request, ...change })).toEqual({
      grant: false,
      code,
      reason: expect.stringMatching(reason),
    });
  });

  test('a malformed request is no refusal but an error', () => {
    const malformed = [
      { date: '24.12.2026' },
      { date: '' },
      { rowsA: -1 },
      { rowsA: Number.NaN },
      { rowsB: 1.5 },
      { runsSoFar: -1 },
      { action: 'study' },
    ];
    for (const change of malformed) {
      expect(() => allows(agreement, { ...request, ...change } as AgreementRequest)).toThrow(
        expect.objectContaining({ code: 'request-invalid' }),
      );
    }
  });
});
