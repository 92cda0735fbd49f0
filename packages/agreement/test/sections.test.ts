import { canonicalBytes } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { approvalRule, covered, lastDay, messageFields, parseAgreement, purposeOf } from '../src/index.ts';
import { altered, example } from './example.ts';
import { agreement } from './samples.ts';

const event = 'alerts.0.events.0';
const template = 'studies.templates.0';
const column = 'studies.tables.claims.columns.cost';

describe('a broken rule is refused and named', () => {
  test.each<[string, unknown, string]>([
    // Purpose
    ['purpose.text', '', 'purpose.text'],
    ['purpose.uses', [], 'purpose.uses'],
    ['purpose.uses', ['RESEARCH'], 'purpose.uses.0'],
    ['purpose.uses', ['TREAT', 'TREAT'], 'purpose.uses'],
    ['purpose.legalBasis', ['GDPR 6(1)(g)'], 'purpose.legalBasis.0'],
    ['purpose.legalBasis', ['GDPR 6(1)(e)'], 'purpose.legalBasis'],
    ['purpose.legalBasis', ['GDPR 9(2)(j)'], 'purpose.legalBasis'],
    ['purpose.parties.insurer.legalBasis', ['GDPR 9(2)(h)'], 'purpose.parties.insurer.legalBasis'],
    ['purpose.parties.stranger', { text: 'x' }, 'purpose.parties.stranger'],
    ['purpose.parties.insurer', {}, 'purpose.parties.insurer'],
    // Columns
    [`${column}.unit`, 'mg per dL', `${column}.unit`],
    [`${column}.towards`, ['stranger'], `${column}.towards`],
    [`${column}.towards`, [], `${column}.towards`],
    [`${column}.codeSystem`, 'http://loinc.org', column],
    [`${column}.description`, 'two\nlines', `${column}.description`],
    [
      'studies.tables.stays.columns.diagnosis.codeSystem',
      'ICD-10',
      'studies.tables.stays.columns.diagnosis.codeSystem',
    ],
    ['studies.tables.stays.columns.diagnosis.unit', 'mg', 'studies.tables.stays.columns.diagnosis'],
    ['tables.a.columns.born.unit', 'd', 'tables.a.columns.born'],
    // Templates and free studies
    [`${template}.name`, 'days-by-programme', 'studies.list'],
    [`${template}.name`, 'x'.repeat(49), `${template}.name`],
    [`${template}.parameters`, {}, `${template}.parameters`],
    [`${template}.parameters.unused`, { type: 'boolean' }, `${template}.parameters.unused`],
    [`${template}.parameters.since`, undefined, `${template}.text`],
    [`${template}.parameters.days.min`, '61', `${template}.parameters.days.max`],
    [`${template}.parameters.days.min`, '1.5', `${template}.parameters.days.min`],
    [`${template}.parameters.since.max`, '2024-01-01', `${template}.parameters.since.max`],
    [`${template}.parameters.days`, { type: 'text', values: ['1', '1'] }, `${template}.parameters.days.values`],
    [`${template}.to`, ['keys'], `${template}.to`],
    ['studies.free.by', ['stranger'], 'studies.free.by'],
    ['studies.free.tables', ['cohort'], 'studies.free.tables'],
    ['studies.free.methods', ['guess'], 'studies.free.methods.0'],
    ['studies.free.methods', ['select', 'select'], 'studies.free.methods'],
    // Alerts
    ['alerts.0.to', 'hospital', 'alerts.0.to'],
    ['alerts.0.to', 'university', 'alerts.0.to'],
    ['link.reveal', 'count', 'alerts'],
    ['link.to', ['hospital'], 'alerts'],
    [`${event}.sensitive`, 'psychiatry', `${event}.sensitive`],
    [`${event}.sensitive`, 'cancer', `${event}.sensitive`],
    [`${event}.when`, {}, `${event}.when.valueSet`],
    [`${event}.when.valueSet.0.system`, 'icd-10', `${event}.when.valueSet.0.system`],
    [`${event}.when.valueSet.0.codes`, ['I50.1', 'I50.1'], `${event}.when.valueSet.0.codes`],
    ['alerts.0.events.1.when.threshold.above', undefined, 'alerts.0.events.1.when.threshold'],
    ['alerts.0.events.1.when.threshold.unit', undefined, 'alerts.0.events.1.when.threshold.unit'],
    ['alerts.0.message', ['name'], 'alerts.0.message.0'],
    ['alerts.0.linkDays', 0, 'alerts.0.linkDays'],
    // Outsourcing
    ['outsourcing.compute', 'university', 'outsourcing.compute'],
    ['outsourcing.compute', 'stranger', 'outsourcing.compute'],
    ['outsourcing.tables.cohort.patient', 'age2', 'outsourcing.tables.cohort.patient'],
    ['outsourcing.tables.cohort.columns.age.max', '-1', 'outsourcing.tables.cohort.columns.age.max'],
    ['outsourcing.models', {}, 'outsourcing.models'],
    ...(
      [
        ['table', 'others'],
        ['columns', ['age', 'age']],
        ['columns', ['stranger']],
        ['columns', []],
        ['most', 0],
      ] as const
    ).map(
      ([field, value]) =>
        [
          'outsourcing.models',
          { score: { table: 'cohort', columns: ['age'], most: 9, [field]: value } },
          `outsourcing.models.score.${field}`,
        ] as [string, unknown, string],
    ),
    ['outsourcing.models', { age: { table: 'cohort', columns: ['age'], most: 9 } }, 'outsourcing.models.age'],
    // Approvals
    ['approvals.0.people', 3, 'approvals.0.people'],
    ['approvals.0.roles', ['boss'], 'approvals.0.roles.0'],
    ['approvals.0.roles', undefined, 'approvals.0.roles'],
    ['approvals.2.roles', ['analyst'], 'approvals.2.roles'],
    ['approvals.4.party', 'stranger', 'approvals.4.party'],
    ['approvals.4.party', undefined, 'approvals'],
    // Onward use, renewal, price, quota
    ['onwardUse', 'all', 'onwardUse'],
    ['onwardUse.recipients', [], 'onwardUse.recipients'],
    ['onwardUse.purposes', ['HRESCH', 'HRESCH'], 'onwardUse.purposes'],
    ['renewal.until', '2026-01-01', 'renewal.until'],
    ['renewal.months', 0, 'renewal.months'],
    ['price.currency', 'euro', 'price.currency'],
    ['price.perRun', '-1', 'price.perRun'],
    ['price.perRun', 250, 'price.perRun'],
    ['price.split', { hospital: '60', insurer: '39.99' }, 'price.split'],
    ['price.split', { hospital: '60', stranger: '40' }, 'price.split.stranger'],
    ['price.paidBy', [], 'price.paidBy'],
    ['quota.university', {}, 'quota.university'],
    ['quota.university.perDay', 41, 'quota.university'],
    ['quota.stranger', { perDay: 1 }, 'quota.stranger'],
  ])('%s = %j', (path, value, culprit) => {
    const payload = canonicalBytes(altered(example, path, value));
    expect(() => parseAgreement(payload)).toThrow(
      expect.objectContaining({ code: 'agreement-invalid', culprit, message: expect.stringContaining(`${culprit}: `) }),
    );
  });

  test('a price is per run or per month', () => {
    const { perRun: _, perMonth: __, ...neither } = example.price!;
    expect(() => parseAgreement(canonicalBytes({ ...example, price: neither }))).toThrow(/^price: /);
  });

  test('of studies there is at least one of some kind', () => {
    const { templates: _, free: __, ...rest } = example.studies!;
    const only = (studies: object): Uint8Array => canonicalBytes({ ...example, studies });
    expect(() => parseAgreement(only({ ...rest, list: [] }))).toThrow(/^studies\.list: is empty/);
    expect(parseAgreement(only({ ...rest, list: [], free: example.studies!.free })).studies!.list).toEqual([]);
  });

  test('alerts need a link', () => {
    const { tables: _, link: __, ...rest } = example;
    expect(() => parseAgreement(canonicalBytes(rest))).toThrow(/^alerts: need a link/);
  });

  test('outsourcing alone is an agreement', () => {
    const { tables: _, link: __, studies: ___, alerts: ____, ...rest } = example;
    expect(covered(parseAgreement(canonicalBytes(rest)))).toEqual([
      { kind: 'outsourcing', name: null, by: ['university'], to: ['university'], maxRuns: 100 },
    ]);
  });
});

