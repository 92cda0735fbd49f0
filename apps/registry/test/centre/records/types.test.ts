import { describe, expect, test } from 'vitest';
import { isQuickPattern } from '../../../src/centre/records/types/pattern.ts';
import { compileType } from '../../../src/centre/records/types/types.ts';

const typeOf = (schema: unknown) =>
  compileType({
    module: 'hips',
    name: 'visit',
    version: 1,
    text: typeof schema === 'string' ? schema : JSON.stringify(schema),
  });

function refusalOf(work: () => void): Error | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

const ofProperty = (property: unknown, more: object = {}) => ({
  type: 'object',
  additionalProperties: false,
  properties: { value: property },
  ...more,
});

describe('a record type', () => {
  const type = typeOf({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    required: ['side', 'on'],
    properties: {
      side: { enum: ['left', 'right'], type: 'string' },
      on: { type: 'string', format: 'date' },
      code: { type: 'string', pattern: '^[A-Z]\\d{2}\\.?\\d?$', maxLength: 5 },
      score: { type: ['number', 'null'], minimum: 0, maximum: 100, multipleOf: 0.1 },
      note: { type: 'string', 'x-free-text': true, maxLength: 100 },
      drugs: { type: 'array', maxItems: 3, items: { $ref: '#/$defs/drug' } },
    },
    $defs: { drug: { type: 'string', enum: ['a', 'b'] } },
  });
  const good = { side: 'left', on: '2024-02-29', code: 'M16.1', score: 71.3, note: 'fine', drugs: ['a'] };

  test('takes what it describes', () => {
    type.check(good);
    type.check({ side: 'right', on: '2024-01-01', score: null });
  });

  const bad: Record<string, [unknown, string]> = {
    'a property too many': [{ ...good, admin: true }, 'the record'],
    'a property that all objects have': [{ ...good, toString: 'x' }, 'the record'],
    'a property missing': [{ side: 'left' }, 'the record'],
    'a day that is none': [{ ...good, on: '2023-02-29' }, '/on'],
    'another value': [{ ...good, side: 'Anna Smith' }, '/side'],
    'another form': [{ ...good, code: 'Anna' }, '/code'],
    'a number too large': [{ ...good, score: 101 }, '/score'],
    'too many digits': [{ ...good, score: 71.33 }, '/score'],
    'too long a text': [{ ...good, note: 'x'.repeat(101) }, '/note'],
    'too many items': [{ ...good, drugs: ['a', 'a', 'a', 'a'] }, '/drugs'],
    'a wrong item': [{ ...good, drugs: ['a', 'Anna'] }, '/drugs/1'],
    'no object': ['Anna Smith', 'the record'],
  };
  test.each(Object.entries(bad))('refuses %s, and says where and not what', (_, [body, culprit]) => {
    const refusal = refusalOf(() => type.check(body));
    expect(refusal).toMatchObject({ code: 'record-invalid', culprit });
    expect(refusal?.message).not.toMatch(/Anna|admin|toString|101|71\.33/);
  });
});

describe('a schema is refused', () => {
  const deep = Array.from({ length: 14 }).reduce<object>((inner) => ofProperty(inner), { type: 'boolean' });
  const schemas: Record<string, unknown> = {
    'that is no JSON': '{',
    'with a key twice': '{"type":"object","type":"object"}',
    'that is no object': [],
    'whose records are no objects': { type: 'string', 'x-free-text': true, maxLength: 5 },
    'that lets properties be added': { type: 'object', properties: {} },
    'with a text of which nothing is known': ofProperty({ type: 'string', maxLength: 10 }),
    'with free text of any length': ofProperty({ type: 'string', 'x-free-text': true }),
    'with an array of any length': ofProperty({ type: 'array', items: { type: 'boolean' } }),
    'with a value of any type': ofProperty({ enum: [1] }),
    'with a keyword that it may not use': ofProperty({ type: 'string', contentMediaType: 'text/html', enum: ['a'] }),
    'with alternatives': ofProperty({ anyOf: [{ type: 'string' }, { type: 'number' }] }),
    'with patterns of properties': { ...ofProperty({ type: 'boolean' }), patternProperties: { '^x': {} } },
    'with an id': ofProperty({ type: 'boolean' }, { $id: 'https://example.org/x' }),
    'with a reference to a server': ofProperty({ $ref: 'http://127.0.0.1/schema.json' }),
    'with a reference to a file': ofProperty({ $ref: 'file:///etc/passwd' }),
    'with a reference to another schema': ofProperty({ $ref: 'https://json-schema.org/draft/2020-12/schema' }),
    'with a dynamic reference': ofProperty({ $dynamicRef: '#a' }),
    'with a reference that leads nowhere': ofProperty({ $ref: '#/$defs/none' }),
    'with a circle': ofProperty(
      { $ref: '#/$defs/a' },
      { $defs: { a: { type: 'array', maxItems: 2, items: { $ref: '#/$defs/a' } } } },
    ),
    'that unfolds without end': ofProperty(
      { $ref: '#/$defs/a0' },
      {
        $defs: Object.fromEntries(
          Array.from({ length: 11 }, (_, i) => [
            `a${i}`,
            i === 10
              ? { type: 'boolean' }
              : {
                  ...ofProperty({ $ref: `#/$defs/a${i + 1}` }),
                  properties: Object.fromEntries(
                    Array.from({ length: 9 }, (_, j) => [`p${j}`, { $ref: `#/$defs/a${i + 1}` }]),
                  ),
                },
          ]),
        ),
      },
    ),
    'that is too deep': deep,
    'with another dialect': ofProperty({ type: 'boolean' }, { $schema: 'http://json-schema.org/draft-07/schema#' }),
    'with a name that changes objects':
      '{"type":"object","additionalProperties":false,"properties":{"__proto__":{"type":"boolean"}}}',
    'with an unknown format': ofProperty({ type: 'string', format: 'regex' }),
    'with a format that every object has': ofProperty({ type: 'string', format: 'constructor' }),
    'with a pattern that takes for ever': ofProperty({ type: 'string', pattern: '^(a+)+$', maxLength: 100 }),
    'with code in a keyword': ofProperty({ type: 'string', pattern: '^a$"); process.exit(); ("', maxLength: 9 }),
    'with a bound that is a text': ofProperty({ type: 'number', minimum: '0' }),
    'with a policy that there is not': ofProperty({ type: 'number', 'x-policy': 'all' }),
    'of a FHIR resource that does not say so': ofProperty({ type: 'boolean' }, { 'x-fhir': 'Observation' }),
  };
  test.each(Object.entries(schemas))('%s', (_, schema) => {
    expect(() => typeOf(schema)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(record-type|request-invalid)$/) }),
    );
  });
});

test('patterns are quick, or none', () => {
  for (const pattern of ['^[A-Z]{2}\\d{4}$', '^\\d+\\.?\\d{2}$', '^a$', '^[a-z-]{3}$', '^$']) {
    expect(isQuickPattern(pattern), pattern).toBe(true);
    new RegExp(pattern, 'u');
  }
  for (const pattern of [
    'a',
    '^a',
    'a$',
    '^(a)$',
    '^a|b$',
    '^a*a*a*$',
    '^a**$',
    '^(?=a)$',
    '^\\1$',
    '^[a$',
    '^[^,]{1,5}$',
    '^a{1,2}{3}$',
    '^.*?.*?$',
    '^\\$',
  ]) {
    expect(isQuickPattern(pattern), pattern).toBe(false);
  }
  // The slowest that is let through, on the longest text that it may meet.
  expect(/^a*a*b$/u.test('a'.repeat(1000))).toBe(false);
});
