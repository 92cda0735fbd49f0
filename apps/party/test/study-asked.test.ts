import { requireStudies, studyMethods } from '@symbolon/agreement';
import { linesOf, methodNames, runStudyClear } from '@symbolon/analytics';
import { base64url } from '@symbolon/crypto';
import { peerClient } from '@symbolon/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openContext } from '../src/context.ts';
import { requestStudy, type StudyInfo } from '../src/index.ts';
import { type Asked, findAsked } from '../src/study/asked.ts';
import { acceptanceSchema } from '../src/study/messages.ts';
import { eventsOf, quiet } from './network.ts';
import { inTheClear } from './study-clear.ts';
import { type Party, parties, type StudyNetwork, studiesOf, studyNetwork } from './study-network.ts';

let network: StudyNetwork;
let agreement: string;

const inRegion = {
  name: 'visits-in-region',
  text: [
    'name: visits-in-region',
    'title: Visits in a region',
    'agreement: App and care',
    'sql: SELECT COUNT(*) AS n, SUM(p.visits) AS visits FROM patients p JOIN residents r ON p.person = r.citizen WHERE r.region = {region} AND p.app = {app}',
    'to: [office]',
  ].join('\n'),
  parameters: {
    region: { type: 'text', values: ['north', 'south', 'west', "north' OR 'a' = 'a"] },
    app: { type: 'boolean' },
  },
  to: ['office'],
  maxRuns: 2,
};
const free = { by: ['office'], tables: ['patients'], methods: ['select'], to: ['office'], maxRuns: 2 };
const chosen = (values: Record<string, string>): Asked => ({ kind: 'template', template: 'visits-in-region', values });
const question = (sql: string, to = '[office]'): Asked => ({
  kind: 'free',
  text: `name: own\ntitle: Own\nagreement: App and care\nsql: ${sql}\nto: ${to}\n`,
});

beforeEach(async () => {
  network = await studyNetwork();
  const { tables, joins, minPatients } = studiesOf();
  const terms = {
    title: 'App and care',
    parties,
    keyService: 'keys',
    term: { from: '2020-01-01', until: '2099-12-31' },
    studies: { tables, joins, minPatients, list: [], templates: [inRegion], free },
    approvals: [{ action: 'template', people: 0 }],
  };
  const draft = await network.as('hospital', ({ agreements }) => agreements.draftText(JSON.stringify(terms), 'json'));
  agreement = draft.hash;
  let file: Uint8Array | undefined;
  for (const party of [...parties, ...parties]) {
    file = await network.as(party, async ({ agreements }) => {
      if (file !== undefined) await agreements.receive(file);
      await agreements.sign(agreement);
      return agreements.export(agreement);
    });
  }
});
afterEach(() => network.close());

const ask = (party: Party, asked: Asked): Promise<StudyInfo> =>
  network.as(party, ({ studies }) => studies.ask(agreement, asked));
const run = (party: Party, { name }: Pick<StudyInfo, 'name'>) =>
  requestStudy(network.homes[party].path, { agreement, study: name });