test('what an agreement covers, one by one', () => {
  expect(covered(example).map(({ kind, name, to, maxRuns }) => [kind, name, to.join(), maxRuns])).toEqual([
    ['link', null, 'hospital,insurer', 12],
    ['study', 'days-by-programme', 'hospital,insurer,university', 4],
    ['template', 'cost-after-long-stays', 'university', 24],
    ['free', null, 'university', 10],
    ['alert', 'admissions', 'insurer', null],
    ['outsourcing', null, 'university', 100],
  ]);
  expect(covered(agreement)).toHaveLength(1);
});

test('who approves: what is said of the party, of all, or what is usual', () => {
  expect(approvalRule(example, 'free', 'hospital')).toEqual({ people: 2, roles: ['privacy-officer', 'data-steward'] });
  expect(approvalRule(example, 'free', 'insurer')).toEqual({ people: 1, roles: ['privacy-officer'] });
  expect(approvalRule(example, 'template', 'hospital')).toEqual({ people: 0, roles: [] });
  expect(approvalRule(example, 'link', 'hospital')).toEqual({ people: 0, roles: [] });
  expect(approvalRule(agreement, 'study', 'hospital').people).toBe(1);
});

test('a party may have a purpose and basis of its own', () => {
  expect(purposeOf(example.purpose!, 'insurer')).toMatchObject({
    text: 'To manage the care of its members.',
    legalBasis: ['GDPR 6(1)(c)', 'GDPR 9(2)(h)'],
  });
  expect(purposeOf(example.purpose!, 'hospital').text).toBe(example.purpose!.text);
});

