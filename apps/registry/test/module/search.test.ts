import { onBothDatabases } from '@symbolon/testkit/databases';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparableOf, namedPerson } from '../../src/module/identities/person.ts';
import { editDistance } from '../../src/module/search/distance.ts';
import { searchKeys } from '../../src/module/search/keys.ts';
import { likeness } from '../../src/module/search/likeness.ts';
import { findAlike } from '../../src/module/search/search.ts';
import { soundOf } from '../../src/module/search/sound.ts';
import { fields, makeStage, person } from './stage.ts';

const of = (lastName: string, firstName: string, birthDate?: string) =>
  comparableOf(fields, person(lastName, firstName, birthDate));

/** The definition: the cheapest of all ways to take characters away from the ends (Boytsov 2011, eq. 3). */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [x, y] = [a.slice(0, -1), b.slice(0, -1)];
  const ways = [slowDistance(x, b) + 1, slowDistance(a, y) + 1, slowDistance(x, y) + (a.at(-1) === b.at(-1) ? 0 : 1)];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    ways.push(slowDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
  }
  return Math.min(...ways);
}

test('the edit distance is what its definition says, up to its bound', () => {
  const text = fc.string({ unit: fc.constantFrom('A', 'B', 'C'), maxLength: 6 });
  fc.assert(
    fc.property(text, text, fc.integer({ min: 0, max: 6 }), (a, b, most) => {
      expect(editDistance(a, b, most)).toBe(Math.min(slowDistance(a, b), most + 1));
    }),
  );
});

test('names that sound alike have one code, whatever their script', () => {
  const groups = [
    ['MEYER', 'MEIER', 'MAIER', 'MAYR'],
    ['CARL', 'KARL', 'CARLO'],
    ['PHILIP', 'FILLIPP', 'FILIP'],
    ['SCHMIDT', 'SCHMITT', 'SMID'],
  ];
  for (const group of groups) expect(new Set(group.map(soundOf)).size).toBe(1);
  expect(new Set(groups.map(([name]) => soundOf(name!))).size).toBe(groups.length);
  expect(soundOf('ΠΑΠΑΔΟΠΟΥΛΟΣ')).not.toBe(soundOf('ΓΕΩΡΓΙΟΥ'));
  expect(soundOf('OH')).not.toBe('');
});

describe('likeness', () => {
  test.each([
    ['Meyer', 'Ida', '1950-03-12', { lastName: 'same', firstName: 'same', birthDate: 'same' }, 1000],
    ['Meyr', 'Ida', '1950-03-12', { lastName: 'typing-error' }, 985],
    ['Maier', 'Ida', '1950-03-12', { lastName: 'sounds-alike' }, 955],
    ['Meyer', 'Ida Maria', '1950-03-12', { firstName: 'part' }, 955],
    ['Ida', 'Meyer', '1950-03-12', { lastName: 'exchanged', firstName: 'exchanged' }, 940],
    ['Meyer', 'Ida', '1950-12-03', { birthDate: 'day-and-month' }, 960],
    ['Meyer', 'Ida', '1951-03-12', { birthDate: 'one-digit' }, 960],
    ['Meyer', 'Ida', '1905-03-12', { birthDate: 'one-digit' }, 960],
    ['Meyer', 'Ida', '1961-03-12', { birthDate: 'different' }, 600],
    ['Petersen', 'Olaf', '1961-07-30', { lastName: 'different', firstName: 'different', birthDate: 'different' }, 0],
  ])('of Ida Meyer and %s, %s, %s', (last, first, date, reasons, score) => {
    const found = likeness(fields, of('Meyer', 'Ida'), of(last, first, date));
    expect(found.reasons).toMatchObject({ ...reasons, insurance: 'missing' });
    expect(found.score).toBe(score);
    expect(likeness(fields, of(last, first, date), of('Meyer', 'Ida'))).toEqual(found);
  });

  test('a code outweighs a name', () => {
    const code = { insurance: 'A12-3456' };
    const [a, b] = [person('Meyer', 'Ida'), person('Lind', 'Ida')].map((one) =>
      comparableOf(fields, { ...one, ...code }),
    );
    expect(likeness(fields, a!, b!).score).toBe(800);
    expect(likeness(fields, of('Meyer', 'Ida'), of('Lind', 'Ida')).score).toBe(700);
  });
});

