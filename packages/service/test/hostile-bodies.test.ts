import { expect, test } from 'vitest';
import { z } from 'zod';
import { answer, contract } from '../src/index.ts';
import { serveApi } from './api-server.ts';

const keep = contract({
  name: 'keep',
  summary: 'Keeps anything',
  action: 'anything.keep',
  method: 'POST',
  path: '/v1/things',
  repeatable: true,
  body: z.strictObject({
    times: z.int().optional(),
    thing: z.unknown(),
    names: z.record(z.string(), z.string()).optional(),
  }),
  answer: z.strictObject({ done: z.literal(true) }),
});

const nested = (open: string, close: string, levels: number): string =>
  `{"thing":${open.repeat(levels)}1${close.repeat(levels)}}`;

test.each([
  ['what is kept, as the control', '{"thing":{"a":[1]}}', 200],
  ['arrays of 100,000 levels', nested('[', ']', 100_000), 400],
  ['objects of 30,000 levels', nested('{"a":', '}', 30_000), 400],
  ['33 levels', nested('[', ']', 33), 400],
  ['__proto__', '{"thing":{"a":{"__proto__":{"admin":true}}}}', 400],
  ['__proto__, spelt otherwise', '{"thing":{"\\u005f_proto__":{"admin":true}}}', 400],
  ['constructor.prototype', '{"thing":{"constructor":{"prototype":{"admin":true}}}}', 400],
  ['a key twice', '{"thing":1,"thing":2}', 400],
  ['a key twice, far inside', '{"thing":[{"a":{"b":1,"c":2,"b":3}}]}', 400],
  ['a key twice, spelt otherwise', '{"thing":{"a":1,"\\u0061":2}}', 400],
  ['2^53+1', '{"times":9007199254740993,"thing":1}', 400],
  ['2^53+1 where anything is taken', '{"thing":9007199254740993}', 400],
  ['a number too large', '{"thing":1e999}', 400],
  ['half a character', '{"thing":"\\ud800"}', 400],
  ['a byte-order mark', '\ufeff{"thing":1}', 400],
  ['two values', '{"thing":1}{"thing":2}', 400],
  ['not UTF-8', Buffer.from('7b227468696e67223a22ff227d', 'hex'), 400],
  ['more than the limit', `{"thing":"${'x'.repeat(2_000_000)}"}`, 413],
])('a body with %s', async (_, body, status) => {
  const kept: unknown[] = [];
  const { url } = await serveApi([
    answer(keep, async (asked) => {
      kept.push(asked.body);
      return { done: true as const };
    }),
  ]);
  for (const key of [undefined, 'a-key-of-mine']) {
    const headers = { authorization: 'Bearer ana', 'content-type': 'application/json' };
    const answered = await fetch(`${url}/v1/things`, {
      method: 'POST',
      headers: key === undefined ? headers : { ...headers, 'idempotency-key': key },
      body,
    });
    expect([answered.status, await answered.text()]).toEqual([status, expect.not.stringContaining('internal')]);
  }
  expect(kept).toHaveLength(status === 200 ? 2 : 0);
  expect({}).not.toHaveProperty('admin');
});
