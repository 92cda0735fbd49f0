import { SymbolonError } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Columns, compileRule, encodeLeaf, outsideAlphabet } from '../src/index.ts';
import { Duck } from './duckdb.ts';
import { columns, other } from './tables.ts';

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});

const refusal = async (sql: string, table: Columns = columns): Promise<SymbolonError> => {
  const error: unknown = await compileRule(sql, { a: table, b: other }, duck).then(
    () => new Error(`not refused: ${sql}`),
    (refused: unknown) => refused,
  );
  if (!(error instanceof SymbolonError)) throw error;
  return error;
};

const refused: [sql: string, code: string, says: RegExp][] = [
  ['', 'rule-syntax', /syntax error at its end/],
  ['a.id =', 'rule-syntax', /syntax error at its end/],
  ['a.id = b.id)', 'rule-syntax', /at its end: .* or a \) is too many/],
  ['a.id = = b.id', 'rule-syntax', /syntax error at or near "=", in: = b\.id$/],
  ["a.id = 'x", 'rule-syntax', /unterminated quoted string at or near "'x", in: 'x$/],
  ['a.id = b.id; DROP TABLE x', 'rule-syntax', /syntax error/],
  ['a.id = b.id), (1', 'rule-unsupported', /one SQL condition/],
  ['1) FROM (SELECT 1', 'rule-unsupported', /one SQL condition/],
  ['1) UNION (SELECT 1', 'rule-unsupported', /one SQL condition/],
  ['a.id = b.id) WHERE (true', 'rule-unsupported', /one SQL condition/],
  ['SELECT 1', 'rule-unsupported', /subquery/],
  ['a.id IN (SELECT id FROM b)', 'rule-unsupported', /subquery/],
  ['EXISTS (SELECT 1)', 'rule-unsupported', /subquery/],
  ['a.id = b.idd', 'rule-unknown-column', /did you mean b\.id\?/],
  ['a.nmae = b.name', 'rule-unknown-column', /did you mean a\.name\?/],
  ['a.zzzzzzzz = b.id', 'rule-unknown-column', /known are a\.id/],
  ['c.id = b.id', 'rule-unknown-column', /no table 'c'/],
  ['id = b.id', 'rule-unknown-column', /both tables; write a\.id or b\.id/],
  ['main.a.id = b.id', 'rule-unsupported', /too many parts/],
  ['a.seen = current_date', 'rule-unknown-column', /current_date/],
  ['a.seen < now()', 'rule-unsupported', /now\(\) cannot stand in a rule.*at: now\(\)/],
  ['random() < 0.5', 'rule-unsupported', /random\(\)/],
  ["getenv('HOME') = a.id", 'rule-unsupported', /getenv\(\)/],
  ["a.id = b.id AND getvariable('x') = 1", 'rule-unsupported', /getvariable/],
  ['constructor(a.id) = b.id', 'rule-unsupported', /constructor\(\)/],
  ['evil.lower(a.id) = b.id', 'rule-unsupported', /schema/],
  ['sum(a.n) OVER () = b.n', 'rule-unsupported', /window/],
  ['count(DISTINCT a.n) = b.n', 'rule-unsupported', /DISTINCT/],
  ['a.id || b.id = a.name', 'rule-unsupported', /both tables stand in one value/],
  ['coalesce(a.id, b.id) = a.id', 'rule-unsupported', /both tables/],
  ['a.n * b.n > 3', 'rule-unsupported', /both tables/],
  ['a.* = b.id', 'rule-unsupported', /star/],
  ['a.id = $1', 'rule-unsupported', /parameter/],
  ['a.id = ?', 'rule-unsupported', /parameter/],
  ['[a.id] = [b.id]', 'rule-unsupported', /list_value/],
  ['a.id COLLATE NOCASE = b.id', 'rule-unsupported', /collate/],
  ['a.id = b.n', 'rule-unsupported', /text is compared with a number/],
  ['a.born = b.n', 'rule-unsupported', /date is compared with a number/],
  ['a.born + b.born > a.seen', 'rule-unsupported', /dates/],
  ['a.name < b.name', 'rule-unsupported', /=, <> or a measure \(agree, .*\), not with </],
  ['agree(a.name, b.name)', 'rule-unsupported', /condition/],
  ['agree(a.name, b.name) = 0.9', 'rule-unsupported', /not with =/],
  ['agree(a.name, b.name) >= 1.1', 'rule-unsupported', /beyond this bound/],
  ['agree(a.name, b.name) >= b.n', 'rule-unsupported', /constant/],
  ['agree(a.name, b.name) + agree(a.town, b.town) > 1', 'rule-unsupported', /numbers or dates/],
  ["agree(a.name, 'x') >= 0.5", 'rule-unsupported', /a text of a and a text of b/],
  ['agree(a.name, b.n) >= 0.5', 'rule-unsupported', /a text of a and a text of b/],
  ['agree(a.id, b.name) >= 0.5', 'rule-unsupported', /maxLength for the column id/],
  ['levenstein(a.name, b.name) <= 2', 'rule-unsupported', /levenstein\(\).*did you mean levenshtein\?/],
  ['jacard(a.name, b.name, 2) >= 0.8', 'rule-unsupported', /did you mean jaccard\?/],
  ['levenshtein(a.name, b.name, 2) <= 2', 'rule-unsupported', /takes a text of a and a text of b: levenshtein/],
  ['levenshtein(a.name, b.name) = 2', 'rule-unsupported', /not with =/],
  ['levenshtein(a.name, b.name) <= 9', 'rule-unsupported', /at most 8 edits/],
  ['levenshtein(a.name, b.name) > 8.5 OR levenshtein(a.name, b.name) >= 10', 'rule-unsupported', /at most 8 edits/],
  ['levenshtein(a.name, b.name) < 0', 'rule-unsupported', /same of every pair/],
  ['levenshtein(a.name, b.name) <= a.n', 'rule-unsupported', /constant: levenshtein\(a\.x, b\.y\) <= 2/],
  [
    'jaccard(a.name, b.name) >= 0.8',
    'rule-unsupported',
    /how many characters a piece has, 2 or 3: jaccard\(a\.x, b\.y, 2\)/,
  ],
  ['dice(a.name, b.name, 4) >= 0.8', 'rule-unsupported', /2 or 3/],
  ['dice(a.name, b.name, a.n) >= 0.8', 'rule-unsupported', /2 or 3/],
  ['dice(a.name, b.name, 2.5) >= 0.8', 'rule-unsupported', /2 or 3/],
  ['dice(a.name, b.name, 2) >= 80', 'rule-unsupported', /dice is between 0 and 1/],
  ['jaccard(a.id, b.name, 2) >= 0.8', 'rule-unsupported', /maxLength for the column id/],
  [
    'CASE WHEN a.id = b.id THEN a.n ELSE 0 END >= 3',
    'rule-unsupported',
    /behind THEN and ELSE .* stand weights: constants/,
  ],
  ['CASE WHEN a.id = b.id THEN 2 END >= 1', 'rule-unsupported', /needs an ELSE/],
  ["CASE WHEN a.id = b.id THEN 'x' ELSE 'y' END = a.name", 'rule-unsupported', /both tables stand in one value/],
  ['a.n * CAST(a.id = b.id AS INTEGER) >= 1', 'rule-unsupported', /weights are constants/],
  ['CAST(a.id = b.id AS INTEGER) * CAST(a.n = b.n AS INTEGER) >= 1', 'rule-unsupported', /weights are constants/],
  ['CAST(a.id = b.id AS INTEGER) + a.n >= 1', 'rule-unsupported', /a weighted sum has constants.*nothing else/],
  ['CAST(a.id = b.id AS INTEGER) >= b.n', 'rule-unsupported', /weighted sum is compared with a constant/],
  ['CAST(a.id = b.id AS INTEGER) = 1', 'rule-unsupported', /weighted sum is compared with <, <=, > or >=/],
  ['CAST(a.id = b.id AS VARCHAR) = a.name', 'rule-unsupported', /both tables/],
  ['CASE WHEN a.id = b.id THEN 0.0000001 ELSE 0 END > 0', 'rule-unsupported', /at most 6 digits/],
  [
    'CASE WHEN a.id = b.id THEN 2000.000001 ELSE 0 END + CAST(a.n = b.n AS INT) > 2',
    'rule-unsupported',
    /fewer digits/,
  ],
  ['CASE WHEN a.id = b.id THEN 1 ELSE 0 END >= 0', 'rule-unsupported', /every pair/],
  ['CASE WHEN a.id = b.id THEN 1 ELSE 0 END > 1', 'rule-unsupported', /never true/],
  ['abs(a.big - b.big) < 3', 'rule-unsupported', /min and max for big/],
  ['abs(a.n - b.n) <= -1', 'rule-unsupported', /never below 0/],
  ['abs(a.n - b.n) = 1', 'rule-unsupported', /not with =/],
  ['a.n / 2 = b.n', 'rule-unsupported', /\/\(\)/],
  ['a.n = 1e3 AND b.n = 1', 'rule-unsupported', /decimals of at most 15 digits/],
  ['a.n = 12345678901234567890123', 'rule-unsupported', /15 digits/],
  ['a.n::DOUBLE = b.n', 'rule-unsupported', /cast to DOUBLE/],
  ['a.n::weird = b.n', 'rule-unsupported', /cast to UNBOUND/],
  ["a.born = DATE '2001-02-30'", 'rule-unsupported', /no date/],
  ['a.born + INTERVAL 3 DAY > b.born', 'rule-unsupported', /to_days\(\)|trunc\(\)|cast to DOUBLE/],
  ['a.n', 'rule-unsupported', /condition/],
  ['TRUE', 'rule-unsupported', /every pair/],
  ['a.id = NULL', 'rule-unsupported', /never true/],
  ['(a.id, b.id) = (b.id, a.id)', 'rule-unsupported', /row\(\)/],
  [`a.id = b.id${' OR a.id = b.id'.repeat(1000)}`, 'rule-unsupported', /8192 characters/],
  [Array.from({ length: 40 }, (_, i) => `a.n < b.n + ${i}`).join(' OR '), 'rule-unsupported', /32 comparisons/],
  ['a.id = b.id\0', 'rule-syntax', /character/],
  ["lpad(a.name, 1000000000, 'y') = b.name", 'rule-unsupported', /constant of 0 to 1024/],
  ["a.name = b.name AND a.name LIKE '%a_%a_%b'", 'rule-unsupported', /at most two %/],
  ["a.name = b.name AND a.name ILIKE '%a%a%b'", 'rule-unsupported', /at most two %/],
  ['a.name = b.name AND a.name LIKE a.town', 'rule-unsupported', /constant text/],
  [
    nested("lpad('', 1000, 'a')", 2, (x) => `replace(${x}, 'a', lpad('', 1000, 'a'))`, '= b.name'),
    'rule-unsupported',
    /characters/,
  ],
  [nested('a.name', 20, (x) => `regexp_replace(${x}, '', 'aa', 'g')`, '= b.name'), 'rule-unsupported', /characters/],
];