test('a choice of a template that nobody has to approve runs as a study of its own, and shares its runs with others', async () => {
  await network.start();
  const study = await ask('office', chosen({ region: 'north', app: 'true' }));
  expect(study.name).toMatch(/^visits-in-region-[0-9a-f]{10}$/);
  const office = await openContext(network.homes.office.path, { logger: quiet });
  expect(await office.asked.find(agreement, study.name)).toMatchObject({ by: 'office', person: 'owner' });
  await office.close();
  expect(study).toMatchObject({
    to: ['office'],
    runsLeft: 2,
    approvalsNeeded: 0,
    asked: { template: 'visits-in-region' },
  });
  expect(await ask('hospital', chosen({ region: 'north', app: 'true' }))).toMatchObject({ name: study.name });
  const done = await run('office', study);
  expect(done).toMatchObject({ state: 'done', study: study.name });

  const { bound } = await network.as('office', ({ studies }) => studies.bind(agreement, study.name));
  const tables = { patients: 'hospital', residents: 'office' } as const;
  const expected = await inTheClear(network, tables, (relations, duck) => runStudyClear(bound!, relations, duck));
  expect((await network.as('office', ({ studies }) => studies.result(done.id)))!.rows).toEqual(expected.rows);
  expect(expected.rows[0]![0]).not.toBeNull();

  const other = await ask('office', chosen({ region: 'south', app: 'false' }));
  expect(other).toMatchObject({ runs: 1, runsLeft: 1 });
  await run('office', other);
  const third = await ask('office', chosen({ region: 'west', app: 'true' }));
  expect(third.runsLeft).toBe(0);
  await expect(run('office', third)).rejects.toMatchObject({
    code: 'agreement-limit',
    message: expect.stringContaining("All 2 runs of the template 'visits-in-region' have been used."),
  });
  // The other holder counts by itself, whatever the asker says.
  const kept = await network.as('hospital', ({ studies }) => studies.list(agreement));
  expect(kept.map(({ runsLeft }) => runsLeft)).toEqual([0, 0]);
  for (const party of ['hospital', 'office'] as const) {
    expect(await network.as(party, ({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 2 });
  }
});

test('a free study waits for the approval of just its form at every party', async () => {
  await network.start();
  const sql = 'SELECT COUNT(*) AS n, AVG(patients.visits) AS visits FROM patients WHERE patients.app';
  const study = await ask('office', question(sql));
  expect(study).toMatchObject({ to: ['office'], approvalsNeeded: 1, asked: { kind: 'free' } });
  await network.as('office', ({ studies }) => studies.approve(agreement, study.name, 'office officer'));
  await expect(run('office', study)).rejects.toMatchObject({ code: 'unapproved', culprit: 'hospital' });

  // The hospital has it now, can read it, and approves it.
  const [seen] = await network.as('hospital', ({ studies }) => studies.list(agreement));
  expect(seen).toMatchObject({ name: study.name, text: study.text, approvals: [] });
  await network.as('hospital', ({ studies }) => studies.approve(agreement, study.name, 'hospital officer'));
  const done = await run('office', study);
  const { bound } = await network.as('office', ({ studies }) => studies.bind(agreement, study.name));
  const expected = await inTheClear(network, { patients: 'hospital' }, (relations, duck) =>
    runStudyClear(bound!, relations, duck),
  );
  expect((await network.as('office', ({ studies }) => studies.result(done.id)))!.rows).toEqual(expected.rows);

  // Another question is another study, which nobody has approved.
  const other = await ask('office', question(sql.replace('WHERE patients.app', 'WHERE NOT patients.app')));
  expect(other.name).not.toBe(study.name);
  await network.as('office', ({ studies }) => studies.approve(agreement, other.name, 'office officer'));
  await expect(run('office', other)).rejects.toMatchObject({ code: 'unapproved', culprit: 'hospital' });
});

test('what a partner asks against the agreement is refused, and the log says who asked and why not', async () => {
  await network.start();
  const { office, hospital } = network.homes;
  const client = peerClient({ home: office, partner: hospital.card });
  const hash = base64url(new Uint8Array(32));
  const attempts: [Asked, string][] = [
    [question('SELECT patients.person, COUNT(*) AS n FROM patients GROUP BY patients.person'), 'study-policy'],
    [question('SELECT COUNT(*) AS n FROM residents'), 'agreement-limit'],
    [question('SELECT COUNT(*) AS n FROM patients'), 'peer-disagrees'],
    [chosen({ region: "north' OR TRUE --", app: 'true' }), 'study-invalid'],
  ];
  const agreed = requireStudies((await network.as('office', ({ agreements }) => agreements.show(agreement))).agreement);
  for (const [asked, code] of attempts) {
    const named = ['study-policy', 'agreement-limit'].includes(code);
    const study = named ? findAsked(agreed, asked).listed.name : 'another';
    const body = { agreement, study, studyHash: hash, asked, purpose: null, link: null };
    await expect(client.call('POST', '/v1/studies', { body, answer: acceptanceSchema })).rejects.toMatchObject({
      code,
    });
  }
  await client.close();
  const refused = await network.as('hospital', (organisation) => eventsOf(organisation, 'study-refused'));
  expect(refused).toMatchObject(attempts.map(([, code]) => ({ by: 'office', code, reason: expect.any(String) })));
  expect(await network.as('hospital', ({ studies }) => studies.list(agreement))).toEqual([]);
});

test('agreements name the methods that there are', () => {
  expect([...studyMethods].sort()).toEqual(['select', ...methodNames].sort());
});

test('what the agreement does not allow is not asked', async () => {
  const sql = 'SELECT COUNT(*) AS n FROM patients';
  const cases: [Party, Asked, string][] = [
    ['hospital', question(sql), 'agreement-party'],
    ['office', question(sql, '[hospital]'), 'agreement-limit'],
    ['office', question('SELECT COUNT(*) AS n FROM residents'), 'agreement-limit'],
    [
      'office',
      question('SELECT patients.person, COUNT(*) AS n FROM patients GROUP BY patients.person'),
      'study-policy',
    ],
    ['office', { kind: 'free', text: 'SELECT 1' }, 'study-invalid'],
    ['office', chosen({ region: 'east', app: 'true' }), 'study-invalid'],
    ['office', chosen({ region: "north' OR TRUE --", app: 'true' }), 'study-invalid'],
    ['office', chosen({ region: 'north' }), 'study-invalid'],
    ['office', { kind: 'template', template: 'other', values: {} }, 'agreement-limit'],
  ];
  for (const [party, asked, code] of cases) {
    await expect(ask(party, asked), JSON.stringify(asked)).rejects.toMatchObject({ code });
    // Looking whether it could be asked says the same.
    const looked = await network.as(party, ({ studies }) => studies.check(agreement, asked));
    expect(looked).toMatchObject({ explanation: null, fault: { code } });
  }
  // A value that looks like SQL is a text.
  const study = await ask('office', chosen({ region: "north' OR 'a' = 'a", app: 'true' }));
  const { bound } = await network.as('office', ({ studies }) => studies.bind(agreement, study.name));
  expect(bound!.sql).toContain("= 'north'' OR ''a'' = ''a'");
  expect(await network.as('office', ({ studies }) => studies.list(agreement))).toHaveLength(1);
});

test('whether a study could be asked is said without keeping it, and where it could not be, with the place', async () => {
  const look = (sql: string) => network.as('office', ({ studies }) => studies.check(agreement, question(sql)));
  const fine = await look('SELECT COUNT(*) AS n FROM patients WHERE patients.app');
  expect(fine).toMatchObject({ fault: null, explanation: { parties: ['hospital', 'office'], to: ['office'] } });
  expect(linesOf(fine.explanation!.words).join(' ')).toContain('Computed by hospital from patients alone');
  const wrong = 'SELECT COUNT(*) AS "Zahl – ü𝒳", AVG(patients.visit) AS v FROM patients';
  const { fault } = await look(wrong);
  expect(fault).toMatchObject({ code: 'study-unknown-column', place: wrong.indexOf('patients.visit') });
  expect((await look('SELECT COUNT(*) AS n FORM patients')).fault).toMatchObject({
    code: 'study-syntax',
    place: expect.any(Number),
  });
  expect(await network.as('office', ({ studies }) => studies.list(agreement))).toEqual([]);
});
