import { base64url } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../../src/centre/records/patient/view.ts';
import { columnsOf } from '../../../src/centre/statistics/columns.ts';
import { Studies } from '../../../src/centre/statistics/studies.ts';
import { Archive, visitSchema } from '../records/archive.ts';

const code = (text: string) => expect.objectContaining({ code: text });
const none = async () => undefined;

/** A centre with patients of whom the database knows, and a record each. */
async function crowd(count: number, policy: object = {}) {
  const archive = await Archive.open({ policy: { records: { minPatients: 5, ...policy } } });
  const { stage } = archive;
  const { database } = stage.context;
  const physician = await archive.physician('first');
  const patients: number[] = [];
  const added_at = stage.context.now().toISOString();
  for (let i = 0; i < count; i++) {
    const { id: patient } = await database
      .insertInto('centre_patient')
      .values({ module: 'hips', mark: `${i}`, merged_into: null, enrolled_at: null, objected_at: null, added_at })
      .returning('id')
      .executeTakeFirstOrThrow();
    await database
      .insertInto('centre_relation')
      .values({
        ...{ module: 'hips', id: archive.relation(`p${i}`, physician), patient, physician: 'first' },
        ...{ institution: 'x', writes: 1, draft: 0, added_at },
      })
      .execute();
    patients.push(patient);
    await archive.add(`p${i}`, physician, { body: { score: i, side: i % 2 === 0 ? 'left' : 'right' } });
  }
  const studies = new Studies(stage.context, archive.types);
  const ask = (sql: string, module = 'hips') =>
    studies.ask({ module, title: 'A title', purpose: 'to know', sql }, 'researcher', none);
  const release = async (sql: string) => {
    const { id } = await ask(sql);
    await studies.decide(id, 'officer', true);
    return (await studies.run(id, 'researcher')).result!;
  };
  return { archive, studies, ask, release, physician, patients, database };
}

