import { canonicalBytes } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import {
  type Agreement,
  alertWords,
  conditionWords,
  difference,
  differenceText,
  parseAgreement,
  questionWords,
} from '../src/index.ts';
import { altered, example } from './example.ts';
import { agreement } from './samples.ts';

/** The example with each of these fields set. */
function version(changes: readonly (readonly [path: string, value: unknown])[]): Agreement {
  const next = changes.reduce((document, [path, value]) => altered(document, path, value), example);
  return parseAgreement(canonicalBytes(next));
}

test('between a version and itself there is none', () => {
  expect(difference(example, example)).toEqual([]);
  expect(differenceText([])).toBe('Nothing changes.');
});

test('is told section by section, in words', () => {
  const { list, templates } = example.studies!;
  const [study] = list;
  const next = version([
    ['term.until', '2027-12-31'],
    ['studies.minPatients', 20],
    ['studies.tables.stays.columns.bnp', undefined],
    ['studies.tables.stays.columns.smoker', { type: 'boolean', policy: 'group', towards: ['university'] }],
    ['studies.tables.claims.columns.cost.policy', 'aggregate'],
    ['studies.tables.claims.columns.cost.towards', ['university']],
    ['studies.list', [{ ...study!, text: study!.text.replace('AVG(stays.days)', 'MEDIAN(stays.days)'), maxRuns: 6 }]],
    ['studies.templates', [{ ...templates![0]!, to: ['university', 'insurer'] }]],
    ['studies.free', undefined],
    ['price.perRun', '300.00'],
    ['price.perMonth', undefined],
    ['approvals', [...example.approvals!, { action: 'link', people: 1, roles: ['operator'] }]],
  ]);
  expect(differenceText(difference(example, next))).toBe(
    [
      'columns',
      '  ~ column claims.cost',
      '      may be used: filter → aggregate',
      '      towards: insurer, university → university',
      '  − column stays.bnp',
      '      description: NT-proBNP at admission',
      '      may be used: aggregate',
      '      type: number',
      '      min: 0',
      '      max: 70000',
      '      unit: ng/L',
      '  + column stays.smoker',
      '      may be used: group',
      '      towards: university',
      '      type: boolean',
      '',
      'release rules',
      '  ~ what opens',
      '      patients at least: 10 → 20',
      '',
      'studies',
      "  ~ study 'days-by-programme'",
      '      text:',
      '        − SELECT claims.programme, COUNT(*) AS patients, AVG(stays.days) AS days',
      '        + SELECT claims.programme, COUNT(*) AS patients, MEDIAN(stays.days) AS days',
      '      runs at most: 4 → 6',
      "  ~ template 'cost-after-long-stays'",
      '      result to: university → university, insurer',
      '  − free studies',
      '      by: university',
      '      tables: stays',
      '      methods: select, describe, histogram',
      '      result to: university',
      '      runs at most: 10',
      '',
      'approvals',
      '  + approval of link at every party',
      '      people: 1',
      '      roles: operator',
      '',
      'term',
      '  ~ the term',
      '      until: 2026-12-31 → 2027-12-31',
      '',
      'price',
      '  ~ the price',
      '      a run: 250.00 → 300.00',
      '      a month: 1000.00 → (not said)',
    ].join('\n'),
  );
});

function leaves(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, part]) => leaves(part, path === '' ? name : `${path}.${name}`));
}

test('no field changes unseen', () => {
  const silent = new Set(['kind', 'version', 'predecessor']);
  for (const path of leaves(example)) {
    if (silent.has(path)) continue;
    // The rules of agreements aside: any other value is another text.
    const next = altered(example, path, 'another value');
    expect(difference(example, next), path).not.toEqual([]);
    expect(difference(next, example), path).not.toEqual([]);
  }
});

test('of two agreements about different things all is told', () => {
  const changes = difference(agreement, example);
  expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['added', 'removed', 'changed']));
  expect(changes.map(({ what }) => what)).toContain("alert 'admissions'");
});

test('every section in words', () => {
  const words = [...conditionWords(example), ...questionWords(example), ...alertWords(example)];
  expect(words.map(([label, text]) => `${label}: ${text}`).join('\n')).toMatchSnapshot();
});

test('where an agreement says nothing, what holds is said', () => {
  const words = new Map(conditionWords(agreement));
  expect([...words.keys()]).toEqual(['approvals', 'onward use']);
  expect(words.get('onward use')).toMatch(/^none/);
  expect(words.get('approvals')).toContain('a link: nobody');
});
