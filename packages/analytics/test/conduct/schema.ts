import { insecureTestRng } from '@symbolon/crypto';
import type { Schema, StudyColumn } from '../../src/index.ts';
import type { Data, Row } from '../sql/duckdb.ts';

const pid: StudyColumn = { type: 'text', policy: 'join', required: true };
const open = { policy: 'group' } as const;

/** Follow-up at hospitals, a row a patient; what an insurer knows of them. */
export function schemaOf(parties: readonly string[], minPatients: number, allowEmptyParty: boolean): Schema {
  return {
    tables: {
      patients: {
        parties,
        maxRows: 200,
        patient: 'pid',
        onePerPatient: true,
        columns: {
          pid,
          time: { type: 'number', min: '0', max: '20', ...open },
          weeks: { type: 'number', min: '0.0', max: '2.0', scale: 1, ...open },
          died: { type: 'boolean', ...open },
          arm: { type: 'text', values: ['a', 'b', 'c'], ...open },
          age: { type: 'number', min: '-3.0', max: '9.0', scale: 1, ...open },
          ill: { type: 'boolean', ...open },
        },
      },
      insured: {
        parties: ['insurer'],
        maxRows: 500,
        patient: 'pid',
        onePerPatient: true,
        columns: {
          pid,
          plan: { type: 'text', values: ['a', 'b', 'c'], ...open },
          app: { type: 'boolean', ...open },
        },
      },
    },
    joins: [{ hub: 'patients', spoke: 'insured', on: [['pid', 'pid']] }],
    minPatients,
    ...(allowEmptyParty ? { allowEmptyParty } : {}),
  };
}

/** Patients of each hospital, most of them insured, by a seed; some values are missing. */
export function randomPatients(parties: readonly string[], rows: number, seed: number): Data {
  const rng = insecureTestRng(`patients ${seed}`);
  const below = (bound: number): number => ((rng(1)[0]! << 8) | rng(1)[0]!) % bound;
  const known = (value: string | boolean): string | boolean | null => (below(20) === 0 ? null : value);
  const insured: Row[] = [];
  const patients = parties.map((party) => {
    const own = Array.from({ length: below(rows + 1) }, (_, i): Row => {
      const id = `${party} ${i}`;
      const [time, age, app] = [below(21), below(121) - 30, below(2) === 1];
      if (below(8) > 0) insured.push({ pid: id, plan: known('abc'[below(3)]!), app: known(app) });
      // Older patients and those without the app are ill more often.
      const ill = below(150) < age + 40 + (app ? 0 : 30);
      return {
        pid: id,
        time: known(String(time)),
        weeks: String(time / 10),
        died: known(below(3) > 0),
        arm: known('aabc'[below(4)]!),
        age: String(age / 10),
        ill: known(ill),
      };
    });
    return [party, own] as const;
  });
  return { patients: Object.fromEntries(patients), insured: { insurer: insured } };
}

/** The rows of each hospital with the insurer's columns; undefined ones where there is no row of it. */
export function joinedRows(data: Data, parties: readonly string[]): Row[][] {
  const insured = new Map(data.insured!.insurer!.map((row) => [row.pid, row]));
  return parties.map((party) => data.patients![party]!.map((row) => ({ ...row, ...insured.get(row.pid) })));
}
