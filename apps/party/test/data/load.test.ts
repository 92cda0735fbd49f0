import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadTable, requireUnique } from '../../src/data/load.ts';
import type { AgreedColumn } from '../../src/data/table.ts';
import { csv } from './files.ts';

const text = { type: 'text' } as const;
const load = (content: string, columns: Record<string, AgreedColumn>, maxRows = 100) => {
  const source = csv(content);
  return { path: source.path, table: loadTable(source, columns, { maxRows }) };
};

describe('agreed columns', () => {
  test('become values of their types', async () => {
    const content = 'id,amount,born,ok,more\n0012,12.5,22-12-1972,yes,x\n13,NA,,0,y\n';
    const table = await load(content, {
      id: { type: 'text', maxLength: 4, required: true },
      amount: { type: 'number', scale: 2, min: '-1', max: '12.50' },
      born: { type: 'date', min: '1900-01-01' },
      ok: { type: 'boolean' },
      other: { type: 'text', from: 'more' },
    }).table;
    expect([...table.columns.keys()]).toEqual(['id', 'amount', 'born', 'ok', 'other']);
    expect(['id', 'amount', 'born', 'ok', 'other'].map((name) => table.column(name))).toEqual([
      ['0012', '13'],
      [1250n, null],
      [1086n, null],
      [true, false],
      ['x', 'y'],
    ]);
    expect([table.rows, table.line(1)]).toEqual([2, 3]);
  });

  test.each<[string, string, AgreedColumn, string]>([
    ['too long', 'abcdef', { type: 'text', maxLength: 5 }, 'is longer than the agreed 5 characters'],
    ['no number', '12,5', { type: 'number' }, 'is not a number written like 12.50'],
    ['decimals', '1.234', { type: 'number', scale: 2 }, 'has more than 2 decimals'],
    ['digits', '1234567890123456789', { type: 'number' }, 'has more than 18 digits'],
    ['exponent', '1e300', { type: 'number' }, 'has more than 18 digits'],
    ['below', '-0.01', { type: 'number', scale: 2, min: '0' }, 'is below the agreed minimum 0'],
    ['above', '100.1', { type: 'number', scale: 1, max: '100' }, 'is above the agreed maximum 100'],
    ['no date', '1971-02-29', { type: 'date' }, 'is no date of 1850 to 2100 written YYYY-MM-DD'],
    ['early', '1899-12-31', { type: 'date', min: '1900-01-01' }, 'is below the agreed minimum 1900-01-01'],
    [
      'other format',
      '2000-12-31',
      { type: 'date', format: 'DD-MM-YYYY' },
      'is no date of 1850 to 2100 written DD-MM-YYYY',
    ],
    ['no boolean', 'maybe', { type: 'boolean' }, 'is neither true nor false (yes or no, 1 or 0)'],
    ['none', '', { type: 'text', required: true }, 'there is no value, but one is required'],
  ])('a value that breaks a rule: %s', async (_, value, column, rule) => {
    const { path, table } = load(
      `x;y\n;1\n${value};1\n`.replace(/^x;y\n;1\n/, column.required ? 'x;y\n' : 'x;y\n;1\n'),
      { x: column },
    );
    const line = column.required ? 2 : 3;
    await expect(table).rejects.toMatchObject({
      code: 'data-out-of-range',
      message: `${path}, line ${line}, column 'x': ${column.required ? '' : 'the value '}${rule}`,
    });
  });

  test('16 code points are 16 characters, whatever their UTF-16', async () => {
    const table = await load(`x,y\n${'👍'.repeat(16)},1\n`, { x: { type: 'text', maxLength: 16 } }).table;
    expect(table.rows).toBe(1);
  });

  test('dates that could be day or month first need a format', async () => {
    const content = 'x,y\n01-02-1972,1\n03-04-1972,1\n';
    await expect(load(content, { x: { type: 'date' } }).table).rejects.toMatchObject({
      code: 'config-invalid',
      message: "column 'x': its dates could be DD-MM-YYYY or MM-DD-YYYY; set the format of this column",
    });
    const table = await load(content, { x: { type: 'date', format: 'MM-DD-YYYY' } }).table;
    expect(table.column('x')).toEqual([731n, 793n]);
  });

  test.each<[AgreedColumn, RegExp]>([
    [{ type: 'number', min: 'low' }, /column 'x': a bound is not a number/],
    [{ type: 'date', max: '31-12-2000' }, /column 'x': a bound is no date written YYYY-MM-DD/],
  ])('a wrong bound: %o', async (column, message) => {
    await expect(load('x,y\n1,2\n', { x: column }).table).rejects.toThrow(message);
  });
});

