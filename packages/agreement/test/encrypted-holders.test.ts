import { expect, test } from 'vitest';
import {
  type Agreement,
  allowsOutsourced,
  allowsStudy,
  computing,
  covered,
  draftAgreement,
  memberOf,
  questionWords,
  requireCards,
  type StudyAgreement,
} from '../src/index.ts';
import { altered } from './example.ts';
import { keys, testOrganisation } from './samples.ts';

const [north, south, west, office, cloud, other] = await Promise.all(
  (['north', 'south', 'west', 'office', 'cloud', 'other'] as const).map(
    async (id, i) => (await testOrganisation(id, i < 4 ? 'party' : 'compute')).card,
  ),
);
const cards = [north!, south!, west!, office!, cloud!, other!, keys.card];
const holder = (party: string, compute = 'cloud') => ({ party, dataset: 'people', compute });
const agreement = draftAgreement({
  title: 'Three encrypted tables',
  parties: [north!, south!, west!, office!, cloud!].map(memberOf),
  keyService: memberOf(keys.card),
  studies: {
    tables: {
      patients: {
        holders: ['north', 'south', 'west'].map((id) => holder(id)),
        ...{ maxRows: 100, patient: 'pid', onePerPatient: true },
        columns: { pid: { type: 'text', policy: 'join', required: true } },
      },
    },
    ...{ joins: [], minPatients: 5 },
    list: [{ name: 'all', text: 'SELECT COUNT(*) FROM patients', to: ['north'], maxRuns: 2 }],
  },
  pads: 'expanded',
  term: { from: '2026-01-01', until: '2026-12-31' },
});
const date = '2026-06-01';

test('a holder may have its own table encrypted, and no question of its own computed', () => {
  expect([...computing(agreement)]).toEqual(['cloud']);
  const asked = { by: 'south', table: 'patients', rows: 100, date, runsSoFar: 0 } as const;
  const granted = allowsOutsourced(agreement, asked);
  expect(granted).toMatchObject({
    grant: true,
    terms: { owner: 'south', compute: 'cloud', tables: { patients: { dataset: 'people', maxRows: 100 } } },
  });
  const refused = { grant: false, code: 'agreement-limit' };
  expect(allowsOutsourced(agreement, { ...asked, method: 'select' })).toMatchObject(refused);
  expect(allowsOutsourced(agreement, { ...asked, rows: 101 })).toMatchObject(refused);
  expect(allowsOutsourced(agreement, { ...asked, by: 'office' })).toMatchObject({ code: 'agreement-party' });
});

test('a server that computes neither asks nor is a party by its card', () => {
  const study = { action: 'study', study: 'all', date, rows: {}, runsSoFar: 0 } as const;
  expect(allowsStudy(agreement, { ...study, by: 'office' })).toMatchObject({ grant: true });
  expect(allowsStudy(agreement, { ...study, by: 'cloud' })).toMatchObject({ grant: false, code: 'agreement-party' });
  expect(covered(agreement)[0]!.by).toEqual(['north', 'south', 'west', 'office']);
  requireCards(agreement, cards);
  const plain = agreement.studies.tables.patients!.holders.map(({ party, dataset }) => ({ party, dataset }));
  const without = altered(agreement, 'studies.tables.patients.holders', plain) as Agreement;
  expect(() => requireCards(without, cards)).toThrow(expect.objectContaining({ code: 'agreement-altered' }));
});

test('it is said in words', () => {
  const words = questionWords(agreement).map(([, text]) => text);
  expect(words).toHaveLength(3);
  expect(words[2]).toContain('cloud computes on the rows of patients of west, encrypted under a key of west alone');
});

const at = 'studies.tables.patients.holders';
const two = [holder('north'), holder('south')];
test.each<[string, string, unknown, string]>([
  ['two of whom one learns the result', at, two, at],
  ['one alone', at, [holder('west')], at],
  ['one of two whose rows are not encrypted', at, [holder('north'), { party: 'south', dataset: 'people' }], at],
  ['a server that is no party', at, [holder('north'), holder('south'), holder('west', 'other')], at],
  ['a server that holds rows', at, [holder('north'), holder('south'), holder('west', 'south')], at],
  [
    'several rows a patient',
    'studies.tables.patients.onePerPatient',
    undefined,
    'studies.tables.patients.onePerPatient',
  ],
  ['a receiver that computes', 'studies.list.0.to', ['cloud'], at],
])('refuses %s', (_, path, value, culprit) => {
  const { kind: _kind, version: _version, ...terms } = altered(agreement, path, value) as StudyAgreement;
  expect(() => draftAgreement(terms)).toThrow(expect.objectContaining({ code: 'agreement-invalid', culprit }));
});

test('two may, where a third alone learns the result; and each of three may have a server of its own', () => {
  const {
    kind: _,
    version: __,
    ...terms
  } = altered(altered(agreement, at, two), 'studies.list.0.to', ['office']) as StudyAgreement;
  expect(draftAgreement(terms).studies!.tables.patients!.holders).toHaveLength(2);
  const own = [holder('north'), holder('south', 'other'), { party: 'west', dataset: 'people' }];
  const { kind: ___, version: ____, ...mixed } = altered(agreement, at, own) as StudyAgreement;
  const drafted = draftAgreement({ ...mixed, parties: [...mixed.parties, memberOf(other!)] });
  expect([...computing(drafted)]).toEqual(['cloud', 'other']);
});
