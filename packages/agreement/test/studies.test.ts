import { base64url, canonicalBytes, mergeSignatures, sha256, utf8 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  agreementHash,
  allowsStudy,
  coversLink,
  draftAgreement,
  memberOf,
  parseAgreement,
  requireLink,
  requireStudies,
  type StudyRequest,
  signAgreement,
  signStudyStatement,
  verifyAgreement,
  verifyStudyStatement,
} from '../src/index.ts';
import { agreement, hospital, insurer, terms, testOrganisation } from './samples.ts';

const office = await testOrganisation('office');
const code = (expected: string) => expect.objectContaining({ code: expected });

const studies = {
  tables: {
    patients: {
      holders: [{ party: 'hospital', dataset: 'ibd' }],
      maxRows: 1000,
      patient: 'person',
      rowsPerPatient: 8,
      columns: {
        person: { type: 'text', policy: 'join', required: true },
        visits: { type: 'number', policy: 'aggregate', min: '0', max: '99.5', scale: 1 },
        since: { type: 'date', policy: 'filter', min: '2020-01-01', max: '2026-12-31' },
        app: { type: 'boolean', policy: 'group' },
      },
    },
    people: {
      holders: [
        { party: 'office', dataset: 'people_north' },
        { party: 'insurer', dataset: 'people_south' },
      ],
      maxRows: 9000,
      patient: 'id',
      onePerPatient: true,
      columns: {
        id: { type: 'text', policy: 'join', required: true },
        education: { type: 'text', policy: 'group', values: ['low', 'middle', 'high'] },
      },
    },
  },
  joins: [{ hub: 'patients', spoke: 'people', on: [['person', 'id']] }],
  minPatients: 10,
  list: [
    {
      name: 'visits',
      text: 'SELECT people.education, AVG(patients.visits)\nFROM patients JOIN people ON patients.person = people.id\nGROUP BY people.education',
      to: ['office'],
      maxRuns: 2,
    },
  ],
} as const;
const { tables: _tables, link: _link, ...common } = terms;
const studyTerms = { ...common, parties: [...terms.parties, memberOf(office.card)], studies };
const drafted = draftAgreement(studyTerms);

