import { openDuckDb } from '@symbolon/service';
import { describe, expect, test } from 'vitest';
import { inspectSource } from '../../src/data/inspect.ts';
import { loadTable } from '../../src/data/load.ts';
import { csv, file, publicData } from './files.ts';

const column = async (...values: string[]) => {
  const { columns, notes } = await inspectSource(csv(`x,y\n${values.map((value) => `${value},1\n`).join('')}`));
  return { ...columns[0]!, notes };
};

describe('types that are found', () => {
  test.each([
    [['1', '22', '-3'], { type: 'number', scale: 0, min: '-3', max: '22', nulls: 0 }],
    [['1.5', '', '2.25'], { type: 'number', scale: 2, min: '1.50', max: '2.25', nulls: 1 }],
    [['1', 'NA', '3'], { type: 'number', scale: 0, min: '1', max: '3', nulls: 1 }],
    [['0012', '4711'], { type: 'text', maxLength: 4, nulls: 0 }],
    [['0', '10'], { type: 'number', nulls: 0 }],
    [['1234567', '7654321'], { type: 'text', maxLength: 7 }],
    [['12345678901234567890', '1'], { type: 'text', maxLength: 20 }],
    [['1e5', '2'], { type: 'text' }],
    [['true', 'FALSE'], { type: 'boolean', nulls: 0 }],
    [['Null', 'Smith'], { type: 'text', nulls: 0 }],
    [['Zoë', 'Åsa👍'], { type: 'text', maxLength: 4 }],
    [['', ''], { type: 'text', maxLength: 0, nulls: 2 }],
    [['1972-12-22', '2000-02-29'], { type: 'date', format: 'YYYY-MM-DD', min: '1972-12-22', max: '2000-02-29' }],
    [['22-12-1972', '01-02-2000'], { type: 'date', format: 'DD-MM-YYYY', min: '1972-12-22', max: '2000-02-01' }],
    [['12/22/1972', '01/02/2000'], { type: 'date', format: 'MM-DD-YYYY', min: '1972-12-22', max: '2000-01-02' }],
    [['19721222', '20000229'], { type: 'date', format: 'YYYYMMDD', min: '1972-12-22', max: '2000-02-29' }],
    [['19721222', '19721322'], { type: 'text', maxLength: 8 }],
    [['1972-12-22', '1971-02-29'], { type: 'text', maxLength: 10 }],
    [['22-12-1972', '22-12-2972'], { type: 'text' }],
    [['01-02-1972', '03-04-1972'], { type: 'text' }],
  ])('%j', async (values, expected) => {
    expect(await column(...values)).toMatchObject(expected);
  });

  test('notes say why a column stayed text', async () => {
    expect((await column('01-02-1972', '03-04-1972')).notes).toEqual([
      "Column 'x' could be dates, day first or month first; it is kept as text until the agreement says which.",
    ]);
    expect((await column('0012', '4711')).notes).toEqual(["Column 'x' has numbers with leading zeros: kept as text."]);
    expect((await column(...new Array<string>(9).fill('19720506'), '19721399')).notes).toEqual([
      "Column 'x' has dates written YYYYMMDD, but not in line 11: kept as text.",
    ]);
    expect((await column('1234567', '7654321')).notes).toEqual([
      "Column 'x' has 7 digits in every row: taken for an identifier, kept as text.",
    ]);
  });
});

