import { answerRequest, exchangeRequest, openRequest } from '@symbolon/service';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Context } from '../src/context.ts';
import { peerRoutes } from '../src/routes.ts';
import type { Sessions } from '../src/sessions.ts';
import { network } from './network.ts';

const routes = peerRoutes({} as Context, {} as Sessions);

/** Places in a JSON schema where a caller could put text or numbers as long as it likes. */
function unbounded(schema: z.core.JSONSchema.BaseSchema, at: string): string[] {
  const { type, properties, items } = schema;
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((one) => unbounded(one as typeof schema, at));
  if (type === 'null' || schema.enum !== undefined || schema.const !== undefined) return [];
  if (type === 'string') return schema.maxLength !== undefined || schema.pattern !== undefined ? [] : [`${at}: string`];
  if (type === 'integer') return schema.maximum !== undefined && schema.minimum !== undefined ? [] : [`${at}: integer`];
  if (type === 'array') {
    return [
      ...(schema.maxItems === undefined ? [`${at}: array`] : []),
      ...unbounded(items as typeof schema, `${at}[]`),
    ];
  }
  if (type === 'object') {
    const open = schema.additionalProperties === false || schema.propertyNames !== undefined ? [] : [`${at}: object`];
    const values =
      typeof schema.additionalProperties === 'object' ? unbounded(schema.additionalProperties, `${at}.*`) : [];
    const fields = Object.entries(properties ?? {}).flatMap(([name, field]) =>
      unbounded(field as typeof schema, `${at}.${name}`),
    );
    return [...open, ...values, ...fields];
  }
  return [`${at}: anything`];
}

const unboundedIn = (schema: z.ZodType) =>
  unbounded(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), 'body');

describe('no endpoint can take data', () => {
  test('these are all of them, each with its limit', () => {
    expect(routes.map(({ method, path, bodyLimit, body }) => [method, path, bodyLimit, body !== undefined])).toEqual([
      ['POST', '/v1/sessions', 8 << 20, true],
      ['GET', '/v1/sessions/:id/pads', 1, false],
      ['POST', '/v1/sessions/:id/answer', 2048, true],
      ['DELETE', '/v1/sessions/:id', 1, false],
      ['GET', '/v1/log/seen', 1, false],
      ['POST', '/v1/log/exchange', 196_608, true],
      ['GET', '/v1/log/consistency/:from/:to', 1, false],
      ['GET', '/v1/log/*', 1, false],
      ['GET', '/v1/log/checkpoint', 1, false],
      ['GET', '/v1/log/checkpoint/:from', 1, false],
      ['GET', '/v1/status', 1, false],
    ]);
  });

  test('every field is bounded; the program by its own parser', () => {
    expect(unboundedIn(openRequest)).toEqual(['body.program: anything']);
    expect(unboundedIn(answerRequest)).toEqual([]);
    expect(unboundedIn(exchangeRequest)).toEqual([]);
    // The control: the search finds what it should.
    expect(unboundedIn(z.strictObject({ note: z.string() }))).toEqual(['body.note: string']);
    expect(unboundedIn(z.object({ list: z.array(z.int()) }))).not.toEqual([]);
  });

  test('an extra field is refused wherever it stands, and so is a long body', async () => {
    const net = await network();
    const [fred] = net.parties;
    const request = await fred.request();
    const post = (body: unknown) => fred.client.call('POST', '/v1/sessions', { body, answer: z.unknown() });
    for (const body of [
      { ...request, rows: ['Erika Mustermann'] },
      { ...request, consistency: { ...request.consistency, note: 'x' } },
      { ...request, parties: request.parties.map((party) => ({ ...party, note: 'x' })) },
      { ...request, program: { ...request.program, note: 'x' } },
      { ...request, nonce: `${request.nonce}AAAA` },
      { ...request, checkpoint: 'x'.repeat(3000) },
    ]) {
      const error = await post(body).catch((failure: unknown) => failure);
      expect(['request-invalid', 'plan-invalid']).toContain((error as { code: string }).code);
    }
    await expect(post({ ...request, pad: 'x'.repeat(8 << 20) })).rejects.toMatchObject({ code: 'body-too-large' });
    const session = request.nonce;
    const answer = { dataHash: session, signatures: {}, data: 'x' };
    await expect(
      fred.client.call('POST', `/v1/sessions/${session}/answer`, { body: answer, answer: z.unknown() }),
    ).rejects.toMatchObject({
      code: 'request-invalid',
    });
    await expect(
      fred.client.call('DELETE', `/v1/sessions/${session}`, { body: {}, answer: z.unknown() }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/request-invalid|body-too-large/),
    });
  });
});
