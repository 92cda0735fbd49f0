import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Columns, compileRule, normalise, normaliseSteps } from '../src/index.ts';
import { Duck } from './duckdb.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/rules.md'), 'utf8');
const rules = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1]!.trim());
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
