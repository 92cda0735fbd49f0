import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Field, febrl4Errors, fields } from '../src/people/febrl4.ts';
import { editDistance, misspell } from '../src/people/misspell.ts';
import { Random } from '../src/people/random.ts';
import { registerRows, writeRegisters } from '../src/people/registers.ts';

type Values = readonly (string | null)[];
type Pair = readonly [first: Values, second: Values];

/** Shares of one field, as `febrl4Errors` has them: missing in both, first, second; at distance one, two, three, more; and of how many each. */
function measure(pairs: readonly Pair[], field: Field) {
  const at = fields.indexOf(field);
  // FEBRL4 writes days without hyphens.
  const text = (value: string | null) => (field === 'dob' ? (value?.replaceAll('-', '') ?? null) : value);
  const missing = [0, 0, 0];
  const distances = [0, 0, 0, 0, 0];
  for (const pair of pairs) {
    const [a, b] = pair.map((values) => text(values[at] ?? null)) as [string | null, string | null];
    if (a === null || b === null) missing[a !== null ? 2 : b !== null ? 1 : 0]!++;
    else if (!((field === 'given' || field === 'surname') && isSwapped(pair)))
      distances[Math.min(editDistance(a, b), 4)]!++;
  }
  const compared = distances.reduce((sum, count) => sum + count);
  return {
    missing: missing.map((count) => count / pairs.length),
    altered: distances.slice(1).map((count) => count / compared),
    compared,
  };
}

const [given, surname] = [fields.indexOf('given'), fields.indexOf('surname')];
const hasNames = (pair: Pair): boolean => pair.every((values) => values[given] !== null && values[surname] !== null);
const isSwapped = ([a, b]: Pair): boolean =>
  a[given] !== a[surname] && a[given] === b[surname] && a[surname] === b[given];
const swappedShare = (pairs: readonly Pair[]): number =>
  pairs.filter((pair) => hasNames(pair) && isSwapped(pair)).length / pairs.filter(hasNames).length;