describe('CSV as it comes', () => {
  const agreed = { id: { type: 'text' }, name: { type: 'text' } } as const;
  const load = async (content: string | Uint8Array) => {
    const table = await loadTable(csv(content), agreed, { maxRows: 10 });
    return Array.from({ length: table.rows }, (_, i) => [
      table.line(i),
      table.column('id')[i],
      table.column('name')[i],
    ]);
  };

  test.each([
    ['a byte order mark', '\ufeffid,name\n1,Anna\n', [[2, '1', 'Anna']]],
    [
      'CR LF',
      'id,name\r\n1,Anna\r\n"2","Bob"\r\n',
      [
        [2, '1', 'Anna'],
        [3, '2', 'Bob'],
      ],
    ],
    ['no last line end', 'id,name\n1,Anna', [[2, '1', 'Anna']]],
    ['no last line end after a quote', 'id,name\n1,"Anna"', [[2, '1', 'Anna']]],
    [
      'spaces after commas',
      ' id, name\n1,  Anna \n2, "B, b" \n',
      [
        [2, '1', 'Anna'],
        [3, '2', 'B, b'],
      ],
    ],
    ['semicolons', 'id;name\n1;Anna, B\n', [[2, '1', 'Anna, B']]],
    ['tabs', 'id\tname\n\tAnna\n', [[2, null, 'Anna']]],
    ['bars', 'id|name\n1|Anna\n', [[2, '1', 'Anna']]],
    [
      'quoted line ends',
      'id,name\n1,"An\nna"\n2,Bob\n',
      [
        [2, '1', 'An\nna'],
        [4, '2', 'Bob'],
      ],
    ],
    ['doubled quotes', 'id,name\n1,"An ""x"" na"\n', [[2, '1', 'An "x" na']]],
    [
      'quotes inside',
      'id,name\n1,5" pipe\n2,O\'Brien\n',
      [
        [2, '1', '5" pipe'],
        [3, '2', "O'Brien"],
      ],
    ],
    [
      'empty values',
      'id,name\n1,\n2,""\n',
      [
        [2, '1', null],
        [3, '2', null],
      ],
    ],
    [
      'empty lines',
      'id,name\n\n1,Anna\n\n2,Bob\n\n',
      [
        [3, '1', 'Anna'],
        [5, '2', 'Bob'],
      ],
    ],
    ['accents', 'id,name\n0012,Zoë 👍\n', [[2, '0012', 'Zoë 👍']]],
  ])('%s', async (_, content, expected) => {
    expect(await load(content)).toEqual(expected);
  });

  test('a quoted value across blocks of the file', async () => {
    const filler = 'x'.repeat(1000);
    const lines = Array.from({ length: 3000 }, (_, i) => `${i},"${filler}\n${filler}é"\n`);
    const table = await loadTable(csv(`id,name\n${lines.join('')}`), agreed, { maxRows: 5000 });
    expect([table.rows, table.line(2999)]).toEqual([3000, 2 + 2 * 2999]);
    expect(new Set(table.column('name'))).toEqual(new Set([`${filler}\n${filler}é`]));
  });

  test('says how the file was understood', async () => {
    const { notes } = await inspectSource(csv('id;name\r\n1;a\r\n\r\n'));
    expect(notes).toEqual(['Values are separated by semicolons.', 'Lines end in CR LF.', '1 empty line was skipped.']);
  });
});

