import { type DuckDb, openDuckDb } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluateLocals } from '../../src/data/locals.ts';
import { Table, type TableColumn } from '../../src/data/table.ts';

let duck: DuckDb;
beforeAll(async () => {
  duck = await openDuckDb({ threads: 2 });
});
afterAll(() => duck.close());

const column = (type: TableColumn['type'], values: TableColumn['values'], scale = 0): TableColumn => ({
  type,
  scale,
  values,
});
const table = new Table(
  'members.csv',
  'line',
  Uint32Array.of(2, 3, 4),
  new Map([
    ['name', column('text', ['anna', null, "o'brien"])],
    ['Odd "name"', column('text', ['x', 'y', 'z'])],
    ['amount', column('number', [150n, 225n, null], 2)],
    ['dob', column('date', [1086n, null, 0n])],
    ['ok', column('boolean', [true, false, null])],
  ]),
);

test('an expression that takes too long is interrupted, and named', async () => {
  const hasty = await openDuckDb({ threads: 1, seconds: 1 });
  const rows = 100_000;
  const long = column('text', Array<string>(rows).fill('a'.repeat(600)));
  const many = new Table('members.csv', 'line', new Uint32Array(rows), new Map([['name', long]]));
  const slow = evaluateLocals(many, [{ name: 'v', sql: "a.name ILIKE '%a_%b'" }], hasty);
  await expect(slow).rejects.toMatchObject({ code: 'rule-unsupported', culprit: 'v' });
  await expect(slow).rejects.toThrow(/takes too long/);
  const result = await evaluateLocals(table, [{ name: 'v', sql: 'a.ok' }], hasty);
  expect(result.get('v')).toEqual(column('boolean', [true, false, null]));
  hasty.close();
});

describe('local expressions', () => {
  test.each<[string, TableColumn]>([
    ["a.name || ' x'", column('text', ['anna x', null, "o'brien x"])],
    ['name', column('text', ['anna', null, "o'brien"])],
    ['a."Odd ""name"""', column('text', ['x', 'y', 'z'])],
    ['a.amount * 2', column('number', [300n, 450n, null], 2)],
    ['length(a.name)', column('number', [4n, null, 7n])],
    ['a.dob + 1', column('date', [1087n, null, 1n])],
    ['NOT a.ok', column('boolean', [false, true, null])],
    ["a.name LIKE 'a%' -- first letter", column('boolean', [true, null, false])],
    ['row_number() OVER (ORDER BY a.name DESC NULLS LAST)', column('number', [2n, 3n, 1n])],
  ])('%s', async (sql, expected) => {
    const result = await evaluateLocals(table, [{ name: 'v', sql }], duck);
    expect(result.get('v')).toEqual(expected);
  });

  test('several at once, under the alias b', async () => {
    const expressions = ['b.name', 'b.amount'].map((sql, i) => ({ name: `v${i}`, sql }));
    const result = await evaluateLocals(table, expressions, duck, 'b');
    expect([...result.keys()]).toEqual(['v0', 'v1']);
  });

  test.each([
    ['a.name =', 'rule-syntax', /expression 'v': syntax error/],
    ['1); DROP TABLE x; SELECT (1', 'rule-syntax', /Only SELECT/],
    ['1); SELECT (1', 'rule-syntax', /is not one SQL expression/],
    ['1) FROM range(3) r(i) WHERE (true', 'rule-syntax', /is not one SQL expression/],
    ['1), (2', 'rule-syntax', /is not one SQL expression/],
    ['a.nme', 'rule-unknown-column', /"nme"/],
    ['b.name', 'rule-unknown-column', /"b"/],
    ['frobnicate(a.name)', 'rule-unsupported', /frobnicate/],
    ['count(*)', 'rule-unsupported', /./],
    ['unnest([1, 2])', 'rule-unsupported', /does not give one value for each row/],
    ['sqrt(a.amount)', 'rule-unsupported', /gives DOUBLE, which is not exact/],
    ['a.name::INTEGER', 'data-out-of-range', /^expression 'v' fails on a record \(Conversion Error\)$/],
    ["(SELECT content FROM read_text('/etc/hostname'))", 'data-out-of-range', /Permission Error/],
  ])('refused: %s', async (sql, code, message) => {
    const evaluating = evaluateLocals(table, [{ name: 'v', sql }], duck);
    await expect(evaluating).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(evaluating).rejects.not.toThrow(/anna/);
  });

  test('leave nothing behind', async () => {
    expect(await duck.query('SELECT * FROM duckdb_tables() WHERE NOT internal')).toEqual([]);
  });

  test('100,000 rows', async () => {
    const rows = 100_000;
    const names = Array.from({ length: rows }, (_, i) => `name of person ${i}`);
    const lines = Uint32Array.from({ length: rows }, (_, i) => i + 2);
    const big = new Table(
      'big',
      'line',
      lines,
      new Map([
        ['name', column('text', names)],
        [
          'n',
          column(
            'number',
            names.map((_, i) => BigInt(i)),
          ),
        ],
      ]),
    );
    const result = await evaluateLocals(big, [{ name: 'v', sql: "upper(a.name) || ' ' || a.n" }], duck);
    expect(result.get('v')!.values[99_999]).toBe('NAME OF PERSON 99999 99999');
  });
});
