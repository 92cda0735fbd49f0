import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agreementJsonSchema, problems } from '../src/index.ts';
import { altered, example, type Tree } from './example.ts';
import { agreement } from './samples.ts';

/** An independent reader of JSON Schema: the one that fastify checks requests with. */
const Ajv = createRequire(import.meta.resolve('fastify'))('ajv/dist/2020') as new (
  options: object,
) => { compile(schema: object): (value: unknown) => boolean };

const file = join(import.meta.dirname, '../../../docs/agreement.schema.json');
const published = JSON.parse(readFileSync(file, 'utf8')) as object;
const accepts = new Ajv({ validateFormats: false, strict: false }).compile(published);

// Made by `symbolon agreement schema`.
test('the published schema is that of the code', () => {
  expect(published).toEqual(agreementJsonSchema());
});

test('agreements, and files that name members by id, are valid', () => {
  const byId = { ...example, parties: example.parties.map(({ id }) => id), keyService: 'keys' };
  const { kind: _, version: __, predecessor: ___, pads: ____, ...short } = byId;
  for (const value of [example, agreement, byId, short]) {
    expect(accepts(value)).toBe(true);
    expect(problems(JSON.stringify(value), 'json')).toEqual([]);
  }
});

describe('what has another shape is valid for neither', () => {
  test.each<[string, unknown]>([
    ['title', 5],
    ['title', 'two\nlines'],
    ['titel', 'A'],
    ['term.until', undefined],
    ['parties', ['hospital']],
    ['parties.0', 'Hospital'],
    ['parties.0.id', undefined],
    ['tables.a.maxRows', 0],
    ['tables.a.columns.name.type', 'varchar'],
    ['tables.a.columns.Name', { type: 'date' }],
    ['tables.a.columns.name.unit', 'mg'],
    ['studies.tables.claims.columns.cost.policy', 'all'],
    ['studies.tables.claims.columns.cost.min', 0],
    ['studies.joins.0.on', [['patient']]],
    ['studies.joins.0.linked', true],
    ['studies.templates.0.parameters.days.type', 'sql'],
    ['studies.free.methods', ['guess']],
    ['alerts.0.events.0.when', {}],
    ['alerts.0.events.0.sensitive', 'cancer'],
    ['approvals.0.people', 3],
    ['onwardUse', 'all'],
    ['price.currency', 'euro'],
    ['quota.university.perDay', -1],
  ])('%s = %j', (path, value) => {
    const wrong = altered(example as unknown as Tree, path, value);
    expect(accepts(wrong)).toBe(false);
    expect(problems(JSON.stringify(wrong), 'json')).not.toEqual([]);
  });
});
