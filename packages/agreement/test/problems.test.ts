import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreementHash, problems, readAgreement, readWritten } from '../src/index.ts';
import { altered, example, exampleFile, exampleOf, type Tree } from './example.ts';

/** Each as `line:column field: rule → hint`. */
function found(file: string, format: 'yaml' | 'json' = 'yaml'): string[] {
  return problems(file, format).map(
    ({ line, column, field, rule, hint }) => `${line}:${column} ${field}: ${rule} → ${hint}`,
  );
}

/** The example with a text in place of another, which it has once. */
function edited(text: string, by: string): string {
  expect(exampleFile.split(text)).toHaveLength(2);
  return exampleFile.replace(text, () => by);
}

test('the example has none, as YAML and as JSON, and is one agreement in both', () => {
  expect(problems(exampleFile, 'yaml')).toEqual([]);
  const json = JSON.stringify(example, null, 2);
  expect(problems(json, 'json')).toEqual([]);
  expect(agreementHash(exampleOf(json, 'json'))).toBe(agreementHash(example));
});

test('all are told at once, in the order of the file', () => {
  const file = [
    'title: A',
    'extra: 1',
    'parties: [hospital, Insurer]',
    'keyService: keys',
    'term: { from: 2026-01-01, untl: 2027-01-01 }',
    'studies:',
    '  tables:',
    '    patients:',
    '      holders: [{ party: hospital, dataset: patients }]',
    '      maxRows: 10.5',
    '      patient: id',
    '      columns:',
    '        id: { type: txt, policy: join, required: true }',
    '        age: { type: number, policy: filtr, min: 0, max: "10", unit: a }',
    '        Bad: { type: boolean, policy: group }',
    '        sex: { type: text, policy: group, valeus: [f, m] }',
    '  joins: []',
    '  minPatients: 0',
    '  list: []',
    'onwardUse: { purposes: [HRESHC], recipients: [] }',
    'link: 5',
  ].join('\n');
  expect(found(file).map((line) => line.replace(/Known here.*/, '…'))).toEqual([
    '2:1 extra: is not known here → …',
    '3:21 parties.1: must be like general-hospital, at most 31 characters → Correct it.',
    '5:1 term.until: is missing → Add it.',
    '5:27 term.untl: is not known here → Did you mean until?',
    '10:16 studies.tables.patients.maxRows: is a number with decimals → Write it in quotes: "10.5"',
    '13:21 studies.tables.patients.columns.id.type: must be one of number, text, date, boolean → Did you mean text?',
    '14:38 studies.tables.patients.columns.age.policy: must be one of hidden, join, aggregate, filter, group → Did you mean filter?',
    '14:50 studies.tables.patients.columns.age.min: must be text → Write it in quotes: "0"',
    '15:9 studies.tables.patients.columns.Bad: must be like birth_date, at most 63 characters → Give it another name.',
    '16:43 studies.tables.patients.columns.sex.valeus: is not known here → Did you mean values?',
    '18:16 studies.minPatients: must not be less than 1 → Correct it.',
    expect.stringMatching(/^20:25 onwardUse\.purposes\.0: must be one of TREAT, .* → Did you mean HRESCH\?$/),
    '20:46 onwardUse.recipients: must not be empty → Correct it.',
    '21:7 link: must be fields → Correct it.',
  ]);
});

describe('a mistake in the example is named with its place', () => {
  test.each<[string, string, string]>([
    ['renewal: { months', 'renewals: { months', 'renewals: is not known here → Did you mean renewal?'],
    ['insurer: "40"', 'insurer: "41"', 'price.split: the percentages do not sum to 100'],
    [
      'to: [university]\n      maxRuns: 24',
      'to: [universty]\n      maxRuns: 24',
      'studies.templates.0.to: universty is not a party',
    ],
    ['patient: member', 'patient: members', 'studies.tables.claims.patient: there is no column members'],
    ['unit: ng/L', 'unit: ng per L', 'studies.tables.stays.columns.bnp.unit: must be a UCUM code'],
    ['GDPR 9(2)(j)', 'GDPR 9(2)(k)', 'purpose.legalBasis.1: must be one of GDPR 6(1)(a)'],
    [
      'people: 2, roles: [privacy-officer, data-steward] }\n  - { action: study',
      'people: 2, roles: [officer] }\n  - { action: study',
      'approvals.0.roles.0: must be one of data-steward',
    ],
    ['linkDays: 90', 'linkDays: soon', 'alerts.0.linkDays: must be a number'],
    ['code: 2823-3', 'code: 2823-3, colour: red', 'alerts.0.events.1.when.threshold.colour: is not known here'],
    [
      'cardinality: one-to-one',
      'cardinality: one-to-one\n  cardinality: many-to-one',
      'link.cardinality: stands here twice → Leave one of the two out.',
    ],
  ])('%j → %j', (text, by, expected) => {
    const file = edited(text, by);
    const [one, ...others] = found(file);
    expect(others).toEqual([]);
    expect(one).toContain(` ${expected}`);
    const [line, column] = one!.split(/[: ]/).map(Number) as [number, number];
    const before = exampleFile.slice(0, exampleFile.indexOf(text)).split('\n').length;
    expect(line).toBeGreaterThanOrEqual(before - 1);
    expect(line).toBeLessThanOrEqual(before + by.split('\n').length);
    expect(file.split('\n')[line - 1]!.length).toBeGreaterThanOrEqual(column - 1);
  });

  test('unknown fields do not hide what contradicts itself', () => {
    const file = edited('mergeMinutes: 60', 'mergeHours: 1\n    mergeMinutes: 60').replace(
      'insurer: "40"',
      'insurer: "41"',
    );
    expect(found(file).map((line) => line.split(' ')[1])).toEqual(['alerts.0.mergeHours:', 'price.split:']);
  });
});

