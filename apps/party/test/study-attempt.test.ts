import { describe, expect, test } from 'vitest';
import { allSizes } from '../src/study/attempt.ts';

type Decided = Parameters<typeof allSizes>[0];

/** Patients of a hospital joined with members of an insurer; the link has 8 rows at most. */
const decided = (kind: 'keys' | 'linked') =>
  ({
    grant: {
      parties: [{ id: 'hospital' }, { id: 'insurer' }, { id: 'office' }],
      agreement: {
        tables: { a: { maxRows: 8 }, b: { maxRows: 9 } },
        studies: { tables: { patients: { rowsPerPatient: 2 }, members: {} } },
      },
    },
    own: {
      rows: {
        tables: [
          { alias: 'p', name: 'patients', parties: ['hospital'] },
          { alias: 'm', name: 'members', parties: ['insurer'] },
        ],
        joins: [{ kind, spoke: 'm' }],
      },
    },
  }) as unknown as Decided;
const told = (hospital: number, insurer: number, patients: number) => ({
  hospital: { p: { rows: hospital, patients } },
  insurer: { m: { rows: insurer, patients } },
  office: {},
});
const refused = expect.objectContaining({ code: 'peer-disagrees' });

describe('the sizes of the tables of a study', () => {
  test('are those that their holders tell, and the agreed rows of a patient', () => {
    expect(allSizes(decided('keys'), told(7, 6, 5))).toEqual({
      p: { hospital: { rows: 7, patients: 5, rowsPerPatient: 2 } },
      m: { insurer: { rows: 6, patients: 5 } },
    });
  });

  test('have no more patients than rows', () => {
    expect(() => allSizes(decided('keys'), told(7, 4, 5))).toThrow(refused);
  });

  test('of a link there may be more pairs than rows, as people opted out since; no more than the link could find', () => {
    expect(allSizes(decided('linked'), told(7, 4, 8)).m).toEqual({ insurer: { rows: 4, patients: 8 } });
    expect(() => allSizes(decided('linked'), told(7, 4, 9))).toThrow(refused);
    const { insurer, ...others } = told(7, 7, 6);
    expect(() => allSizes(decided('linked'), { ...others, insurer: { m: { ...insurer.m, patients: 5 } } })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('different numbers of linked pairs') }),
    );
  });

  test('are of the tables that each holds', () => {
    expect(() => allSizes(decided('keys'), { ...told(1, 1, 1), office: { m: { rows: 1, patients: 1 } } })).toThrow(
      refused,
    );
    expect(() => allSizes(decided('keys'), { ...told(1, 1, 1), insurer: {} })).toThrow(refused);
  });
});
