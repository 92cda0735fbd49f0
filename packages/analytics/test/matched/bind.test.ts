import { hex } from '@symbolon/crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type AgreedRule,
  bindMethod,
  bindStudy,
  checkSchema,
  explainStudy,
  linesOf,
  methodHash,
  type Schema,
  type StudyColumn,
  type StudyTable,
  studyHash,
} from '../../src/index.ts';
import { planStudy } from '../../src/secure/index.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { methodOf } from '../study/method.ts';
import { alike, mostAlike, schemaOf } from './people.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const count = 'SELECT COUNT(*) FROM patients p JOIN registered r ON agreed(p, r)';

/** The schema with one column of a table, or more of the table itself, changed. */
function changed(table: string, name: string, column: Partial<StudyColumn>, more: Partial<StudyTable> = {}): Schema {
  const schema = schemaOf(alike);
  const of = schema.tables[table]!;
  const columns = { ...of.columns, [name]: { ...of.columns[name]!, ...column } as StudyColumn };
  return { ...schema, tables: { ...schema.tables, [table]: { ...of, columns, ...more } } };
}

describe('a join by a match rule is bound', () => {
  test.each([count, 'SELECT COUNT(*) FROM registered r JOIN patients p ON AGREED(r, P)'])(
    'as plain data, the hub first: %s',
    async (sql) => {
      const bound = await bindStudy(sql, schemaOf(alike), duck);
      expect(bound.tables.map(({ alias }) => alias)).toEqual(['p', 'r']);
      expect(bound.joins).toMatchObject([
        { spoke: 'r', kind: 'rule', rule: alike.rule, keys: alike.blocking.keys, cap: 4, prefer: 'first' },
      ]);
      expect(JSON.parse(JSON.stringify(bound))).toEqual(bound);
      expect(bound.uses.filter(({ clause }) => clause === 'JOIN')).toEqual(
        [
          ['p', 'name'],
          ['p', 'born'],
          ['r', 'called'],
          ['r', 'birth'],
        ].map(([table, column]) => ({ table, column, use: 'join', clause: 'JOIN' })),
      );
    },
  );

  test('what is approved changes with everything that decides which rows join', async () => {
    const hash = async (rule: AgreedRule, schema = schemaOf(rule)) =>
      hex(studyHash(await bindStudy(count, schema, duck)));
    const { keys } = alike.blocking;
    const [first, ...others] = await Promise.all([
      hash(alike),
      hash({ ...alike, rule: 'levenshtein(a.name, b.called) <= 2' }),
      hash({ ...alike, blocking: { keys: keys.slice(1), cap: 4 } }),
      hash({ ...alike, blocking: { keys, cap: 3 } }),
      hash(mostAlike),
      hash({ ...mostAlike, prefer: 'first' }),
      hash(alike, changed('patients', 'name', { maxLength: 12 })),
      hash(alike, changed('registered', 'called', { normalise: ['nfkd', 'lower'] })),
      hash(alike, changed('patients', 'born', { max: '2010-12-31' })),
    ]);
    expect(new Set([first, ...others]).size).toBe(others.length + 1);
    expect(await hash({ ...alike, prefer: 'first' })).toBe(first);
    expect(await hash(alike, changed('patients', 'time', { max: '21' }))).toBe(first);
  });

  test('and of a method', async () => {
    const sql = 'SELECT p.age AS value, r.app AS grp FROM patients p JOIN registered r ON agreed(p, r)';
    const hash = async (rule: AgreedRule) =>
      hex(methodHash(await bindMethod({ sql, method: methodOf('t-test') }, schemaOf(rule), duck)));
    expect(await hash(alike)).not.toBe(await hash(mostAlike));
  });

  test('in words', async () => {
    const [first, best] = await Promise.all(
      [alike, mostAlike].map(async (rule) =>
        linesOf(explainStudy(await bindStudy(count, schemaOf(rule), duck))).join('\n'),
      ),
    );
    expect(first).toContain(`with registered (r) of registry by a match rule: ${alike.rule}\n`);
    expect(first).toContain('where a.born = b.birth; or left(a.name, 4) = left(b.called, 4)');
    expect(first).toMatch(/4 rows of a table/);
    expect(first).toMatch(/the first that matches, in a secret random order/);
    expect(best).toMatch(/the match with the highest score/);
    expect(first).toMatch(
      /Nobody learns which rows join, nor how many\.\nBefore .* the number of rows of each table\.\n/,
    );
  });
});