onBothDatabases(() => {
  test('own SQL, released where enough patients stand behind a number; who objects is left out; patients see it', async () => {
    const { archive, release, studies, physician, patients, database } = await crowd(16);
    await database.updateTable('centre_patient').set({ objected_at: 'x' }).where('id', '=', patients[0]!).execute();
    // Two records of one patient are one patient; a later version counts, an earlier does not.
    const { record } = await archive.add('p1', physician, { body: { score: 99, side: 'left' } });
    const change = { version: 2, typeVersion: 1, body: '{"score":1,"side":"right"}', signature: null };
    await archive.writer.addVersion(physician, archive.relation('p1', physician), record, change);
    const sql =
      'SELECT side, COUNT(*) AS n, COUNT(DISTINCT patient) AS patients, AVG(score) AS mean FROM visit GROUP BY side';
    expect(await release(sql)).toEqual({
      columns: ['side', 'n', 'patients', 'mean'],
      rows: [
        ['left', '7', '7', String((2 + 4 + 6 + 8 + 10 + 12 + 14) / 7)],
        ['right', '9', '8', String((1 + 1 + 3 + 5 + 7 + 9 + 11 + 13 + 15) / 9)],
        // Of those whose side is not known, there being none.
        [null, null, null, null],
      ],
      withheld: 1,
    });
    expect(await release('SELECT side, COUNT(*) FROM visit WHERE score < 10 GROUP BY side')).toEqual({
      columns: ['side', 'count'],
      rows: [
        ['left', null],
        ['right', '6'],
        [null, null],
      ],
      withheld: 2,
    });
    const [relation] = await Promise.all([archive.stage.grants.relation(physician, archive.relation('p1', physician))]);
    const view = await viewOf(database, relation);
    expect(view.studies).toMatchObject([{ title: 'A title', purpose: 'to know' }, {}]);
    const objected = await archive.stage.grants.relation(physician, archive.relation('p0', physician));
    expect((await viewOf(database, objected)).studies).toEqual([]);
    const { items } = await studies.list({ limit: 10 });
    expect(items.map(({ state, result }) => [state, result])).toEqual([
      ['done', null],
      ['done', null],
    ]);
  });

  test('another approves, and not who asked; a refusal is the end; nothing runs before, or after types have changed', async () => {
    const { archive, studies, ask } = await crowd(6, { studyApprovals: 2 });
    const { id } = await ask('SELECT COUNT(*) FROM visit');
    await expect(studies.run(id, 'researcher')).rejects.toEqual(code('unapproved'));
    await expect(studies.decide(id, 'researcher', true)).rejects.toEqual(code('forbidden'));
    await studies.decide(id, 'officer', true);
    expect(await studies.decide(id, 'officer', true)).toMatchObject({ state: 'proposed', approvedBy: ['officer'] });
    await expect(studies.run(id, 'researcher')).rejects.toEqual(code('unapproved'));
    await studies.decide(id, 'second', true);
    await archive.addType('hips', 'visit', {
      ...visitSchema,
      properties: { ...visitSchema.properties, score: { type: 'integer', minimum: 0, maximum: 50 } },
    });
    const { id: other } = await ask('SELECT SUM(score) FROM visit');
    await studies.decide(other, 'officer', false);
    await expect(studies.decide(other, 'second', true)).rejects.toEqual(code('conflict'));
    await expect(studies.run(other, 'researcher')).rejects.toEqual(code('unapproved'));
    const { id: third } = await ask('SELECT SUM(score) FROM visit');
    for (const person of ['officer', 'second']) await studies.decide(third, person, true);
    await archive.addType('hips', 'visit', visitSchema);
    await expect(studies.run(third, 'researcher')).rejects.toEqual(code('conflict'));
    await expect(studies.get('AAAAAAAAAAAAAAAAAAAAAA')).rejects.toEqual(code('not-found'));
  });

  test('a study is run once: what changes later does not show by the difference', async () => {
    const { archive, studies, ask, physician } = await crowd(6);
    const { id } = await ask('SELECT SUM(score) AS s FROM visit');
    await studies.decide(id, 'officer', true);
    const first = await studies.run(id, 'researcher');
    expect(first.result!.rows).toEqual([['15']]);
    await archive.add('p1', physician, { score: 77 });
    expect((await studies.run(id, 'another')).result).toEqual(first.result);
  });

  test('drafts and records of other modules are in no study', async () => {
    const { archive, release, ask, database, physician } = await crowd(8);
    await database
      .updateTable('centre_relation')
      .set({ draft: 1 })
      .where('id', '=', archive.relation('p7', physician))
      .execute();
    expect((await release('SELECT COUNT(*) AS n FROM visit')).rows).toEqual([['7']]);
    await archive.addType('knees', 'knee', visitSchema);
    await expect(ask('SELECT COUNT(*) FROM knee')).rejects.toMatchObject({ code: /^study-/ });
    await expect(ask('SELECT COUNT(*) FROM visit', 'elbows')).rejects.toEqual(code('forbidden'));
    const { studies } = { studies: new Studies(archive.stage.context, archive.types) };
    const { id } = await studies.ask(
      { module: 'knees', title: 't', purpose: 'p', sql: 'SELECT COUNT(*) AS n FROM visit' },
      'r',
      none,
    );
    await studies.decide(id, 'officer', true);
    expect((await studies.run(id, 'r')).result!.rows).toEqual([[null]]);
  });
});

describe('what a study may not ask', () => {
  const statements = [
    'SELECT * FROM visit',
    'SELECT patient, COUNT(*) FROM visit GROUP BY patient',
    'SELECT note, COUNT(*) FROM visit GROUP BY note',
    'SELECT score, COUNT(*) FROM visit GROUP BY score',
    'SELECT MAX(score) FROM visit',
    'SELECT COUNT(*) FROM record',
    'SELECT COUNT(*) FROM main.record_version',
    "SELECT COUNT(*) FROM read_csv('/etc/passwd')",
    "SELECT COUNT(*) FROM 'http://127.0.0.1/x.parquet'",
    'SELECT COUNT(*) FROM visit WHERE score = (SELECT 1)',
    'SELECT COUNT(*) FROM visit; DROP TABLE visit',
    "COPY visit TO '/tmp/x'",
    "ATTACH '/tmp/x'",
    "SELECT COUNT(*) FROM visit WHERE side = getenv('HOME')",
    'SELECT COUNT(*) FROM visit UNION SELECT 1',
    'SELECT string_agg(side) FROM visit',
    "SELECT COUNT(*) FROM visit WHERE patient = '1'",
    'not SQL',
  ];
  test(statements.join(' | '), async () => {
    const { ask, studies, release } = await crowd(6);
    for (const sql of statements) {
      await expect(ask(sql), sql).rejects.toMatchObject({ code: expect.stringMatching(/^study-/) });
    }
    expect((await studies.list({ limit: 9 })).items).toEqual([]);
    expect((await release("SELECT COUNT(*) AS n FROM visit WHERE side <> '''; DROP TABLE visit; --'")).rows).toEqual([
      ['6'],
    ]);
  });
});

