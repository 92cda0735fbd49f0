import { describe, expect, test } from 'vitest';
import { inspectSource } from '../../src/data/inspect.ts';
import { loadTable } from '../../src/data/load.ts';
import { csv, file } from './files.ts';

const text = { type: 'text' } as const;
const utf16 = new Uint8Array([0xff, 0xfe, 0x61, 0x00]);
const latin1 = Buffer.from('id,name\n1,Anna\n2,Zo\xeb\n3,Bob\n', 'latin1');
const badHeader = Buffer.from('id,na\xefve\n1,2\n', 'latin1');

type Case = [what: string, content: string | Uint8Array, row: number, column: string | null, message: string];

const cases: Case[] = [
  ['too few values', 'id,name,city\n1,Anna,Delft\n2,Bob\n', 3, 'city', 'the record has 2 values, the header 3'],
  [
    'too many values',
    'id,name\n1,Anna\n2,Bob,Smith\n',
    3,
    null,
    'the record has 3 values, the header 2; put quotes around a value that holds the separator',
  ],
  [
    'a quote never closed',
    'id,name,city\n1,Anna,Delft\n2,"Bob,Breda\n3,Carl,Ede\n',
    3,
    'name',
    'the quote that opens this value is not closed; close it, or write "" for a quote inside a value',
  ],
  [
    'a quote closed by the quote of a later record',
    'id,name,city\n1,"Anna,Delft\n2,"Bob",Breda\n',
    2,
    'name',
    'the quote that opens this value is not closed; close it, or write "" for a quote inside a value',
  ],
  [
    'a fault after a quoted line end keeps its line',
    'id,name\n1,"Anna\n2,Bob"\n3,"Carl",x\n',
    4,
    null,
    'the record has 3 values, the header 2; put quotes around a value that holds the separator',
  ],
  [
    'a record that runs on',
    'id,name,city\n1,"Anna,Delft\n2,Bob",Ede,x\n',
    2,
    null,
    'the record has 4 values, the header 3; it runs on to line 3: is a quote not closed?',
  ],
  [
    'text after a quoted value',
    'id,name\n1,"Anna" Smith\n',
    2,
    'name',
    'text follows the closing quote of this value; write "" for a quote inside a value',
  ],
  ['Latin-1', latin1, 3, 'name', 'the value is not valid UTF-8; save the file as UTF-8'],
  ['Latin-1 in the header', badHeader, 1, null, 'name of column 2 is not valid UTF-8'],
  ['UTF-16', utf16, 1, null, 'the file is UTF-16; save it as UTF-8'],
  ['a zero byte', 'id,name\n1,An\0na\n', 2, null, 'holds a zero byte: this is no text file in UTF-8'],
  ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0]), 1, null, 'the file is compressed (gzip); unpack it first'],
  [
    'a spreadsheet',
    Buffer.from('PK\x03\x04'),
    1,
    null,
    'the file is a ZIP archive or a spreadsheet; save it as CSV in UTF-8',
  ],
  ['CR alone', 'id,name\r1,Anna\r', 1, null, 'lines end in CR alone; save the file with LF or CR LF line ends'],
  ['a name twice', 'id,name,Name\n1,a,b\n', 1, 'Name', 'columns 2 and 3 have the same name; rename one'],
  [
    'a column without name',
    'id,name,\n1,a,b\n',
    1,
    null,
    'column 3 has no name; give it one, or remove a trailing separator',
  ],
  ['an empty file', '', 1, null, 'the file is empty; its first line must name the columns'],
  ['blank lines only', '\n \n', 1, null, 'the file is empty; its first line must name the columns'],
  ['a header only', 'id,name\n', 1, null, 'there are columns, but no records'],
  [
    'no header',
    '17,Anna,1972-12-22\n18,Bob,1980-01-02\n',
    1,
    null,
    'this line looks like a record; the first line must name the columns',
  ],
  [
    'a line without end',
    `id,name\n1,${'x'.repeat(3_000_000)}\n`,
    2,
    null,
    'the line is longer than 1 MiB; is this a text file with one record a line?',
  ],
];