describe('refused', () => {
  test.each<[why: string, schema: () => Schema, says: RegExp]>([
    [
      'a measure without maxLength',
      () => {
        const schema = changed('registered', 'called', {});
        const { maxLength: _, ...called } = schema.tables.registered!.columns.called as StudyColumn & {
          maxLength?: number;
        };
        return changed('registered', 'called', {}, { columns: { ...schema.tables.registered!.columns, called } });
      },
      /the join of patients with registered: its rule: levenshtein needs a maxLength for the column called in the agreement/,
    ],
    ['an unknown column', () => schemaOf({ ...alike, rule: 'a.nam = b.called' }), /its rule: .*nam.*did you mean/],
    ['no SQL', () => schemaOf({ ...alike, rule: 'a.name = ' }), /its rule: /],
    [
      'a key that is no equality',
      () => schemaOf({ ...alike, blocking: { keys: ['a.name <> b.called'], cap: 2 } }),
      /'a\.name <> b\.called' is no equality; write/,
    ],
    [
      'a key of three columns of which one is unknown',
      () => schemaOf({ ...alike, blocking: { keys: ['a.name = b.name'], cap: 2 } }),
      /blocking key 'a\.name = b\.name': /,
    ],
    ['the best of no sum', () => schemaOf({ ...alike, prefer: 'best' }), /its rule is one weighted sum/],
  ])('when it is bound: %s', async (_, schema, says) => {
    await expect(bindStudy(count, schema(), duck)).rejects.toMatchObject({
      code: 'agreement-invalid',
      culprit: 'the join of patients with registered',
      message: expect.stringMatching(says),
    });
  });

  test('a hidden column in a rule', async () => {
    const schema = schemaOf({ ...alike, rule: `${alike.rule} OR a.secret = b.called` });
    await expect(bindStudy(count, schema, duck)).rejects.toMatchObject({
      code: 'study-policy',
      culprit: 'patients.secret',
    });
  });

  test.each([
    ['FROM patients p JOIN registered r ON p.name = r.called', /ON agreed\(p, r\)/],
    ['FROM registered r JOIN pupils c ON agreed(r, c)', /it has no join of registered, pupils/],
  ])('in FROM: %s', async (from, says) => {
    await expect(bindStudy(`SELECT COUNT(*) ${from}`, schemaOf(alike), duck)).rejects.toMatchObject({
      code: 'study-policy',
      message: expect.stringMatching(says),
    });
  });

  test.each<[why: string, schema: Schema, says: RegExp]>([
    [
      'several parties',
      changed('patients', 'name', {}, { parties: ['north', 'south'] }),
      /each is a table of one party/,
    ],
    ['the same party', changed('patients', 'name', {}, { parties: ['registry'] }), /registry holds both tables/],
    [
      'several rows a patient',
      {
        ...schemaOf(alike),
        tables: Object.fromEntries(
          Object.entries(schemaOf(alike).tables).map(([name, { onePerPatient: _, ...table }]) => [
            name,
            name === 'registered' ? table : { ...table, onePerPatient: true as const },
          ]),
        ),
      },
      /one row a patient/,
    ],
    ['no key', schemaOf({ ...alike, blocking: { keys: [], cap: 1 } }), /1 to 16 keys/],
    [
      'a key twice',
      schemaOf({ ...alike, blocking: { keys: ['a.born = b.birth', 'a.born = b.birth'], cap: 1 } }),
      /each once/,
    ],
    ['no cap', schemaOf({ ...alike, blocking: { ...alike.blocking, cap: 0 } }), /cap of blocking is 1 to 16/],
    ['what rules need, beside values', changed('patients', 'arm', { maxLength: 3 }), /patients\.arm: maxLength/],
  ])('in the schema: %s', (_, schema, says) => {
    expect(() => checkSchema(schema)).toThrow(
      expect.objectContaining({ code: 'agreement-invalid', message: expect.stringMatching(says) }),
    );
  });

  test('when it is planned: more entries than a session takes, and rows that are too long', async () => {
    const size = { rows: 200_000, patients: 1 };
    const sizes = { p: { north: { rows: 1000, patients: 1 } }, r: { registry: size } };
    const bound = await bindStudy(count, schemaOf(alike), duck);
    expect(() => planStudy(bound, sizes, { to: ['office'] })).toThrow(
      expect.objectContaining({
        code: 'study-unsupported',
        message: expect.stringMatching(
          /the join of patients with registered by a rule has 1600000 entries .*fewer blocking keys, or a smaller cap/,
        ),
      }),
    );
    const long = changed('registered', 'called', { maxLength: 900 });
    const { patients } = changed('patients', 'name', { maxLength: 900 }).tables;
    const agree = { ...alike, rule: 'agree(a.name, b.called) >= 0.9' };
    const joins = [{ hub: 'patients', spoke: 'registered', ...agree }];
    const wide = await bindStudy(count, { ...long, tables: { ...long.tables, patients: patients! }, joins }, duck);
    const few = { p: { north: { rows: 10, patients: 1 } }, r: { registry: { rows: 10, patients: 1 } } };
    expect(() => planStudy(wide, few, { to: ['office'] })).toThrow(
      expect.objectContaining({
        code: 'study-unsupported',
        message: expect.stringMatching(/compare shorter texts \(maxLength\)/),
      }),
    );
  });

  test.each([
    [
      'registered r ON agreed(p, r)',
      'registered',
      /with registered by a rule: .* makes 263 columns .* 256 are the most/,
    ],
    ['insured i ON p.pid = i.pid', 'insured', /patients with insured: .* makes 260 columns .* 256 are the most/],
  ] as const)('when it is planned: more columns than a session takes, JOIN %s', async (join, name, says) => {
    const flags = Array.from({ length: 130 }, (_, i) => `f${i}`);
    const columns = Object.fromEntries(flags.map((flag) => [flag, { type: 'boolean', policy: 'filter' } as const]));
    const schema = changed(name, 'f', { type: 'boolean', policy: 'filter' });
    const table = schema.tables[name]!;
    const tables = { ...schema.tables, [name]: { ...table, columns: { ...table.columns, ...columns } } };
    // Each travels as two bits: whether it is TRUE, and whether it is NULL.
    const where = flags.map((flag) => `(${flag} OR p.died)`).join(' AND ');
    const sql = `SELECT COUNT(*) FROM patients p JOIN ${join} WHERE ${where}`;
    const bound = await bindStudy(sql, { ...schema, tables }, duck);
    const few = { rows: 10, patients: 10 };
    const sizes = { p: { north: few }, r: { registry: few }, i: { insurer: few } };
    expect(() => planStudy(bound, sizes, { to: ['office'] })).toThrow(
      expect.objectContaining({ code: 'study-unsupported', message: expect.stringMatching(says) }),
    );
  });

  test('when it is planned: more rows with a key than a session takes', async () => {
    const sql = 'SELECT COUNT(*) FROM patients p JOIN insured i ON p.pid = i.pid';
    const bound = await bindStudy(sql, schemaOf(alike), duck);
    const [many, few] = [2 ** 20 + 1, 10].map((rows) => ({ rows, patients: rows }));
    const sizes = { p: { north: many! }, i: { insurer: few! } };
    expect(() => planStudy(bound, sizes, { to: ['office'] })).toThrow(
      expect.objectContaining({
        code: 'study-unsupported',
        message: expect.stringMatching(
          /1048577 entries \(rows with a key\), and 1048576 are the most; agree on smaller/,
        ),
      }),
    );
  });
});