test('columns of a record type: what studies may see of it', () => {
  const text = (more: object) => ({ type: 'string', ...more });
  const schema = {
    type: 'object',
    properties: {
      resourceType: text({ const: 'Observation' }),
      valueQuantity: {
        type: 'object',
        properties: {
          value: { type: 'number', minimum: 0, maximum: 40, multipleOf: 0.1 },
          Unit: text({ enum: ['mmol/L', 'mg/dL'] }),
        },
      },
      patient: { type: 'boolean' },
      free: text({ 'x-free-text': true, maxLength: 9 }),
      hidden: { type: 'boolean', 'x-policy': 'hidden' },
      unbounded: { type: 'number' },
      list: { type: 'array', maxItems: 1, items: { type: 'boolean' } },
      on: text({ format: 'date-time' }),
      code: text({ pattern: '^a$', maxLength: 1 }),
      age: { type: ['integer', 'null'], minimum: 0, maximum: 120, 'x-policy': 'group' },
      drug: { $ref: '#/$defs/drug' },
    },
    $defs: { drug: text({ enum: ['a'] }) },
  };
  expect(Object.fromEntries(columnsOf({ schema }).map(({ name, column }) => [name, column]))).toEqual({
    resource_type: { type: 'text', values: ['Observation'], policy: 'group' },
    value_quantity_value: { type: 'number', min: '0.0', max: '40.0', scale: 1, policy: 'filter' },
    value_quantity_unit: { type: 'text', values: ['mmol/L', 'mg/dL'], policy: 'group' },
    patient_2: { type: 'boolean', policy: 'group' },
    on: { type: 'date', min: '1850-01-01', max: '2150-12-31', policy: 'filter' },
    code: { type: 'text', policy: 'filter' },
    age: { type: 'number', min: '0', max: '120', scale: 0, policy: 'group' },
    drug: { type: 'text', values: ['a'], policy: 'group' },
  });
});

test('tables are joined by the patient, where one has a row a patient: the newest', async () => {
  const { archive, release, physician } = await crowd(12);
  await archive.addType('hips', 'baseline', {
    ...{ type: 'object', additionalProperties: false, 'x-one-per-patient': true },
    properties: { smokes: { type: 'boolean' }, bmi: { type: 'number', minimum: 10, maximum: 80, multipleOf: 0.01 } },
  });
  for (let i = 0; i < 12; i++) {
    await archive.add(`p${i}`, physician, { type: 'baseline', body: { smokes: false, bmi: 79.99 } });
    await archive.add(`p${i}`, physician, { type: 'baseline', body: { smokes: i < 6, bmi: 20.25 } });
  }
  const sql =
    'SELECT b.smokes, SUM(v.score) AS s, SUM(b.bmi) AS b FROM visit v JOIN baseline b ON v.patient = b.patient GROUP BY b.smokes ORDER BY s';
  expect((await release(sql)).rows).toEqual([
    ['true', '15', '121.50'],
    ['false', '51', '121.50'],
    [null, null, null],
  ]);
});

test('ids of studies are random', async () => {
  const { ask } = await crowd(0);
  const { id } = await ask('SELECT COUNT(*) FROM visit');
  expect(base64url(Buffer.from(id, 'base64url'))).toHaveLength(22);
});