describe('a malformed CSV file', () => {
  test.each(cases)('%s', async (_, content, row, column, message) => {
    const source = csv(content);
    const { problems } = await inspectSource(source);
    expect(problems).toContainEqual({ file: source.path, row, column, message });
    const loading = loadTable(source, {}, { maxRows: 100 });
    await expect(loading).rejects.toMatchObject({ code: 'data-malformed', culprit: source.path });
    await expect(loading).rejects.not.toThrow(/Anna|Bob|Carl/);
  });

  test('the fault reads: file, line, column, what to do', async () => {
    const source = csv('id,name,city\n1,Anna,Delft\n2,"Bob,Breda\n3,Carl\n');
    await expect(loadTable(source, { id: text }, { maxRows: 9 })).rejects.toThrow(
      `${source.path}, line 3, column 'name': the quote that opens this value is not closed; close it, or write "" for a quote inside a value (and 1 more)`,
    );
  });

  test('other records are still read, in their own lines', async () => {
    const { rows, problems } = await inspectSource(csv('id,name\n1,"a\n2,b\n3\n4,d\n'));
    expect([rows, problems.map(({ row }) => row)]).toEqual([2, [2, 4]]);
  });

  test('faults beyond the hundredth are counted, not listed', async () => {
    const { problems, problemCount } = await inspectSource(csv(`id,name\n${'1\n'.repeat(5000)}`));
    expect([problems.length, problemCount]).toEqual([100, 5000]);
  });

  test('quotes that never close cost bounded time', async () => {
    const { problems } = await inspectSource(csv(`id,name\n${'1,"a\n2,b\n'.repeat(100_000)}`));
    expect(problems.length).toBe(100);
  });
});

describe('a source that is not there', () => {
  test.each(['csv', 'ndjson', 'parquet'] as const)('%s', async (kind) => {
    const path = file('x').replace('table', 'missing');
    await expect(inspectSource({ kind, path })).rejects.toMatchObject({
      code: 'config-invalid',
      message: `${path} cannot be opened: there is no such file`,
    });
  });

  test('a folder', async () => {
    const path = import.meta.dirname;
    await expect(inspectSource({ kind: 'csv', path })).rejects.toThrow(`${path} is not a file`);
  });
});

describe('malformed NDJSON and Parquet', () => {
  test('lines that are no object, numbers that are not exact, bad UTF-8', async () => {
    const lines = ['{"id":"1"}', '{"id":', '[1]', '{"id":12345678901234567890}', '{"id":"Zo\xeb"}', '{"id":"2"}'];
    const path = file(Buffer.from(`${lines.join('\n')}\n`, 'latin1'), 'ndjson');
    const { rows, problems } = await inspectSource({ kind: 'ndjson', path });
    expect(problems).toEqual([
      { file: path, row: 2, column: null, message: 'the line is not one JSON object' },
      { file: path, row: 3, column: null, message: 'the line is not one JSON object' },
      {
        file: path,
        row: 4,
        column: 'id',
        message: 'the number is too large to be read exactly; write it as a string',
      },
      { file: path, row: 5, column: null, message: 'the line is not valid UTF-8; save the file as UTF-8' },
    ]);
    expect(rows).toBe(3);
  });

  test('an empty NDJSON file', async () => {
    const { problems } = await inspectSource({ kind: 'ndjson', path: file('', 'ndjson') });
    expect(problems[0]!.message).toBe('the file is empty; it must have one JSON object a line');
  });

  test('what is no Parquet file', async () => {
    const path = file('PAR1 not really', 'parquet');
    const { problems } = await inspectSource({ kind: 'parquet', path });
    expect(problems).toEqual([
      { file: path, row: 1, column: null, message: 'this is no Parquet file, or it is damaged' },
    ]);
  });
});
