import { expect, test } from 'vitest';
import { bindListed } from '../src/study/question.ts';
import { encryptedStudies } from './encrypted-network.ts';

/** Binds a study of patients, where text columns may be without listed values. */
const bind = (text: string) => {
  const { patients } = encryptedStudies().tables;
  const columns = { ...patients!.columns, note: { type: 'text', policy: 'group' } } as const;
  const studies = encryptedStudies({ tables: { patients: { ...patients!, columns } } });
  return bindListed({ studies }, { name: 'asked', text, to: ['hospital'], maxRuns: 1 });
};
const method = (name: string, sql: string, ...more: string[]): string =>
  ['name: asked', 'title: Asked', 'agreement: none', 'to: [hospital]', `method: ${name}`, `sql: ${sql}`, ...more].join(
    '\n',
  );

test.each([
  [
    'sums of agreed groups',
    'SELECT treated, COUNT(*) AS n, AVG(cost) AS mean, VAR_SAMP(cost) AS v FROM patients GROUP BY treated',
  ],
  ['a method of such sums', method('t-test', 'SELECT cost AS value, treated AS grp FROM patients')],
])('a server may compute %s', async (_, text) => {
  expect((await bind(text)).parties).toEqual(['hospital', 'insurer', 'office']);
});

test.each([
  ['groups that nobody has listed', 'SELECT note, COUNT(*) AS n FROM patients GROUP BY note'],
  ['a median', 'SELECT MEDIAN(age) AS middle FROM patients'],
  [
    'a method over rows',
    method('survival', 'SELECT age AS time, treated AS event FROM patients', 'parameters: { at: [30, 60] }'),
  ],
])('it refuses %s before anybody signs', async (_, text) => {
  await expect(bind(text)).rejects.toMatchObject({ code: 'circuit', culprit: undefined });
});