/** A rule with something inside itself, `depth` times over. */
function nested(inner: string, depth: number, around: (inner: string) => string, rest = ''): string {
  return Array.from({ length: depth }).reduce<string>((sql) => around(sql), inner) + rest;
}

const explosive: [what: string, sql: string][] = [
  ['IS NULL', nested('a.id = b.id', 100, (x) => `(${x}) IS NULL`)],
  ['IS TRUE', nested('a.id = b.id', 100, (x) => `(${x}) IS NOT TRUE`)],
  ['BETWEEN', nested('(a.n < 2)', 60, (x) => `(${x} BETWEEN FALSE AND TRUE)`, ' AND a.id = b.id')],
  ['IN', nested('(a.n < 2)', 60, (x) => `(${x} IN (TRUE, FALSE, TRUE, FALSE))`, ' AND a.id = b.id')],
  ['IS DISTINCT FROM', nested('(a.n < 2)', 60, (x) => `(${x} IS DISTINCT FROM TRUE)`, ' AND a.id = b.id')],
  ['CASE', nested('a.id = b.id', 60, (x) => `CASE WHEN ${x} THEN a.n = b.n ELSE a.n < b.n END`)],
  ['CASE in THEN', nested('a.id = b.id', 60, (x) => `CASE WHEN a.n < b.n THEN ${x} ELSE a.n = b.n END`)],
  ['a sum', nested('a.id = b.id', 60, (x) => `CASE WHEN ${x} THEN 2 ELSE 1 END + CAST(a.n = b.n AS INT) > 2`)],
  ['CAST', nested('a.id = b.id', 60, (x) => `(${x})::INT + (a.n = b.n)::INT > 1`)],
  ['BETWEEN of sums', nested('a.id = b.id', 60, (x) => `((${x})::INT + (a.n = b.n)::INT BETWEEN 0 AND 1)`)],
  ['NOT', nested('a.id = b.id', 500, (x) => `NOT ${x}`)],
  ['AND, OR', nested('a.id = b.id', 100, (x) => `(${x} AND a.n = b.n OR a.n < b.n)`)],
];

