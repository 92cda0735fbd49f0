import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mistype, mistypeDob, usualErrors } from '../src/people/errors.ts';
import { membersCsv, patientsCsv, writePeople } from '../src/people/files.ts';
import { generatePeople } from '../src/people/generate.ts';
import { checkDigit } from '../src/people/population.ts';
import { Random } from '../src/people/random.ts';

const big = generatePeople({ seed: 7, population: 60_000, left: 20_000, right: 30_000, overlap: 15_000 });
const both = big.pairs.map(([l, r]) => {
  const [left, right] = [big.left[l]!, big.right[r]!];
  return { left, right, person: big.people[left.person]! };
});
const share = (hits: number, all: number) => hits / all;

describe('the seed decides everything', () => {
  test('files have this hash on every machine', () => {
    const people = generatePeople({ seed: 1, left: 500, right: 600, overlap: 200 });
    const hash = createHash('sha256');
    for (const piece of [...membersCsv(people.left), ...patientsCsv(people.right)]) hash.update(piece);
    hash.update(JSON.stringify(people.pairs));
    expect(hash.digest('hex')).toBe('4db57a5dc24a8defee888cefd912d054845bbaee9e8c947ead28741bd4cb6460');
  });

  test('another seed gives other people', () => {
    const [one, two] = [1, 2].map((seed) => generatePeople({ seed, left: 50, right: 50, overlap: 10 }));
    expect(one!.left.map(({ name }) => name)).not.toEqual(two!.left.map(({ name }) => name));
  });
});

describe('the truth', () => {
  test('has the sizes asked for, and pairs are the same person', () => {
    expect([big.left.length, big.right.length, big.pairs.length, big.people.length]).toEqual([
      20_000, 30_000, 15_000, 60_000,
    ]);
    expect(both.every(({ left, right }) => left.person === right.person)).toBe(true);
    const leftPeople = new Set(big.left.map(({ person }) => person));
    expect(leftPeople.size).toBe(20_000);
    expect(big.right.filter(({ person }) => leftPeople.has(person))).toHaveLength(15_000);
  });

  test('does not stand in the files: rows are in no telling order, numbers differ', () => {
    const sameOrder = big.pairs.filter(([, r], i) => i > 0 && r > big.pairs[i - 1]![1]).length;
    expect(share(sameOrder, big.pairs.length)).toBeCloseTo(0.5, 1);
    expect(big.left[0]!.id).toBe('M00001');
    expect([...membersCsv(big.left.slice(0, 1))][0]).toBe('member_no,medicaid,name,address,dob,plan\n');
    expect([...patientsCsv(big.right.slice(0, 1))][0]).toBe('patient_no,medicaid,name,address,dob,sex\n');
  });

  test.each([
    { left: 10, right: 10, overlap: 11 },
    { left: 10, right: 10, overlap: 0, population: 19 },
    { left: 10, right: 10, overlap: -1 },
  ])('impossible sizes are refused: %o', (sizes) => {
    expect(() => generatePeople({ seed: 1, ...sizes })).toThrow(/cannot give/);
  });
});

