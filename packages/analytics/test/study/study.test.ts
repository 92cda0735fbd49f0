import { hex, SymbolonError } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import { checkStudy, parseStudyFile, studyTextHash } from '../../src/index.ts';

const file = `# Does the app lower costs?
name: app-and-cost
title: "Cost by use of the app: first year"
agreement: E-coaching 2026   # its title
sql: |
  SELECT v.cost AS value, i.app AS grp
  FROM visits v JOIN insured i USING (pid)

  WHERE v.seen < '2021-01-01' -- the first year: all
method: t-test
parameters:
  level: 0.990
  groups: ['true', "false"]
to:
  - hospital
  - insurer
note: 'Board''s question #3'
`;

const study = {
  name: 'app-and-cost',
  title: 'Cost by use of the app: first year',
  agreement: 'E-coaching 2026',
  sql: "SELECT v.cost AS value, i.app AS grp\nFROM visits v JOIN insured i USING (pid)\n\nWHERE v.seen < '2021-01-01' -- the first year: all",
  method: { name: 't-test', level: '0.99', variances: 'welch', groups: ['true', 'false'] },
  to: ['hospital', 'insurer'],
  note: "Board's question #3",
};

function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof SymbolonError && error.code === 'study-invalid') return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

test('a file is read', () => expect(parseStudyFile(file)).toEqual(study));

test('the same from JSON, where numbers are numbers', () => {
  const { method, ...fields } = study;
  const value = { ...fields, method: 't-test', parameters: { level: 0.99, groups: method.groups } };
  expect(checkStudy(value)).toEqual(study);
});

test('line ends and a first line of dashes do not matter', () =>
  expect(parseStudyFile(`---\r\n${file.replaceAll('\n', '\r\n')}`)).toEqual(study));

test('the hash is of what is computed and who receives it', () => {
  const parsed = parseStudyFile(file);
  expect(hex(studyTextHash(parsed))).toBe(hex(studyTextHash({ ...parsed, to: ['insurer', 'hospital'] })));
  const { method } = parsed;
  for (const other of [
    { ...parsed, sql: `${parsed.sql} ` },
    { ...parsed, to: ['hospital'] },
    { ...parsed, method: null },
    { ...parsed, method: { ...method!, level: '0.95' } },
  ])
    expect(hex(studyTextHash(other))).not.toBe(hex(studyTextHash(parsed)));
});