describe('people of two registers', () => {
  const size = 20_000;
  const [first, second] = (['first', 'second'] as const).map((which) => [
    ...registerRows(which, { seed: 'test', size, shared: 0.6 }),
  ]);
  const inFirst = new Map(first!.map((row) => [row.person, row.values]));
  const pairs = second!.flatMap(({ person, values }): Pair[] => {
    const other = inFirst.get(person);
    return other === undefined ? [] : [[other, values]];
  });

  test('are as many as asked for, each once, in no telling order', () => {
    expect([first!.length, second!.length, pairs.length]).toEqual([size, size, 0.6 * size]);
    expect(inFirst.size).toBe(size);
    expect(new Set(second!.map(({ person }) => person)).size).toBe(size);
    const place = new Map(first!.map(({ person }, i) => [person, i]));
    const places = second!.flatMap(({ person }) => place.get(person) ?? []);
    expect(places.filter((at, i) => at > (places[i - 1] ?? 0)).length / places.length).toBeCloseTo(0.5, 1);
  });

  test.each([
    { size: 1, shared: 1 },
    { size: 1, shared: 0 },
    { size: 1000, shared: 0.999 },
    { size: 1000, shared: 0 },
    { size: 777, shared: 1 },
  ])('also of %o', (options) => {
    const [one, two] = (['first', 'second'] as const).map(
      (which) => new Set([...registerRows(which, { seed: 1, ...options })].map(({ person }) => person)),
    );
    expect([one!.size, two!.size]).toEqual([options.size, options.size]);
    expect([...one!].filter((person) => two!.has(person)).length).toBe(Math.round(options.size * options.shared));
  });

  test('impossible shares are refused', () => {
    expect(() => [...registerRows('first', { seed: 1, size: 10, shared: 1.1 })]).toThrow(/shares/);
  });

  test.each(fields)('%s errs as often as in FEBRL4', (field) => {
    const { missing, altered, compared } = measure(pairs, field);
    // Five standard deviations; and a thousandth, as a text of one letter cannot be given three edits.
    const near = (found: number, wanted: number, of: number) =>
      expect(Math.abs(found - wanted)).toBeLessThan(5 * Math.sqrt((wanted * (1 - wanted)) / of) + 0.001);
    const wanted = febrl4Errors.fields[field];
    for (const [i, share] of wanted.missing.entries()) near(missing[i]!, share, pairs.length);
    for (const [i, share] of wanted.altered.entries()) near(altered[i]!, share, compared);
  });

  test('given name and surname are exchanged as often as in FEBRL4', () => {
    expect(Math.abs(swappedShare(pairs) - febrl4Errors.swapped)).toBeLessThan(0.01);
  });

  test('files hold the rows, the same bytes for the same seed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-registers-'));
    try {
      const hashes = [7, 7, 8].map((seed) => {
        const paths = writeRegisters(folder, { seed, size: 3000 });
        return [paths.first, paths.second].map((path) =>
          createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16),
        );
      });
      expect(hashes[0]).toEqual(['66bd8bf8deec8459', 'd560c710998c4eed']);
      expect(hashes[1]).toEqual(hashes[0]);
      expect(hashes[2]).not.toEqual(hashes[0]);
      const lines = readFileSync(join(folder, 'second.csv'), 'utf8').trimEnd().split('\n');
      expect(lines).toHaveLength(3001);
      expect(lines[0]).toBe('person,medicaid,name,dob,address');
      for (const line of lines.slice(1)) expect(line).toMatch(/^\d+,\d+,[^,"]*,(\d{4}-\d\d-\d\d)?,[^,"]*$/);
      for (const line of lines.slice(1)) {
        const dob = line.split(',')[3]!;
        if (dob !== '') expect(new Date(dob).toISOString().slice(0, 10)).toBe(dob);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('an edit distance is what it should be, and misspellings are at the distance asked for', () => {
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('stanley', 'stnaley')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  // No place is edited twice: 'ca' to 'abc' takes three.
  expect(editDistance('ca', 'abc')).toBe(3);
  const random = new Random('misspell');
  const kinds = { substitution: 3, insertion: 2, deletion: 2, transposition: 1 };
  for (const edits of [1, 2, 3]) {
    for (let i = 0; i < 100; i++)
      expect(editDistance('Van den Berg', misspell('Van den Berg', edits, kinds, random)!)).toBe(edits);
  }
  expect(misspell('1', 1, { ...kinds, substitution: 0, insertion: 0 }, random)).toBeUndefined();
});

const febrl = join(import.meta.dirname, '../../../../shared/data/febrl4');
const present = existsSync(febrl);
if (!present) console.warn(`skipped: ${febrl} is not there (see CONTRIBUTING.md)`);

test.runIf(present)('the preset is what FEBRL4 has', () => {
  const columns: Record<Field, string> = {
    medicaid: 'soc_sec_id',
    given: 'given_name',
    surname: 'surname',
    dob: 'date_of_birth',
    number: 'street_number',
    street: 'address_1',
    suburb: 'suburb',
    postcode: 'postcode',
    state: 'state',
  };
  const [a, b] = ['dataset4a.csv', 'dataset4b.csv'].map((file) => {
    const [head, ...lines] = readFileSync(join(febrl, file), 'utf8')
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(',').map((cell) => cell.trim()));
    const places = fields.map((field) => head!.indexOf(columns[field]));
    return new Map(lines.map((cells) => [cells[0]!.split('-')[1]!, places.map((at) => cells[at] || null)]));
  });
  const pairs = [...a!].map(([person, values]): Pair => [values, b!.get(person)!]);
  expect(pairs).toHaveLength(5000);
  for (const field of fields) {
    const { missing, altered } = measure(pairs, field);
    expect([field, missing, altered]).toEqual([
      field,
      febrl4Errors.fields[field].missing,
      febrl4Errors.fields[field].altered,
    ]);
  }
  expect(swappedShare(pairs)).toBe(febrl4Errors.swapped);
});