describe('Parquet and NDJSON', () => {
  test('types of a Parquet file are believed', async () => {
    const path = file('', 'parquet');
    const duck = await openDuckDb();
    await duck.query(`COPY (SELECT * FROM (VALUES
      ('0012', 1.50::DECIMAL(9,2), DATE '1972-12-22', true, 1e-7::DOUBLE), (NULL, 2, NULL, false, 2e10)) t(id, n, d, b, f)) TO '${path}'`);
    duck.close();
    const { columns, rows, problems } = await inspectSource({ kind: 'parquet', path });
    expect([rows, problems]).toEqual([2, []]);
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'text'],
      ['n', 'number'],
      ['d', 'date'],
      ['b', 'boolean'],
      ['f', 'number'],
    ]);
    expect(columns[1]).toMatchObject({ scale: 2, min: '1.50', max: '2.00' });
    const agreed = { id: { type: 'text' }, d: { type: 'date' }, f: { type: 'number', scale: 7 } } as const;
    const table = await loadTable({ kind: 'parquet', path }, agreed, { maxRows: 2 });
    expect([table.column('id'), table.column('d'), table.column('f')]).toEqual([
      ['0012', null],
      [1086n, null],
      [1n, 200_000_000_000_000_000n],
    ]);
  });

  test('nested JSON becomes columns', async () => {
    const patient = {
      resourceType: 'Patient',
      meta: { profile: ['x'] },
      identifier: [{ value: 'a' }, { type: { coding: [{ code: 'SS' }] }, value: '0012' }],
      name: [{ family: 'Van Dijk', given: ['Anna', 'Maria'] }],
      birthDate: '1972-12-22',
      address: [{ line: ['1 Oak St', 'Apt 2'], city: 'Ede' }],
      active: true,
    };
    const source = {
      kind: 'ndjson' as const,
      path: file(`${JSON.stringify(patient)}\n\n{"birthDate":"2000-01-01"}`, 'ndjson'),
    };
    const { columns } = await inspectSource(source);
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toEqual({
      resourceType: 'text',
      identifier_value: 'text',
      identifier_SS: 'text',
      name_family: 'text',
      name_given: 'text',
      birthDate: 'date',
      address_line: 'text',
      address_city: 'text',
      active: 'boolean',
    });
    const agreed = {
      id: { type: 'text', from: 'identifier_SS' },
      name_given: { type: 'text' },
      address_line: { type: 'text' },
    } as const;
    const table = await loadTable(source, agreed, { maxRows: 2 });
    expect([table.column('id'), table.column('name_given'), table.column('address_line'), table.line(1)]).toEqual([
      ['0012', null],
      ['Anna Maria', null],
      ['1 Oak St Apt 2', null],
      3,
    ]);
  });
});

const febrl = publicData('febrl4/dataset4a.csv');
test.skipIf(febrl === undefined)('FEBRL 4', async () => {
  const { columns, rows, problems } = await inspectSource({ kind: 'csv', path: febrl! });
  expect([rows, problems]).toEqual([5000, []]);
  expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toMatchObject({
    rec_id: 'text',
    given_name: 'text',
    postcode: 'text',
    date_of_birth: 'date',
    soc_sec_id: 'text',
  });
});

const tutorial = publicData('anonlink-tutorial/dataset-1.csv');
test.skipIf(tutorial === undefined)('anonlink tutorial: dirty dates stay text', async () => {
  const { columns, rows, problems } = await inspectSource({ kind: 'csv', path: tutorial! });
  expect([rows, problems]).toEqual([3228, []]);
  expect(columns.find(({ name }) => name === 'dob')!.type).toBe('text');
});

const patients = publicData('fhir-bulk-10/Patient.000.ndjson');
test.skipIf(patients === undefined)('Synthea patients', async () => {
  const { columns, rows, problems } = await inspectSource({ kind: 'ndjson', path: patients! });
  expect([rows, problems]).toEqual([13, []]);
  const names = columns.map(({ name }) => name);
  for (const name of ['identifier_SS', 'identifier_MR', 'name_family', 'name_given', 'address_line', 'address_city']) {
    expect(names).toContain(name);
  }
  expect(columns.find(({ name }) => name === 'birthDate')!.type).toBe('date');
});

test('100,000 rows are inspected and loaded', async () => {
  const lines = Array.from(
    { length: 100_000 },
    (_, i) => `${i},Anna Müller ${i},"${i} Oak Street, Ede",1972-12-22,${i}.25\n`,
  );
  const source = csv(`id,name,address,dob,amount\n${lines.join('')}`);
  expect((await inspectSource(source)).rows).toBe(100_000);
  const text = { type: 'text' } as const;
  const agreed = {
    id: text,
    name: text,
    address: text,
    dob: { type: 'date' },
    amount: { type: 'number', scale: 2 },
  } as const;
  expect((await loadTable(source, agreed, { maxRows: 100_000 })).rows).toBe(100_000);
});
