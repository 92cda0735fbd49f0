import { expect, test } from 'vitest';
import { allowsStudy, requireStudies, type StudyRequest } from '../src/index.ts';
import { example } from './example.ts';

const agreement = requireStudies(example);
const request: StudyRequest = {
  action: 'study',
  study: 'cost-after-long-stays-0123456789',
  question: { kind: 'template', template: 'cost-after-long-stays' },
  by: 'university',
  date: '2026-06-01',
  rows: { stays: { hospital: 100 } },
  runsSoFar: 0,
};
const free = {
  kind: 'free',
  text: 'SELECT AVG(days) FROM stays',
  tables: ['stays'],
  method: 'describe',
  to: ['university'],
} as const;

test('a choice of a template has its receivers, and shares its runs', () => {
  expect(allowsStudy(agreement, request)).toMatchObject({
    grant: true,
    study: { name: request.study, to: ['university'] },
    runsLeft: 23,
  });
  expect(allowsStudy(agreement, { ...request, runsSoFar: 24 })).toMatchObject({
    grant: false,
    reason: expect.stringContaining("All 24 runs of the template 'cost-after-long-stays' have been used."),
  });
  expect(
    allowsStudy(agreement, { ...request, question: { kind: 'template', template: 'days-by-programme' } }),
  ).toMatchObject({
    grant: false,
    reason: expect.stringContaining("It lists no template 'days-by-programme', only cost-after-long-stays."),
  });
  // What is not listed is none without being a choice of a template.
  expect(allowsStudy(agreement, { ...request, question: { kind: 'study' } })).toMatchObject({ grant: false });
});

test('a free study is granted within its terms', () => {
  const asked = {
    ...request,
    study: 'ages-0123456789',
    question: { ...free, tables: [...free.tables], to: [...free.to] },
  };
  expect(allowsStudy(agreement, asked)).toMatchObject({ grant: true, study: { to: ['university'] }, runsLeft: 9 });
  const { free: _, ...rest } = agreement.studies;
  const cases: [StudyRequest, string, typeof agreement?][] = [
    [{ ...asked, by: 'hospital' }, 'Only university may ask free studies; hospital asked.'],
    [
      { ...asked, question: { ...asked.question, tables: ['stays', 'claims'] } },
      'Free studies are over stays, not over claims.',
    ],
    [
      { ...asked, question: { ...asked.question, method: 'survival' } },
      'Free studies are as select, describe, histogram, not as survival.',
    ],
    [
      { ...asked, question: { ...asked.question, to: ['university', 'insurer'] } },
      'Free studies are for university, not for insurer.',
    ],
    [{ ...asked, runsSoFar: 10 }, 'All 10 runs of free studies have been used.'],
    [{ ...asked, date: '2027-01-01' }, 'The term ended'],
    [{ ...asked, rows: { stays: { hospital: 200_001 } } }, 'at most 200000 are allowed'],
    [asked, 'It allows no free studies.', { ...agreement, studies: rest }],
  ];
  for (const [one, reason, of = agreement] of cases) {
    expect(allowsStudy(of, one)).toMatchObject({ grant: false, reason: expect.stringContaining(reason) });
  }
});
