import { request } from 'node:http';
import { z } from 'zod';
import { type ApiClient, answer, contract, nothing, peopleClient } from '../src/index.ts';
import { serveApi } from './api-server.ts';

export const hello = contract({
  name: 'hello',
  summary: 'Says who asks',
  action: 'hello.say',
  method: 'GET',
  path: '/v1/hello/:times',
  params: z.strictObject({ times: z.coerce.number().int().min(1).max(3) }),
  query: z.strictObject({ loud: z.enum(['yes', 'no']).optional() }),
  answer: z.object({ words: z.string() }),
});
export const count = contract({
  name: 'count',
  summary: 'Counts',
  action: 'count.add',
  method: 'POST',
  path: '/v1/counts',
  body: z.strictObject({ by: z.int() }),
  answer: z.strictObject({ total: z.int() }),
});
export const welcome = contract({
  name: 'welcome',
  summary: 'To anybody',
  action: null,
  method: 'POST',
  path: '/v1/welcome',
  answer: nothing,
  repeatable: true,
});

/** Sends what no client of ours sends. */
export function raw(
  port: number,
  {
    method = 'GET',
    path = '/v1/hello/1',
    headers = {},
    body,
  }: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string;
  },
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = {
      authorization: 'Bearer ana',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const asked = request(
      { host: '127.0.0.1', port, method, path, headers: sent, setHost: headers.host === undefined },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      },
    );
    asked.on('error', reject).end(body);
  });
}

const hi = answer(hello, async ({ caller, params, query, visit }) => ({
  words: `${caller.id} ${params.times}${query.loud === 'yes' ? '!' : ''}`,
  session: visit.session,
}));

/** A server that says hello, and counts. */
export async function serveHello(options: { perMinute?: number; counting?: boolean } = {}) {
  let total = 0;
  const add = answer(
    count,
    async ({ body }) => {
      total += body.by;
      return { total };
    },
    async () => ({ total }),
  );
  const served = await serveApi([hi, add, answer(welcome, async () => undefined)], options);
  return { ...served, total: () => total };
}

export function clientOf(url: string, token?: string): ApiClient {
  return peopleClient({ url, token });
}
