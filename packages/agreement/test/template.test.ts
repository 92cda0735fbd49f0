import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillTemplate, sampleValues, type TemplateParameter } from '../src/index.ts';

const parameters: Record<string, TemplateParameter> = {
  age: { type: 'number', min: '-5', max: '99.5', scale: 1 },
  since: { type: 'date', min: '2020-01-01', max: '2026-12-31' },
  region: { type: 'text', values: ['north', "o'south", 'x # y: {age}', '; DROP TABLE x --'] },
  app: { type: 'boolean' },
};
const sql =
  'SELECT COUNT(*) FROM t WHERE t.age - {age} > 0 AND t.since >= {since} AND t.region = {region} AND t.app = {app}';
const given = { age: '7.50', since: '2024-02-29', region: "o'south", app: 'true' };
const fails = (culprit: string) => expect.objectContaining({ code: 'study-invalid', culprit });

test('values go in as literals', () => {
  const filled = (changes: object): string => fillTemplate(sql, parameters, { ...given, age: '7.5', ...changes });
  expect(filled({})).toBe(
    "SELECT COUNT(*) FROM t WHERE t.age - 7.5 > 0 AND t.since >= DATE '2024-02-29' AND t.region = 'o''south' AND t.app = TRUE",
  );
  expect(filled({ age: '-5' })).toContain('t.age - (-5) > 0');
  expect(filled({ age: '10' })).toContain('t.age - 10 > 0');
  expect(filled({ age: '10.0' })).toContain('t.age - 10 > 0');
  // A value is never filled in again.
  expect(filled({ region: 'x # y: {age}' })).toContain("t.region = 'x # y: {age}' AND");
  expect(filled({ region: '; DROP TABLE x --' })).toContain("t.region = '; DROP TABLE x --' AND");
  expect(fillTemplate(sql, parameters, sampleValues(parameters))).toContain("t.region = 'north'");
});

test.each<[string, string | undefined, string]>([
  ['age', '99.6', 'age'],
  ['age', '-5.1', 'age'],
  ['age', '1.25', 'age'],
  ['age', '1e1', 'age'],
  ['age', '5) OR (1=1', 'age'],
  ['age', ' 5', 'age'],
  ['age', '', 'age'],
  ['age', undefined, 'age'],
  ['since', '2024-02-30', 'since'],
  ['since', '2019-12-31', 'since'],
  ['since', "2024-01-01' OR '1", 'since'],
  ['region', 'NORTH', 'region'],
  ['region', "north' OR 'a' = 'a", 'region'],
  ['app', 'TRUE', 'app'],
  ['app', '1', 'app'],
  ['other', '1', 'other'],
  ['__proto__', '1', '__proto__'],
  ['toString', '1', 'toString'],
])('%s = %j is refused', (name, value, culprit) => {
  const values = Object.fromEntries(Object.entries({ ...given, age: '7.5' }).filter(([key]) => key !== name));
  if (value !== undefined) Object.defineProperty(values, name, { value, enumerable: true });
  expect(() => fillTemplate(sql, parameters, values)).toThrow(fails(culprit));
});

describe('a placeholder stands alone', () => {
  const one = { x: { type: 'text', values: ["' OR TRUE --", 'a'] } } as const;
  test.each([
    "t.a = '{x}'",
    "t.a = 'it''s {x}'",
    't.a = "{x}"',
    't.a = 1 -- {x}',
    't.a = /* {x} */ 1',
    "t.a = 'b'{x}",
    "t.a = {x}'b'",
    't.a = t.a{x}',
    't.a = 1{x}',
    't.a = {x}2',
    't.a = t.{x}',
    't.a = $${x}$$',
    't.a = $a$ {x} $a$',
    "t.a = E'\\'' AND t.b = {x}",
    "t.a = X'00' AND t.b = {x}",
  ])('%s', (where) => {
    expect(() => fillTemplate(where, one, { x: 'a' })).toThrow(expect.objectContaining({ code: 'study-invalid' }));
  });

  test.each(["t.a = {x} AND t.b = 'y'", "t.a IN ({x}, 'a''b')", '-- a comment\nt.a={x}', 't."a b" = {x}'])(
    '%s',
    (where) => {
      expect(fillTemplate(where, one, { x: 'a' })).toBe(where.replace('{x}', "'a'"));
    },
  );
});

test('a number in its range goes in with its value, one outside never', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2000, max: 2000 }), (tenths) => {
      const value = `${tenths < 0 ? '-' : ''}${Math.floor(Math.abs(tenths) / 10)}.${Math.abs(tenths) % 10}`;
      if (value === '-0.0') return;
      const fill = (): string => fillTemplate('{age}', { age: parameters.age! }, { age: value });
      if (tenths < -50 || tenths > 995) expect(fill).toThrow(fails('age'));
      else expect(Number(fill().replace(/[()]/g, ''))).toBe(tenths / 10);
    }),
  );
});