describe('a missing column', () => {
  test.each([
    ['medicaid', "Did you mean 'Medicaid_No'?"],
    ['adress', "Did you mean 'address'?"],
    ['medicaid no', "Did you mean 'Medicaid_No'?"],
    ['shoe', 'Add the column, or map it in the data set configuration.'],
  ])('%s', async (name, hint) => {
    const { path, table } = load('id,Medicaid_No,address\n1,2,3\n', { [name]: text });
    await expect(table).rejects.toMatchObject({
      code: 'data-missing-column',
      message: `${path} has no column '${name}'; it has: id, Medicaid_No, address`,
      culprit: name,
      hint,
    });
  });
});

test('more rows than agreed are refused', async () => {
  const { path, table } = load('x,y\n1,1\n2,1\n3,1\n', { x: text }, 2);
  await expect(table).rejects.toMatchObject({
    code: 'data-out-of-range',
    message: `${path} has more than 2 rows, the most that are agreed`,
  });
});

describe('unique columns', () => {
  test('name the rows of equal values', async () => {
    const { path, table } = load('x,y\na,1\nb,1\na,2\nb,3\n', { x: text, y: { type: 'number' } });
    const loaded = await table;
    expect(() => requireUnique(loaded, 'x')).toThrow(
      expect.objectContaining({
        code: 'data-duplicate-id',
        message: `${path}, column 'x': the same value stands in lines 2 and 4, 3 and 5`,
      }),
    );
    expect(() => requireUnique(loaded, 'y')).toThrow(/lines 2 and 3$/);
    expect(() => requireUnique(loaded, 'z')).toThrow(expect.objectContaining({ code: 'data-missing-column' }));
  });

  test('must have values; many duplicates are counted', async () => {
    const some = await load('x,y\na,1\n,1\n', { x: text }).table;
    expect(() => requireUnique(some, 'x')).toThrow(
      /line 3, column 'x': has no value, but the column must identify each row/,
    );
    const many = await load(`x,y\n${'a,1\n'.repeat(50)}`, { x: text }).table;
    expect(() => requireUnique(many, 'x')).toThrow(/lines 2 and 3, .*, 2 and 7 \(and 44 more\)$/);
    requireUnique(await load('x,y\na,1\nb,1\n', { x: text }).table, 'x');
  });
});

test('a table prints as a count, never as its records', async () => {
  const table = await load('x,y\nsecret,1\n', { x: text }).table;
  expect([`${table}`, JSON.stringify({ table }), inspect(table, { depth: 9, showHidden: true })]).toEqual([
    '[table of 1 rows]',
    '{"table":"[table of 1 rows]"}',
    '[table of 1 rows]',
  ]);
});

test('text is normalised before its length is checked, and what is left empty is no value', async () => {
  const prepare = (value: string) => value.replaceAll(/\W/g, '');
  const column = { type: 'text', maxLength: 4, prepare } as const;
  expect((await load('x,y\n- A n-n a -,1\n--,1\n', { x: column }).table).column('x')).toEqual(['Anna', null]);
  await expect(load('x,y\nAnna,1\n--,1\n', { x: { ...column, required: true } }).table).rejects.toThrow(
    /line 3, column 'x'/,
  );
});

test('normalisation makes a new table', async () => {
  const table = await load('x,y\nAnna,1\n,1\n', { x: text }).table;
  const lower = table.mapText('x', (value) => value.toLowerCase());
  expect([table.column('x'), lower.column('x'), lower.line(1)]).toEqual([['Anna', null], ['anna', null], 3]);
  expect(() => table.with('z', { type: 'text', scale: 0, values: [] })).toThrow(RangeError);
});

test('a column that is not wanted must be there, and is not read', async () => {
  const table = await load('x,y\nAnna,1\n', { x: { ...text, unread: true }, y: text }).table;
  expect([...table.columns.keys()]).toEqual(['y']);
  await expect(load('z,y\nAnna,1\n', { x: { ...text, unread: true }, y: text }).table).rejects.toMatchObject({
    code: 'data-missing-column',
  });
});
