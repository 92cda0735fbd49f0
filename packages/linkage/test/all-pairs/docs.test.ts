import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allPairsProgram, compileRule, everyPair, type Outcome } from '../../src/index.ts';
import { Duck, type Row } from '../duckdb.ts';
import { people } from './family.ts';
import { chosen } from './run.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/matching.md'), 'utf8');
const [household, weighed] = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1]!.trim()) as [
  string,
  string,
];

/** The rows of a table on the page. */
function rowsOf(side: 'a' | 'b'): Row[] {
  const [, body] = page.split(`| ${side} | first | surname | street | born |\n|---|---|---|---|---|\n`) as [
    string,
    string,
  ];
  const lines = body.slice(0, body.indexOf('\n\n')).split('\n');
  return lines.map((line) => {
    const [, , first, surname, street, born] = line.split('|').map((cell) => cell.trim());
    return { first: first!, surname: surname!, street: street!, born: born! };
  });
}

async function run(sql: string, outcome: Partial<Outcome>) {
  const duck = await Duck.open();
  const rule = await compileRule(sql, { a: people, b: people }, duck);
  const [a, b] = [rowsOf('a'), rowsOf('b')];
  await duck.load('ta', people, a);
  await duck.load('tb', people, b);
  const tables = { a: await duck.locals(rule, 'a', 'ta'), b: await duck.locals(rule, 'b', 'tb') };
  const found = chosen(rule, tables, allPairsProgram(rule, a.length, b.length, { ...everyPair, ...outcome }));
  return typeof found === 'number' ? found : found.map(([x, y]) => `${x}–${y}`);
}

test('the example gives what the page says', async () => {
  const all = await run(household, {});
  expect(page).toContain(`| every pair that matches | ${(all as string[]).join(', ')} |`);
  const [ann, bob, ...carls] = (await run(household, { cardinality: 'many-to-one' })) as string[];
  expect(['0–0', '0–1']).toContain(ann);
  expect(bob).toBe(ann!.replace('0–', '1–'));
  expect(carls).toEqual(['2–2', '3–2']);
  const [gray, moss, ...more] = (await run(household, { cardinality: 'one-to-one' })) as string[];
  expect(['0–0', '0–1', '1–0', '1–1']).toContain(gray);
  expect(['2–2', '3–2']).toContain(moss);
  expect(more).toEqual([]);
  const best = (await run(weighed, { cardinality: 'many-to-one', prefer: 'best' })) as string[];
  expect(page).toContain(`many-to-one gives ${best.join(', ')}: twins`);
  expect(await run(household, { reveal: 'count' })).toBe(6);
  expect(await run(household, { reveal: 'count', cardinality: 'many-to-one' })).toBe(4);
  expect(await run(household, { reveal: 'count', cardinality: 'one-to-one' })).toBe(2);
});
