import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Columns, compileRule, macros, normalise, normaliseSteps } from '../src/index.ts';
import { Duck } from './duckdb.ts';
import { records, columns as table } from './tables.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/rules.md'), 'utf8');
const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1]!.trim());
const definitions = blocks.filter((block) => block.startsWith('CREATE'));
const rules = blocks.filter((block) => !block.startsWith('CREATE'));
const text = (maxLength: number) => ({ type: 'text', maxLength, normalise: [...normaliseSteps] }) as const;
const columns: Columns = {
  medicaid: text(12),
  name: text(32),
  given: text(16),
  surname: text(16),
  address: text(48),
  street: text(32),
  city: text(16),
  postcode: text(8),
  born: { type: 'date' },
  weight: { type: 'number', min: '0', max: '500', scale: 1 },
};

test('the page has rules', () => expect(rules.length).toBeGreaterThan(5));

test.each(rules)('%s', async (rule) => {
  expect((await compileRule(rule, { a: columns, b: columns }, await Duck.open())).leaves.length).toBeGreaterThan(0);
});

test('normalisation does what the page says', () => {
  expect(normalise(normaliseSteps, 'O’Brien-Núñez')).toBe('obrien nunez');
  expect(normalise(normaliseSteps, "O'Brien-Núñez")).toBe('obrien nunez');
});

test('the definitions on the page are those that results are held against', async () => {
  const duck = await Duck.open();
  for (const definition of definitions)
    await duck.run(
      definition
        .replaceAll('MACRO ', 'MACRO page_')
        .replaceAll(/\b(hamming|pieces|shared)\(/g, 'page_$1(')
        .replaceAll('page_page_', 'page_'),
    );
  for (const macro of macros) await duck.run(macro);
  await duck.load('ta', table, records(3, 60, 8));
  await duck.load('tb', table, records(4, 60, 8));
  for (const call of [
    'hamming(a.name, b.name)',
    'agree(a.name, b.name)',
    ...[2, 3].flatMap((q) => ['jaccard', 'dice'].map((name) => `${name}(a.name, b.name, ${q})`)),
  ]) {
    expect(await duck.matches(`page_${call} IS DISTINCT FROM ${call}`, 'ta', 'tb', 60), call).toEqual([]);
    expect((await duck.matches(`${call} > 0`, 'ta', 'tb', 60)).length, call).toBeGreaterThan(0);
  }
});

test('docs/agreements.md: its blocking key is one equality, of two columns', async () => {
  const agreements = readFileSync(join(import.meta.dirname, '../../../docs/agreements.md'), 'utf8');
  const [key] = [...agreements.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1]!.trim());
  const both = { ...columns, dob: { type: 'date' } as const };
  const { leaves } = await compileRule(key!, { a: both, b: both }, await Duck.open());
  expect(leaves).toHaveLength(1);
});