describe('people are as people are', () => {
  test('medicaid numbers are distinct and carry a check digit; some begin with zero', () => {
    const numbers = big.people.map(({ medicaid }) => medicaid);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.every((n) => /^\d{10}$/.test(n) && checkDigit(n.slice(0, 9)) === n[9])).toBe(true);
    expect(numbers.some((n) => n.startsWith('0'))).toBe(true);
    // ISO/IEC 7812-1: 7992739871 has check digit 3.
    expect(checkDigit('7992739871')).toBe('3');
  });

  test('households share address, mostly surname, and come into the files together', () => {
    const households = Map.groupBy(big.people, ({ household }) => household);
    const families = [...households.values()].filter((members) => members.length > 2);
    expect(families.length).toBeGreaterThan(2000);
    expect(families.every((members) => new Set(members.map(({ address }) => address)).size === 1)).toBe(true);
    const sameName = families.filter((members) => new Set(members.map(({ surname }) => surname)).size === 1);
    expect(share(sameName.length, families.length)).toBeGreaterThan(0.5);
    const together = Map.groupBy(big.left, ({ person }) => big.people[person]!.household);
    expect([...together.values()].filter((members) => members.length > 1).length).toBeGreaterThan(3000);
  });

  test('twins share surname, address and day of birth, not the given name; many names look alike', () => {
    const twins = big.people.flatMap((person) =>
      person.twin === undefined ? [] : [[person, big.people[person.twin]!] as const],
    );
    expect(twins.length).toBeGreaterThan(200);
    for (const [one, other] of twins) {
      expect([other.twin, other.dob, other.surname, other.address]).toEqual([
        one.person,
        one.dob,
        one.surname,
        one.address,
      ]);
      expect(other.given).not.toBe(one.given);
    }
    const alike = twins.filter(([one, other]) => one.given.slice(0, 2) === other.given.slice(0, 2));
    expect(share(alike.length, twins.length)).toBeGreaterThan(0.1);
  });

  test('names are skewed, and have accents, hyphens, apostrophes and particles', () => {
    const counts = [...Map.groupBy(big.people, ({ surname }) => surname).values()].map((list) => list.length);
    counts.sort((a, b) => b - a);
    expect(counts[0]! / big.people.length).toBeGreaterThan(0.01);
    expect(counts[0]! / counts.at(-1)!).toBeGreaterThan(8);
    expect(counts.length).toBeGreaterThan(300);
    const names = big.people.map(({ given, surname }) => `${given} ${surname}`);
    for (const pattern of [/[À-ž]/, /\w-\w/, /O'Brien/, /Van der /])
      expect(names.some((name) => pattern.test(name))).toBe(true);
  });
});

describe('errors have the rates asked for', () => {
  const near = (found: number, wanted: number) => expect(Math.abs(found - wanted)).toBeLessThan(0.006);

  test('missing and wrong numbers', () => {
    near(share(big.left.filter(({ medicaid }) => medicaid === null).length, 20_000), usualErrors.missingId);
    const given = both.filter(({ left }) => left.medicaid !== null);
    near(
      share(given.filter(({ left, person }) => left.medicaid !== person.medicaid).length, given.length),
      usualErrors.wrongId,
    );
  });

  test('movers have a new address in one source', () => {
    const city = (address: string | null) =>
      (address ?? '')
        .toLowerCase()
        .normalize('NFD')
        .replaceAll(/[^a-z]/g, '')
        .slice(-4);
    const pairs = both.filter(({ left, right }) => left.address !== null && right.address !== null);
    const differ = pairs.filter(
      ({ left, right }) =>
        /\d$/.test(left.address!) !== /\d$/.test(right.address!) || city(left.address) !== city(right.address),
    );
    const found = share(differ.length, pairs.length);
    expect(found).toBeGreaterThan(usualErrors.moved * 0.8);
    expect(found).toBeLessThan(usualErrors.moved + usualErrors.typo);
  });

  test('no errors give identical people', () => {
    const none = Object.fromEntries(Object.keys(usualErrors).map((key) => [key, 0]));
    const { left, right, pairs } = generatePeople({ seed: 3, left: 300, right: 300, overlap: 200, errorRates: none });
    for (const [l, r] of pairs) {
      const [a, b] = [left[l]!, right[r]!];
      expect([a.name, a.address, a.dob, a.medicaid]).toEqual([b.name, b.address, b.dob, b.medicaid]);
    }
  });

  test('wrong dates are still dates; typing errors change something', () => {
    const random = new Random('errors');
    near(share(both.filter(({ left, person }) => left.dob !== person.dob).length, both.length), usualErrors.wrongDob);
    for (const row of big.left) expect(new Date(row.dob).toISOString().slice(0, 10)).toBe(row.dob);
    for (let i = 0; i < 500; i++) {
      expect(mistype('Johannes van der Linden', random)).not.toBe('Johannes van der Linden');
      expect(mistypeDob('1972-02-03', random)).not.toBe('1972-02-03');
    }
    expect(mistype('x', random)).not.toBe('x');
  });

  test('the usual rule would find most, not all', () => {
    const equal = both.filter(({ left, right }) => left.medicaid !== null && left.medicaid === right.medicaid);
    expect(share(equal.length, both.length)).toBeGreaterThan(0.85);
    expect(share(equal.length, both.length)).toBeLessThan(0.92);
  });
});

test('files are RFC 4180, one line a person', () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-people-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { members, patients } = writePeople(folder, big);
  const text = readFileSync(members, 'utf8');
  expect(text.split('\n')).toHaveLength(20_002);
  expect(text).not.toMatch(/undefined|null/);
  expect(text).toMatch(/"\d+ [\w ]+ Avenue Apt \d+, [\w ]+ \d{5}"/);
  expect(text.split('\n')[1]).toMatch(/^M00001,\d*,[^,"]+,("[^"]+"|),\d{4}-\d\d-\d\d,\w+$/);
  expect(readFileSync(patients, 'utf8').split('\n')).toHaveLength(30_002);
});
