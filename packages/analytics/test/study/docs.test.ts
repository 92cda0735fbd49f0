import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  type AgreedJoin,
  bindMethod,
  bindStudy,
  explainMethod,
  explainStudy,
  linesOf,
  methodNames,
  parseStudyFile,
  type Schema,
} from '../../src/index.ts';
import { MemoryDuck } from '../sql/duckdb.ts';

const root = join(import.meta.dirname, '../../../..');
const example = join(root, 'examples/e-coaching');
const page = readFileSync(join(root, 'docs/studies.md'), 'utf8');

interface Draft {
  readonly minPatients: number;
  readonly tables: Readonly<Record<string, Omit<Schema['tables'][string], 'parties'> & { readonly holders: string[] }>>;
  readonly joins: readonly AgreedJoin[];
}

/** The schema of the example's agreement. */
function exampleSchema(): Schema {
  const { minPatients, tables, joins } = parse(readFileSync(join(example, 'agreement.yaml'), 'utf8')) as Draft;
  const each = Object.entries(tables).map(([name, { holders, ...table }]) => [name, { ...table, parties: holders }]);
  return { minPatients, tables: Object.fromEntries(each), joins };
}

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

async function explain(text: string): Promise<string[]> {
  const { sql, method } = parseStudyFile(text);
  const schema = exampleSchema();
  if (method === null) return linesOf(explainStudy(await bindStudy(sql, schema, duck)));
  return linesOf(explainMethod(await bindMethod({ sql, method }, schema, duck)));
}

const snippets = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);

test.each(snippets.map((text) => [/^name: (.*)$/m.exec(text)![1]!, text]))('docs/studies.md: %s', async (_, text) => {
  expect(await explain(text)).toContain('Study:');
});

test('docs/studies.md: every method has a section, and a file', () => {
  const sections = [...page.matchAll(/^## ([a-z-]+)$/gm)].map((match) => match[1]!);
  expect(sections.toSorted()).toEqual(methodNames.toSorted());
  const files = snippets.map((text) => parseStudyFile(text).method?.name);
  for (const name of methodNames) expect(files).toContain(name);
});

describe('examples/e-coaching', () => {
  test.each(readdirSync(join(example, 'studies')))('%s', async (file) => {
    expect(await explain(readFileSync(join(example, 'studies', file), 'utf8'))).toContain('Study:');
  });
});