test.each(explosive)('%s inside itself takes no time to compile or to refuse', async (_, sql) => {
  expect(sql.length).toBeLessThan(8192);
  const start = performance.now();
  const outcome = await compileRule(sql, { a: columns, b: other }, duck).then(
    ({ locals }) => Math.max(0, ...locals.a.map((local) => local.sql.length)),
    (refused: unknown) => refused,
  );
  if (typeof outcome === 'number') expect(outcome).toBeLessThan(2 ** 17);
  else expect(outcome).toMatchObject({ code: expect.stringMatching(/^rule-/) });
  // What grows exponentially takes ages.
  expect(performance.now() - start).toBeLessThan(60_000);
});

describe('what a rule cannot say', () => {
  test.each(refused)('%s', async (sql, code, says) => {
    const error = await refusal(sql);
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(says)]);
  });

  test('a comment is no harm', async () => {
    await expect(compileRule('a.id = b.id -- comment', { a: columns, b: other }, duck)).resolves.toBeDefined();
  });

  test('a column that contradicts itself', async () => {
    for (const [column, says] of [
      [{ type: 'text', maxLength: 0 }, /maxLength/],
      [{ type: 'text', alphabet: 'aa' }, /twice/],
      [{ type: 'text', alphabet: '' }, /1 to 94/],
      [{ type: 'number', scale: 12 }, /scale/],
      [{ type: 'number', min: 'x' }, /min/],
      [{ type: 'number', min: '2', max: '1' }, /above/],
      [{ type: 'date', min: '2001-02-30' }, /YYYY-MM-DD/],
    ] as const) {
      const error = await refusal('a.id = b.id', { id: column });
      expect([error.code, error.message]).toEqual(['agreement-invalid', expect.stringMatching(says)]);
    }
  });

  test('any text compiles or is refused with one of our codes', async () => {
    const word = fc.constantFrom(
      'a.id',
      'b.id',
      'a.n',
      'b.n',
      '=',
      '(',
      ')',
      'AND',
      'NOT',
      'OR',
      'agree',
      'abs',
      ',',
      '-',
      '0.5',
      "'x'",
      'IS',
      'NULL',
      'CASE',
      'WHEN',
      'THEN',
      'END',
      ';',
      'SELECT',
      'FROM',
      '::',
      'INT',
      '[',
      ']',
      '*',
      'IN',
      'BETWEEN',
      '--',
      '$$',
      '"',
    );
    const rule = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    );
    const property = fc.asyncProperty(rule, async (sql) => {
      const outcome = await compileRule(sql, { a: columns, b: other }, duck).then(
        () => 'compiled',
        (error: unknown) => (error instanceof SymbolonError ? error.code : error),
      );
      expect(['compiled', 'rule-syntax', 'rule-unsupported', 'rule-unknown-column', 'plan-range']).toContain(outcome);
    });
    await fc.assert(property, { numRuns: process.env.SLOW ? 20_000 : 300 });
  });

  test('a parser that answers nonsense', async () => {
    for (const answer of [null, 1, [], {}, { error: false, statements: [{}] }]) {
      await expect(
        compileRule('a.id = b.id', { a: columns, b: other }, { serialize: async () => answer }),
      ).rejects.toMatchObject({ code: 'sql-tree' });
    }
  });
});

