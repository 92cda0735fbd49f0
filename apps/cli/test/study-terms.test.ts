import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StudyAgreement } from '@symbolon/agreement';
import { expect, onTestFinished, test } from 'vitest';
import { readAgreementFile } from '../src/study/agreement-file.ts';
import { studyColumns, studyFacts } from '../src/study/terms-text.ts';

const file = `title: Courses
parties: [hospital, municipality]
term: { from: 2026-01-01, until: 2027-12-31 }
minPatients: 10
tables:
  patients:
    holders: [hospital]
    maxRows: 5000
    patient: id
    onePerPatient: true
    columns:
      id: { type: text, policy: join, required: true }
      name: { type: text, policy: join, maxLength: 32, normalise: [nfkd, lower], alphabet: abc }
  library:
    holders: [municipality]
    maxRows: 5000
    patient: member
    onePerPatient: true
    columns:
      member: { type: text, policy: join, required: true }
      name: { type: text, policy: join, maxLength: 32 }
joins:
  - hub: patients
    spoke: library
    rule: levenshtein(a.name, b.name) <= 1
    blocking: { keys: ["left(a.name, 3) = left(b.name, 3)"], cap: 2 }
studies: [courses.yaml]
`;
const study = `name: courses
title: Courses
agreement: agreement.yaml
sql: SELECT COUNT(*) FROM patients JOIN library ON agreed(patients, library)
to: [hospital]
`;

test('a file says which tables join by a rule; an agreement says it in words', () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-terms-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'agreement.yaml'), file);
  writeFileSync(join(folder, 'courses.yaml'), study);
  const { studies, term } = readAgreementFile(join(folder, 'agreement.yaml'));
  expect(studies.joins).toEqual([
    {
      hub: 'patients',
      spoke: 'library',
      rule: 'levenshtein(a.name, b.name) <= 1',
      blocking: { keys: ['left(a.name, 3) = left(b.name, 3)'], cap: 2 },
    },
  ]);
  expect(studies.tables.patients!.columns.name).toMatchObject({ maxLength: 32, normalise: ['nfkd', 'lower'] });
  const agreement = { studies, term } as StudyAgreement;
  const facts = new Map(studyFacts(agreement));
  expect(facts.get('joins')).toBe(
    [
      'patients and library, where this rule matches, a row with one row at most; nobody learns which (a is patients, b is library):',
      '  levenshtein(a.name, b.name) <= 1',
      '  of several, the first in a secret random order; compared where one of these is so, at most 2 rows of each under one value:',
      '  - left(a.name, 3) = left(b.name, 3)',
    ].join('\n'),
  );
  expect(studyColumns(agreement)).toMatch(
    /patients\.name +text +up to 32 characters, normalised \(nfkd, lower\), of abc +to join/,
  );
  expect(studyColumns(agreement)).toMatch(/library\.name +text +up to 32 characters +to join/);
});