/** The sample with the field at `path` set, or removed if `value` is undefined. */
function changed(path: string, value: unknown): Uint8Array {
  type Tree = { [key: string]: Tree };
  const copy = structuredClone(drafted) as unknown as Tree;
  const steps = path.split('.');
  const last = steps.pop()!;
  const parent = steps.reduce((node, step) => node[step]!, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value as Tree;
  return canonicalBytes(copy);
}

describe('an agreement', () => {
  test('covers studies, a link, or both', () => {
    expect(parseAgreement(canonicalBytes(drafted))).toEqual(drafted);
    expect(drafted.studies).toEqual(studies);
    expect(() => requireLink(drafted)).toThrow(code('agreement-limit'));
    expect(() => requireStudies(agreement)).toThrow(code('agreement-limit'));
    const both = draftAgreement({ ...studyTerms, tables: terms.tables, link: terms.link });
    expect(coversLink(both) && requireStudies(both).studies).toEqual(studies);
    expect(() => Object.assign(drafted.studies.list[0]!, { maxRuns: 99 })).toThrow(TypeError);
  });

  test('that was made before there were studies keeps its hash', () => {
    expect(agreementHash(agreement)).toBe('4qaS_czTkJMEfC_gnd_ZvdmKOgSpl7dtyLsVEBRfKBA');
  });

  const hub = 'studies.tables.patients';
  const column = `${hub}.columns.visits`;
  const values = 'studies.tables.people.columns.education.values';
  const join = { hub: 'patients', spoke: 'people', on: [['person', 'id']] };
  const on = (...pairs: string[][]) => [{ ...join, on: pairs }];
  test.each<[string, unknown, string]>([
    ['studies', undefined, 'agreement'],
    ['link', terms.link, 'tables'],
    ['tables', terms.tables, 'link'],
    ['studies.extra', 1, 'studies'],
    ['studies.tables', {}, 'studies.tables'],
    ['studies.tables.Patients', studies.tables.people, 'studies.tables.Patients'],
    [`${hub}.holders`, [], `${hub}.holders`],
    [`${hub}.holders`, [{ party: 'stranger', dataset: 'x' }], `${hub}.holders`],
    [`${hub}.holders`, [...studies.tables.patients.holders, ...studies.tables.patients.holders], `${hub}.holders`],
    [`${hub}.maxRows`, 0, `${hub}.maxRows`],
    [`${hub}.patient`, 'toString', `${hub}.patient`],
    [`${hub}.columns.person.required`, undefined, `${hub}.columns.person.required`],
    [`${hub}.rowsPerPatient`, 1, `${hub}.rowsPerPatient`],
    ['studies.tables.people.rowsPerPatient', 2, 'studies.tables.people.rowsPerPatient'],
    [`${hub}.onePerPatient`, false, `${hub}.onePerPatient`],
    [`${column}.policy`, 'all', `${column}.policy`],
    [`${column}.policy`, undefined, `${column}.policy`],
    [`${column}.min`, 0, `${column}.min`],
    [`${column}.max`, '0.05', `${column}.max`],
    [`${column}.max`, '-1', `${column}.max`],
    [`${column}.max`, '1000000000000000000', column],
    [`${hub}.columns.since.max`, '2019-12-31', `${hub}.columns.since.max`],
    [`${hub}.columns.since.max`, undefined, `${hub}.columns.since.max`],
    [values, [], values],
    [values, ['low', 'low'], values],
    [values, ['low', 'lo\u200bw'], `${values}.1`],
    ['studies.joins.0.hub', 'people', 'studies.joins.0.spoke'],
    ['studies.joins.0.spoke', 'toString', 'studies.joins.0.spoke'],
    ['studies.joins', [join, join], 'studies.joins'],
    ['studies.joins', on(['person', 'ID']), 'studies.joins.0.on.0.1'],
    ['studies.joins', on(['person', 'name']), 'studies.joins.0.on'],
    ['studies.joins', on(['person', 'id'], ['person', 'education']), 'studies.joins.0.on'],
    ['studies.joins', on(['visits', 'id']), 'studies.joins.0.on'],
    [`${hub}.columns.person.policy`, 'hidden', 'studies.joins.0.on'],
    ['studies.minPatients', 0, 'studies.minPatients'],
    ['studies.allowEmptyParty', false, 'studies.allowEmptyParty'],
    ['studies.list', [], 'studies.list'],
    ['studies.list', [studies.list[0], studies.list[0]], 'studies.list'],
    ['studies.list.0.text', 'SELECT\u202e 1', 'studies.list.0.text'],
    ['studies.list.0.to', [], 'studies.list.0.to'],
    ['studies.list.0.to', ['keys'], 'studies.list.0.to'],
    ['studies.list.0.to', ['office', 'office'], 'studies.list.0.to'],
    ['studies.list.0.maxRuns', 0, 'studies.list.0.maxRuns'],
  ])('%s = %j is refused and named', (path, value, culprit) => {
    const payload = changed(path, value);
    expect(() => parseAgreement(payload)).toThrow(
      expect.objectContaining({ code: 'agreement-invalid', culprit, message: expect.stringContaining(`${culprit}: `) }),
    );
  });
});

describe('a join by the pairs of the link', () => {
  const patients = { ...studies.tables.patients, holders: [{ party: 'hospital', dataset: 'patients' }] } as const;
  const people = { ...studies.tables.people, holders: [{ party: 'insurer', dataset: 'members' }] } as const;
  const linked = {
    ...studies,
    tables: { patients, people },
    joins: [{ hub: 'patients', spoke: 'people', linked: true }],
  } as const;
  const both = { ...studyTerms, tables: terms.tables, link: terms.link, studies: linked };
  const refused = { code: 'agreement-invalid', culprit: 'studies.joins.0.linked' };

  test('is agreed where the link is of the same data sets and shows its pairs to both', () => {
    expect(draftAgreement(both).studies).toEqual(linked);
  });

  test.each([
    ['there is no link', { ...studyTerms, studies: linked }, 'has no link'],
    [
      'the link is of other records',
      {
        ...both,
        studies: {
          ...linked,
          tables: { patients, people: { ...people, holders: [{ party: 'insurer', dataset: 'x' }] } },
        },
      },
      'not of the data set x of insurer',
    ],
    [
      'its rows are split',
      { ...both, studies: { ...linked, tables: { patients, people: studies.tables.people } } },
      'those of one holder',
    ],
    [
      'both are one data set',
      { ...both, studies: { ...linked, tables: { patients, people: { ...people, holders: patients.holders } } } },
      'the same data set',
    ],
    ['only a count is shown', { ...both, link: { ...terms.link, reveal: 'count' } }, 'to both sides'],
    ['one side alone learns it', { ...both, link: { ...terms.link, to: ['insurer'] } }, 'to both sides'],
  ] as const)('is refused where %s', (_, wrong, says) => {
    expect(() => draftAgreement(wrong as typeof both)).toThrow(
      expect.objectContaining({ ...refused, message: expect.stringContaining(says) }),
    );
  });

  test.each([
    [{ hub: 'patients', spoke: 'people' }, 'studies.joins.0.on'],
    [{ hub: 'patients', spoke: 'people', linked: true, on: [['person', 'id']] }, 'studies.joins.0'],
  ])('is of one kind: %j', (join, culprit) => {
    expect(() => parseAgreement(changed('studies.joins', [join]))).toThrow(
      expect.objectContaining({ code: 'agreement-invalid', culprit }),
    );
  });
});

describe('a join by a match rule', () => {
  const text = { type: 'text', policy: 'join', maxLength: 30, normalise: ['nfkd', 'lower'], alphabet: 'abc' } as const;
  const patients = {
    ...studies.tables.patients,
    rowsPerPatient: undefined,
    onePerPatient: true,
    columns: { ...studies.tables.patients.columns, name: text, hidden: { ...text, policy: 'hidden' } },
  } as const;
  const people = {
    ...studies.tables.people,
    holders: [{ party: 'office', dataset: 'people' }],
    columns: { ...studies.tables.people.columns, surname: text },
  } as const;
  const join = {
    hub: 'patients',
    spoke: 'people',
    rule: "levenshtein(a.name, b.surname) <= 1 AND a.name <> 'b.nothing'",
    blocking: { keys: ['left(a.name, 3) = left(b.surname, 3)'], cap: 2 },
    prefer: 'best',
  } as const;
  const ruled = (change: object = {}, tables: object = {}) => ({
    ...studyTerms,
    studies: {
      ...studies,
      tables: JSON.parse(JSON.stringify({ patients, people, ...tables })),
      joins: [{ ...join, ...change }],
    },
  });
  const draft = (terms: ReturnType<typeof ruled>) => draftAgreement(terms as unknown as typeof studyTerms);

  test('is agreed, with or without a preference', () => {
    expect(draft(ruled()).studies.joins).toEqual([join]);
    const { prefer: _, ...plain } = join;
    expect(
      draft({ ...studyTerms, studies: { ...ruled().studies, joins: [plain as typeof join] } }).studies.joins,
    ).toEqual([plain]);
  });

  const at = (field: string) => `studies.joins.0.${field}`;
  test.each<[string, string, ReturnType<typeof ruled>, string]>([
    [
      'the hub may have several rows a patient',
      at('hub'),
      ruled({}, { patients: { ...patients, onePerPatient: undefined } }),
      'onePerPatient',
    ],
    [
      'the spoke is split',
      at('spoke'),
      ruled({}, { people: { ...people, holders: studies.tables.people.holders } }),
      'one holder',
    ],
    [
      'one party holds both',
      at('spoke'),
      ruled({}, { people: { ...people, holders: patients.holders } }),
      'equal columns',
    ],
    [
      'the rule names what is not there',
      at('rule'),
      ruled({ rule: 'a.name = b.name' }),
      'people, which is b, has no column name',
    ],
    [
      'a key does',
      at('blocking.keys'),
      ruled({ blocking: { keys: ['a.surname = b.surname'], cap: 1 } }),
      'patients, which is a, has no column surname',
    ],
    ['the rule names a hidden column', at('rule'), ruled({ rule: 'a.hidden = b.surname' }), 'must not be hidden'],
    [
      'a key stands twice',
      at('blocking.keys'),
      ruled({ blocking: { keys: ['a.name = b.surname', 'a.name = b.surname'], cap: 1 } }),
      'twice',
    ],
    ['there are no keys', at('blocking'), ruled({ blocking: undefined }), 'expected object'],
    ['nor any in the list', at('blocking.keys'), ruled({ blocking: { keys: [], cap: 1 } }), 'Too small'],
    [
      'the cap is too large',
      at('blocking.cap'),
      ruled({ blocking: { keys: ['a.name = b.surname'], cap: 17 } }),
      'Too big',
    ],
    ['the rule is empty', at('rule'), ruled({ rule: '' }), 'Too small'],
    ['it prefers something else', at('prefer'), ruled({ prefer: 'last' }), 'expected one of'],
    ['it is by columns too', at('').slice(0, -1), ruled({ on: [['person', 'id']] }), 'Unrecognized key'],
    [
      'a text has values and a length',
      'studies.tables.people.columns.surname.maxLength',
      ruled({}, { people: { ...people, columns: { ...people.columns, surname: { ...text, values: ['x'] } } } }),
      'values are listed',
    ],
    [
      'steps are out of order',
      'studies.tables.people.columns.surname.normalise',
      ruled(
        {},
        { people: { ...people, columns: { ...people.columns, surname: { ...text, normalise: ['lower', 'nfkd'] } } } },
      ),
      'in the order',
    ],
    [
      'a character stands twice',
      'studies.tables.people.columns.surname.alphabet',
      ruled({}, { people: { ...people, columns: { ...people.columns, surname: { ...text, alphabet: 'aba' } } } }),
      'twice',
    ],
  ])('is refused where %s', (_, culprit, wrong, says) => {
    expect(() => draft(JSON.parse(JSON.stringify(wrong)))).toThrow(
      expect.objectContaining({ code: 'agreement-invalid', culprit, message: expect.stringContaining(says) }),
    );
  });
});

describe('allowsStudy', () => {
  const request: StudyRequest = {
    action: 'study',
    study: 'visits',
    by: 'office',
    date: '2026-12-24',
    rows: { patients: { hospital: 1000 }, people: { office: 9000, insurer: 1 } },
    runsSoFar: 1,
  };

  test('grants what the agreement covers, to its edges', () => {
    expect(allowsStudy(drafted, request)).toEqual({ grant: true, study: studies.list[0], runsLeft: 0 });
    expect(allowsStudy(drafted, { ...request, rows: {}, runsSoFar: 0 })).toMatchObject({ runsLeft: 1 });
  });

  test.each<[Partial<StudyRequest>, string, RegExp]>([
    [{ by: 'stranger' }, 'agreement-party', /stranger asked/],
    [{ date: '2026-10-31' }, 'agreement-term', /begins on 2026-11-01/],
    [{ date: '2027-11-01' }, 'agreement-term', /ended on 2027-10-31/],
    [{ study: 'costs' }, 'agreement-limit', /no study 'costs', only visits/],
    [{ rows: { toString: {} } }, 'agreement-limit', /no table 'toString'/],
    [{ rows: { patients: { insurer: 1 } } }, 'agreement-party', /insurer holds no rows of patients/],
    [{ rows: { patients: { hospital: 1001 } } }, 'agreement-limit', /1001 rows; at most 1000/],
    [{ runsSoFar: 2 }, 'agreement-limit', /All 2 runs of the study 'visits'/],
  ])('refuses %j by name', (change, expected, words) => {
    const refusal = allowsStudy(drafted, { ...request, ...change });
    expect(refusal).toMatchObject({ grant: false, code: expected });
    expect('reason' in refusal && refusal.reason).toMatch(words);
  });

  test('a malformed request throws', () => {
    expect(() => allowsStudy(drafted, { ...request, runsSoFar: -1 })).toThrow(code('request-invalid'));
  });
});

describe('the statement of a study', () => {
  const hash = (text: string) => base64url(sha256(utf8(text)));
  const verified = verifyAgreement(signAgreement(drafted, insurer.signing));
  const statement = {
    agreement: agreementHash(drafted),
    study: 'visits',
    studyHash: hash('study'),
    parties: ['hospital', 'office', 'insurer'],
    to: ['office'],
    session: hash('session'),
    sessions: 1,
    programs: hash('programs'),
    transcript: hash('transcript'),
    released: null,
    rows: { patients: { hospital: 10 }, people: { office: 2, insurer: 3 } },
    attempt: 'A1',
    date: '2026-11-22T12:00:00Z',
  };
  const all = [hospital, office, insurer].map(({ signing }) => signStudyStatement(statement, signing));
  const whole = all.reduce(mergeSignatures);

  test('counts once all its parties have signed, in whatever order', () => {
    expect(verifyStudyStatement(whole, verified)).toEqual({ kind: 'study-run', version: 1, ...statement });
    expect(all.toReversed().reduce(mergeSignatures)).toEqual(whole);
  });

  test('does not count with a signature missing, of a stranger, or about another agreement', () => {
    expect(() => verifyStudyStatement(mergeSignatures(all[0]!, all[1]!), verified)).toThrow(code('document-signer'));
    const stranger = signStudyStatement({ ...statement, parties: ['hospital', 'keys'] }, hospital.signing);
    expect(() => verifyStudyStatement(stranger, verified)).toThrow(code('document-signer'));
    const elsewhere = draftAgreement({ ...studyTerms, title: 'Another' });
    const other = verifyAgreement(signAgreement(elsewhere, insurer.signing));
    expect(() => verifyStudyStatement(whole, other)).toThrow(code('hash-mismatch'));
    const differs = signStudyStatement({ ...statement, attempt: 'A2' }, insurer.signing);
    expect(() => mergeSignatures(whole, differs)).toThrow(code('bad-document'));
  });

  test('is of another kind than that of a link', () => {
    expect(() => signStudyStatement({ ...statement, parties: ['hospital'] }, hospital.signing)).toThrow(
      code('bad-document'),
    );
  });
});