describe('what is wrong is named, with its line', () => {
  const cases: [why: string, from: string, to: string, message: string][] = [
    ['an unknown field', 'note:', 'notes:', 'notes (line 17): unknown field; did you mean note?'],
    ['an unknown method', 't-test', 'ttest', 'method (line 10): did you mean t-test?'],
    ['an unknown parameter', '  level:', '  leves:', 'parameters.leves (line 12): unknown field; did you mean level?'],
    ['a bound', '0.990', '95', 'parameters.level (line 12): it lies between 0 and 1'],
    [
      'no number',
      '0.990',
      'high',
      'parameters.level (line 12): a decimal of at most 15 digits is needed, such as 0.95',
    ],
    ['too few', `['true', "false"]`, '[yes]', 'parameters.groups (line 13): a list of 2 to 2 is needed'],
    ['a text for a list', '\n  - hospital\n  - insurer', ' hospital', 'to (line 14): a list of 1 to 5 is needed'],
    [
      'fields for a text',
      'title: "Cost by use of the app: first year"',
      'title:\n  long: x',
      'title (line 3): a text is needed',
    ],
    ['one twice', '- insurer', '- hospital', 'to (line 14): a party stands there twice'],
    ['a missing field', 'agreement: E-coaching 2026   # its title\n', '', 'agreement: the field is missing'],
    ['parameters of no method', 'method: t-test\n', '', 'parameters (line 10): only a method has parameters; add one'],
    ['a name', 'app-and-cost', 'App', 'name (line 2): a name is written like visits-by-region'],
    ['a field twice', 'note:', 'name:', 'line 17: Map keys must be unique'],
    ['a tab', '  - hospital', '\t- hospital', 'line 15: Tabs are not allowed as indentation'],
    [
      'a colon',
      '"Cost by use of the app: first year"',
      'Cost: all',
      'line 3: Nested mappings are not allowed in compact mappings',
    ],
    ['an anchor', 'E-coaching 2026 ', '&a E-coaching', 'line 4: tags and anchors cannot stand here'],
    ['an alias', 'E-coaching 2026 ', '*a', 'line 4: aliases cannot stand here'],
    ['a tag', 'E-coaching 2026 ', '!!str E', 'line 4: tags and anchors cannot stand here'],
    ['open quotes', "s question #3'", 's question', "line 18: Missing closing 'quote"],
    ['nothing', 'agreement: E-coaching 2026', 'agreement:', 'line 4: agreement has no value'],
    ['no field', 'note: ', '- ', 'line 17: A block sequence may not be used as an implicit map key'],
    ['indentation', 'title:', ' title:', 'line 2: Nested mappings are not allowed in compact mappings'],
    ['a second document', 'note:', '---\nnote:', 'line 17: a study file holds one study'],
  ];
  test.each(cases)('%s', (_, from, to, message) => {
    expect(file).toContain(from);
    expect(refusal(() => parseStudyFile(file.replace(from, to)))).toBe(message);
  });

  test('nothing at all', () => {
    expect(refusal(() => parseStudyFile('# to do\n'))).toBe('the study file is empty');
    expect(refusal(() => checkStudy([]))).toBe('the study: it has fields of its own');
  });
});

describe('parameters', () => {
  const of = (method: string, parameters: Record<string, unknown> = {}) =>
    checkStudy({ name: 'x', title: 'x', agreement: 'x', sql: 'SELECT 1', to: ['a'], method, parameters }).method;

  test('all have a value', () => {
    expect(of('survival', { at: ['90', 180] })).toEqual({
      name: 'survival',
      level: '0.95',
      at: ['90', '180'],
      scale: 'log',
    });
    expect(of('logistic-regression')).toEqual({ name: 'logistic-regression', level: '0.95', iterations: 8 });
    expect(of('histogram', { edges: [0, '2.50', 10] })).toMatchObject({ bins: { edges: ['0', '2.5', '10'] } });
    expect(of('histogram', { width: '10' })).toMatchObject({ bins: { width: '10' } });
    expect(of('describe', { quantiles: [0.25, 0.5] })).toMatchObject({ quantiles: ['0.25', '0.5'] });
  });

  test.each([
    ['histogram', {}, 'parameters: a histogram takes edges or width, such as edges: [0, 30, 60, 90]'],
    [
      'histogram',
      { edges: [0, 1], width: 1 },
      'parameters: a histogram takes edges or width, such as edges: [0, 30, 60, 90]',
    ],
    ['histogram', { edges: [0, 5, 5] }, 'parameters.edges: each is above the one before it'],
    ['histogram', { width: 0 }, 'parameters.width: a width is above 0'],
    ['describe', { quantiles: [0.5, 1] }, 'parameters.quantiles: each lies between 0 and 1'],
    [
      'survival',
      { at: [-1, 0.0000000001] },
      'parameters.at[1]: a decimal of at most 15 digits is needed, such as 0.95',
    ],
    ['survival', {}, 'parameters: survival takes the times at which curves open, such as at: [90, 180, 365]'],
    ['survival', { at: [1], scale: 'logg' }, 'parameters.scale: did you mean log?'],
    ['logistic-regression', { iterations: 26 }, 'parameters.iterations: a whole number from 1 to 25 is needed'],
    ['t-test', { groups: ['a', 'a'] }, 'parameters.groups: two different values of grp are compared'],
    ['risk', { at: [1] }, 'parameters.at: unknown field; known are level'],
  ])('%s %o', (method, parameters, message) => expect(refusal(() => of(method, parameters))).toBe(message));
});
