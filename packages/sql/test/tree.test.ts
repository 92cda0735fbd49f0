import { nearest } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import {
  constantOf,
  firstPlace,
  isPlainCall,
  list,
  node,
  printCall,
  printCase,
  quoteName,
  quoteText,
  text,
  texts,
} from '../src/index.ts';

const strange = expect.objectContaining({ code: 'sql-tree' });
const constant = (id: string, value: unknown, info: object = {}) =>
  constantOf({ value: { type: { id, type_info: info }, is_null: value === null, value } });

test('a tree is read strictly', () => {
  for (const value of [null, undefined, 1, 'x', []]) expect(() => node(value)).toThrow(strange);
  for (const value of [null, {}, 'x']) expect(() => list(value)).toThrow(strange);
  for (const value of [null, 1, {}]) expect(() => text(value)).toThrow(strange);
});

test('constants are texts, truths, NULL and decimals', () => {
  expect(constant('VARCHAR', 'x')).toBe('x');
  expect(constant('BOOLEAN', true)).toBe(true);
  expect(constant('INTEGER', null)).toBeNull();
  expect(constant('INTEGER', -3)).toEqual({ value: -3n, scale: 0 });
  expect(constant('DECIMAL', 125, { scale: 2 })).toEqual({ value: 125n, scale: 2 });
  for (const [id, value] of [
    ['DOUBLE', 1.5],
    ['BIGINT', 2 ** 53],
    ['BLOB', 'x'],
    ['DECIMAL', 1],
  ])
    expect(constant(id as string, value)).toBeUndefined();
});

test('a part begins where its leftmost word stands', () => {
  expect(firstPlace({ query_location: 9, left: { query_location: 4 }, right: [{ query_location: 12 }] })).toBe(4);
  expect(firstPlace({})).toBe(Number.POSITIVE_INFINITY);
});

test('a plain call has arguments only', () => {
  const call = { schema: '', catalog: '', filter: null, distinct: false, order_bys: { orders: [] } };
  expect(isPlainCall(call)).toBe(true);
  for (const more of [
    { schema: 'x' },
    { catalog: 'x' },
    { filter: {} },
    { distinct: true },
    { order_bys: { orders: [1] } },
  ])
    expect(isPlainCall({ ...call, ...more })).toBe(false);
});

test('what is printed is quoted', () => {
  expect(quoteText("o'brien")).toBe("'o''brien'");
  expect(['name', 'Name', 'order', 'a"b', '1x'].map(quoteName)).toEqual([
    'name',
    '"Name"',
    '"order"',
    '"a""b"',
    '"1x"',
  ]);
  const [x, y] = [{ sql: 'x' }, { sql: 'y' }];
  expect([printCall('substr', [x, y]), printCall('||', [x, y])]).toEqual(['substr(x, y)', '(x || y)']);
  expect(printCase([['x', '1']], 'NULL')).toBe('(CASE WHEN x THEN 1 ELSE NULL END)');
});

test('arguments are counted and of the right kind', () => {
  const [word, whole, part] = [{ kind: 'text' }, { kind: 'number', scale: 0 }, { kind: 'number', scale: 1 }].map(
    (type) => ({ type }),
  ) as [{ type: { kind: string } }, { type: { kind: string } }, { type: { kind: string } }];
  expect(texts([word, whole], 2, 3, [1])).toBeUndefined();
  expect(texts([word, part], 2, 3, [1])).toMatch('wrong type');
  expect(texts([word], 2, 3)).toBe('it takes 2 to 3 arguments');
});

test('a name that is near is meant', () => {
  expect(nearest('lwoer', ['upper', 'lower'])).toBe('lower');
  expect(nearest('BIRTHDATE', ['a.birth_date', 'b.name'], (name) => name.slice(2))).toBe('a.birth_date');
  expect(nearest('xyz', ['lower'])).toBeUndefined();
});