describe('what has no one form', () => {
  test.each<[string, 'yaml' | 'json', string]>([
    ['', 'yaml', 'is empty'],
    ['title: [', 'yaml', 'cannot be read'],
    ['title: A\n\ttitle: B', 'yaml', 'cannot be read'],
    ['{"title": "A", "title": "B"}', 'json', 'stands here twice'],
    ["{'title': 'A'}", 'json', 'is not JSON from here on'],
    ['{"title": "A",}', 'json', 'is not JSON from here on'],
    ['title: A', 'json', 'is not JSON from here on'],
    ['{"minPatients": 9007199254740993}', 'json', 'is a number beyond 2^53'],
    ['minPatients: 9007199254740993', 'yaml', 'is a number beyond 2^53'],
    ['minPatients: -9007199254740993', 'yaml', 'is a number beyond 2^53'],
    ['minPatients: 1.5', 'yaml', 'is a number with decimals'],
    ['minPatients: 1e400', 'yaml', 'is a number with decimals'],
    ['minPatients: .nan', 'yaml', 'is a number with decimals'],
    ['{"__proto__": {"title": "A"}}', 'json', 'has a field whose name cannot be one'],
    ['__proto__: { title: A }', 'yaml', 'has a field whose name cannot be one'],
    ['? [a, b]\n: c', 'yaml', 'has a field whose name cannot be one'],
    ['title: Cafe\u0301', 'yaml', 'is not in Unicode NFC'],
    ['{"title": "\\ud800"}', 'json', 'is not in Unicode NFC'],
    ['title: &a A\nnote: *a', 'yaml', 'is an alias of something else'],
    ['title: !!binary QQ==', 'yaml', 'has a tag or an anchor'],
    ['title: A\n---\ntitle: B', 'yaml', 'cannot be read'],
  ])('%j as %s: %s', (file, format, rule) => {
    expect(problems(file, format).map((problem) => problem.rule)).toContainEqual(expect.stringContaining(rule));
    expect(() => readAgreement(file, format, () => expect.fail())).toThrow(
      expect.objectContaining({ code: 'agreement-invalid', message: expect.stringMatching(/^line \d+: /) }),
    );
  });

  test('a bomb of levels or bytes costs a moment', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `a${i}: 1`).join('\n');
    for (const file of ['['.repeat(20_000), '{"a":'.repeat(20_000), `title: ${'x'.repeat(2_000_000)}`, many]) {
      for (const format of ['yaml', 'json'] as const) {
        const { length } = problems(file, format);
        expect(length > 0 && length < 200).toBe(true);
      }
    }
  });

  test('fields named like those of every object are unknown, not found', () => {
    expect(
      problems('toString: 1\nconstructor: 2', 'yaml').filter(({ rule }) => rule === 'is not known here'),
    ).toHaveLength(2);
  });
});

test('the place of a field is that of its name or its value, or of what it would stand in', () => {
  const { place } = readWritten('a:\n  b: 1\n  c:\n    - x\n', 'yaml');
  expect([place('a.b', 'name'), place('a.b'), place('a.c.0'), place('a.d.e'), place('z')]).toEqual([
    { line: 2, column: 3 },
    { line: 2, column: 6 },
    { line: 4, column: 7 },
    { line: 1, column: 1 },
    { line: 1, column: 1 },
  ]);
});

/** Every field of a value, by its path. */
function leaves(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, part]) => leaves(part, path === '' ? name : `${path}.${name}`));
}

test('whatever is changed in a file, reading it says problems or gives a checked agreement, never anything else', () => {
  const paths = leaves(example);
  const junk = fc.oneof(
    fc.constant(undefined),
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.constant([]),
    fc.constant({}),
  );
  fc.assert(
    fc.property(fc.constantFrom(...paths), junk, (path, value) => {
      const file = JSON.stringify(altered(example as unknown as Tree, path, value));
      const wrong = problems(file, 'json');
      if (wrong.length === 0) expect(exampleOf(file, 'json').kind).toBe('agreement');
      else expect(() => exampleOf(file, 'json')).toThrow(expect.objectContaining({ code: 'agreement-invalid' }));
      for (const { line, column } of wrong) expect([line, column >= 1 && column <= file.length + 1]).toEqual([1, true]);
    }),
    { numRuns: 150 },
  );
});