describe('values that the agreement excludes', () => {
  test.each([
    [
      'agree(a.name, b.name) >= 0.5',
      ['ok', 'too long for it'],
      /row 2 of table a, column a\.name: the value has 15 characters, more than the 8/,
    ],
    ['abs(a.n - b.n) <= 3', [1n, 2n, 51n], /row 3 of table a, column a\.n: the value lies outside/],
    ['a.n = b.n', [-51], /row 1 of table a, column a\.n/],
    ['a.n < b.n', [0.5], /no whole number/],
    ['a.id = b.id', [5], /no text/],
  ] as const)('%s', async (sql, values, says) => {
    const rule = await compileRule(sql, { a: columns, b: other }, duck);
    expect(() => encodeLeaf(rule, 0, 'a', { rows: values.length, columns: [values] })).toThrow(says);
  });

  test('characters outside the alphabet are counted', async () => {
    const rule = await compileRule('agree(a.name, b.name) >= 0.5 AND a.id = b.id', { a: columns, b: other }, duck);
    const values = rule.locals.a.map((local) => (local.as === 'symbols' ? ['aé', 'É-', null] : ['é', 'é', 'é']));
    expect(outsideAlphabet(rule, 'a', { rows: 3, columns: values })).toMatchObject([
      { columns: ['name'], characters: 3 },
    ]);
  });
});
