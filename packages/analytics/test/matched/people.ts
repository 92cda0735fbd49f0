import { insecureTestRng } from '@symbolon/crypto';
import type { AgreedRule, Schema, StudyColumn } from '../../src/index.ts';
import type { Data, Row } from '../sql/duckdb.ts';

const join = { policy: 'join' } as const;
const open = { policy: 'group' } as const;
const name: StudyColumn = { type: 'text', maxLength: 10, normalise: ['lower'], ...join };
const born: StudyColumn = { type: 'date', min: '1930-01-01', max: '2009-12-31', ...join };

/** The same name but for a letter; born on the same day, or with the same beginning of the name. */
export const alike: AgreedRule = {
  rule: 'levenshtein(a.name, b.called) <= 1',
  blocking: { keys: ['a.born = b.birth', 'left(a.name, 4) = left(b.called, 4)'], cap: 4 },
};

/** Of those with the same birthday or beginning of the name, the one that most agrees. */
export const mostAlike: AgreedRule = {
  rule: 'CASE WHEN a.name = b.called THEN 4 WHEN levenshtein(a.name, b.called) <= 1 THEN 3 ELSE -2 END + CASE WHEN a.born = b.birth THEN 2 ELSE 0 END >= 3',
  blocking: alike.blocking,
  prefer: 'best',
};

/** Patients of a hospital, without an id that a registry, or the school, knows; an insurer knows theirs. */
export function schemaOf(registry: AgreedRule, minPatients = 1): Schema {
  return {
    tables: {
      patients: {
        parties: ['north'],
        maxRows: 300,
        patient: 'pid',
        onePerPatient: true,
        columns: {
          pid: { type: 'text', required: true, ...join },
          name,
          born,
          arm: { type: 'text', values: ['a', 'b', 'c'], ...open },
          age: { type: 'number', min: '-3.0', max: '9.0', scale: 1, ...open },
          time: { type: 'number', min: '0', max: '20', required: true, ...open },
          died: { type: 'boolean', required: true, ...open },
          secret: { type: 'text', policy: 'hidden', maxLength: 4 },
        },
      },
      registered: {
        parties: ['registry'],
        maxRows: 400,
        patient: 'code',
        onePerPatient: true,
        columns: {
          code: { type: 'number', min: '0', max: '9999', required: true, ...join },
          called: name,
          birth: born,
          region: { type: 'text', values: ['hill', 'lake', 'town'], ...open },
          place: { type: 'text', ...open },
          paid: { type: 'number', min: '0', max: '500', ...open },
          app: { type: 'boolean', ...open },
        },
      },
      pupils: {
        parties: ['school'],
        maxRows: 400,
        patient: 'nr',
        onePerPatient: true,
        columns: {
          nr: { type: 'number', min: '0', max: '9999', required: true, ...join },
          called: name,
          birth: born,
          grade: { type: 'number', min: '1', max: '6', ...open },
        },
      },
      insured: {
        parties: ['insurer'],
        maxRows: 400,
        patient: 'pid',
        onePerPatient: true,
        columns: {
          pid: { type: 'text', required: true, ...join },
          plan: { type: 'text', values: ['full', 'basic'], ...open },
          cost: { type: 'number', min: '0', max: '90', ...open },
        },
      },
    },
    joins: [
      { hub: 'patients', spoke: 'registered', ...registry },
      { hub: 'patients', spoke: 'pupils', ...alike },
      { hub: 'patients', spoke: 'insured', on: [['pid', 'pid']] },
    ],
    minPatients,
  };
}

/**
 * People of whom most are known elsewhere, some with another spelling of their name or without a birthday. Names differ in so many letters that nobody is like two
 * others. A letter is none of the agreed alphabet.
 */
export function randomPeople(rows: number, seed: number): Data {
  const rng = insecureTestRng(`people ${seed}`);
  const below = (bound: number): number => new DataView(rng(4).slice().buffer).getUint32(0, true) % bound;
  const one = <T>(all: readonly T[]): T => all[below(all.length)]!;
  const word = (length: number): string => Array.from({ length }, () => one([...'abcdefghijé'])).join('');
  const day = (): string => `19${30 + below(70)}-0${1 + below(9)}-1${below(10)}`;
  const known = <T>(value: T): T | null => (below(15) === 0 ? null : value);
  const mistyped = (name: string): string => {
    const at = 4 + below(name.length - 4);
    const parts = [name.slice(0, at), name.slice(at + 1)];
    return one([name, name, `${parts[0]}x${parts[1]}`, `${parts[0]}${parts[1]}`]);
  };
  const patients = Array.from({ length: rows }, (_, i): Row => {
    return {
      pid: `p${i}`,
      name: known(word(9)),
      born: known(day()),
      arm: known(one(['a', 'b', 'c'])),
      age: String((below(121) - 30) / 10),
      time: String(below(21)),
      died: below(3) > 0,
      secret: 'abcd',
    };
  });
  const shuffled = <T>(all: readonly T[]): T[] =>
    all
      .map((of) => [below(2 ** 31), of] as const)
      .sort(([x], [y]) => x - y)
      .map(([, of]) => of);
  const elsewhere = (number: string, more: (patient: Row) => Row): Row[] => {
    const some = patients.filter(() => below(5) > 0).map((patient) => ({ patient, more: more(patient) }));
    const others = Array.from({ length: Math.floor(rows / 4) }, () => ({
      patient: { name: word(9), born: day() } as Row,
      more: more({}),
    }));
    return shuffled([...some, ...others]).map(({ patient, more }, i) => ({
      [number]: String(7 * i),
      called: patient.name === null ? null : mistyped(String(patient.name)),
      birth: known(patient.born!),
      ...more,
    }));
  };
  const registered = elsewhere('code', ({ died }) => ({
    region: known(one(['hill', 'lake', 'town'])),
    place: known(one(['Oy', 'Bø', 'Ås', 'Ål', 'Hå'])),
    paid: known(String(below(501))),
    app: known(below(3) > (died === true ? 1 : 0)),
  }));
  const pupils = elsewhere('nr', () => ({ grade: known(String(1 + below(6))) }));
  const insured = shuffled(patients.filter(() => below(6) > 0)).map(
    ({ pid }): Row => ({ pid: pid!, plan: known(one(['full', 'basic'])), cost: String(below(91)) }),
  );
  return {
    patients: { north: patients },
    registered: { registry: registered },
    pupils: { school: pupils },
    insured: { insurer: insured },
  };
}