describe('keys', () => {
  const share = (a: ReturnType<typeof of>, b: ReturnType<typeof of>, scope?: string) => {
    const keys = searchKeys(fields, b, scope);
    return searchKeys(fields, a).some((key) => keys.includes(key));
  };
  const name = fc.string({ unit: fc.constantFrom(...'ABCDEGIKLMNOPRSTU'), minLength: 2, maxLength: 9 });
  const date = fc.record({
    year: fc.integer({ min: 1920, max: 2020 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
  });
  const written = (year: number, month: number, day: number) =>
    `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

  test('people are found by what is left the same, as promised', () => {
    fc.assert(
      fc.property(name, name, name, name, date, date, (a, b, c, d, one, other) => {
        const [born, wrong] = [written(one.year, one.month, one.day), written(other.year, other.month, other.day)];
        const known = of(a, b, born);
        expect(share(known, of(c, d, born))).toBe(true);
        if (one.day <= 12) expect(share(known, of(c, d, written(one.year, one.day, one.month)))).toBe(true);
        const parts = [
          [other.year, one.month, one.day],
          [one.year, other.month, one.day],
          [one.year, one.month, other.day],
        ] as const;
        for (const part of parts) {
          for (const [x, y] of [
            [a, d],
            [c, b],
            [b, d],
          ] as const)
            expect(share(known, of(x, y, written(...part)))).toBe(true);
        }
        expect(share(known, of(b, a, wrong))).toBe(true);
      }),
    );
  });

  test('people who have nothing in common share none, and scopes do not either', () => {
    const [ida, olaf] = [of('Meyer', 'Ida'), of('Petersen', 'Olaf', '1961-07-30')];
    expect(share(ida, olaf)).toBe(false);
    expect(share(ida, ida)).toBe(true);
    for (const scope of ['', 'ana', 'all']) expect(share(ida, ida, scope)).toBe(false);
    expect(searchKeys(fields, ida).every(Number.isSafeInteger)).toBe(true);
  });
});

onBothDatabases(() => {
  test('an administrator finds whoever was mistyped, the likest first', async () => {
    const { visit, patients, context } = await makeStage();
    const known = [
      person('Schneider', 'Johanna', '1950-03-12'),
      person('Schneider', 'Johannes', '1950-03-12'),
      person('Schröder', 'Johanna', '1971-01-30'),
      person('Berg', 'Ole', '1950-03-12'),
      person('Abel', 'Ida', '1988-10-10'),
    ];
    for (const one of known) await visit('ana', one);
    const found = await patients.search(person('Johanna', 'Schnieder', '1950-12-03'), 10);
    expect(found.map((one) => one.person)).toEqual([known[0], known[1]]);
    // What an index finds is what comparing everybody finds.
    const tries = [
      person('Schnyder', 'Hanna'),
      person('Schroeder', 'Johana', '1971-01-31'),
      person('Able', 'Ida', '1988-01-10'),
    ];
    for (const sought of tries) {
      const slow = known
        .map((one) => ({ one, ...likeness(fields, comparableOf(fields, sought), comparableOf(fields, one)) }))
        .filter(({ score }) => score >= 800)
        .sort((a, b) => b.score - a.score);
      expect((await findAlike(context, sought)).map((one) => one.person)).toEqual(slow.map(({ one }) => one));
    }
    expect(await patients.search({ birthDate: '1988-10-10' }, 10)).toMatchObject([{ person: known[4], score: 1000 }]);
    for (const few of [{ lastName: ' ' }, { lastName: 'Abel' }, {}]) {
      await expect(patients.search(few, 10)).rejects.toMatchObject({ code: 'consent-identity' });
    }
  });
});

test('a date that stands for none hides nobody', async () => {
  const { visit, patients, database } = await makeStage();
  const crowd = Array.from({ length: 3000 }, (_, i) => ({
    key: searchKeys(fields, of('X', 'Y', '1900-01-01'))[0]!,
    identity: 1_000_000 + i,
  }));
  const rows = crowd.map(({ identity }) => ({
    ...{ id: identity, hash: `${identity}`, person: JSON.stringify(person('Crowd', `${identity}`, '1900-01-01')) },
    ...{ merged_into: null, told_into: null, added_at: '2026-01-01T00:00:00.000Z' },
  }));
  await database.insertInto('identity').values(rows).execute();
  await database.insertInto('identity_key').values(crowd).execute();
  await visit('ana', person('Schneider', 'Johanna', '1900-01-01'));
  const found = await patients.search(person('Schnyder', 'Johanna', '1900-01-01'), 10);
  expect(found.map((one) => one.person)).toEqual([person('Schneider', 'Johanna', '1900-01-01')]);
});

test('a person is kept as typed, and is the same for every spelling', () => {
  const one = namedPerson(fields, person(' Müller ', 'Änne'));
  expect(one.person).toEqual({ lastName: 'Müller', firstName: 'Änne', birthDate: '1950-03-12' });
  expect(namedPerson(fields, { ...person('MULLER', 'anne'), insurance: 'A1' }).hash).toBe(one.hash);
});