test('a message of an alert says the least and what is agreed', () => {
  expect(messageFields(example.alerts![0]!)).toEqual(['row', 'event', 'time', 'facility', 'code', 'disposition']);
  expect(messageFields({})).toEqual(['row', 'event', 'time', 'facility']);
});

describe('the last day', () => {
  const term = { from: '2026-01-01', until: '2026-01-31' };
  const renewal = { months: 1, noticeDays: 10, until: '2026-05-15' };

  test.each<[string | null, string]>([
    [null, '2026-05-15'],
    ['2026-01-21', '2026-01-31'],
    ['2026-01-22', '2026-02-28'],
    ['2026-02-18', '2026-02-28'],
    ['2026-02-19', '2026-03-31'],
    ['2026-05-15', '2026-05-15'],
  ])('with notice on %s is %s', (notice, day) => expect(lastDay(term, renewal, notice)).toBe(day));

  test('without renewal is that of the term', () => expect(lastDay(term, undefined, null)).toBe('2026-01-31'));

  test('never lies before the term ends nor after all renewals, and grows with the day of notice', () => {
    const day = fc
      .date({ min: new Date('2026-01-01'), max: new Date('2031-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const renewals = fc.record({
      months: fc.integer({ min: 1, max: 60 }),
      noticeDays: fc.integer({ min: 1, max: 365 }),
    });
    fc.assert(
      fc.property(day, day, day, day, renewals, (until, extra, one, other, rest) => {
        const [last, first, second] = [[until, extra].sort()[1]!, ...[one, other].sort()] as [string, string, string];
        const [early, late] = [first, second].map((notice) =>
          lastDay({ from: '2026-01-01', until }, { ...rest, until: last }, notice),
        ) as [string, string];
        expect(early >= until && late <= last && early <= late).toBe(true);
        expect(late <= lastDay({ from: '2026-01-01', until }, { ...rest, until: last }, null)).toBe(true);
      }),
    );
  });
});
