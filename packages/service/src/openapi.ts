import { type ErrorCode, errorCodes, fault } from '@symbolon/crypto';
import { z } from 'zod';
import { type Contract, contract, nothing } from './contract.ts';
import { problemBody, problemType } from './error-http.ts';

/** Anyone may read what can be asked. */
export const getOpenApi = contract({
  name: 'getOpenApi',
  summary: 'This description',
  action: null,
  method: 'GET',
  path: '/v1/openapi.json',
  answer: z.record(z.string(), z.unknown()),
});

type Json = Record<string, unknown>;

/** An OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1) of contracts. */
export function openApi(contracts: readonly Contract[], { title }: { title: string }): Json {
  const schemas: Json = {};
  const shape = shaper(schemas);
  const paths: Record<string, Json> = {};
  for (const definition of contracts) {
    const path = definition.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [definition.method.toLowerCase()]: operation(definition, shape) };
  }
  const problem = shape(problemBody, 'output');
  return {
    openapi: '3.1.1',
    info: { title, version: '1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      responses: {
        Problem: { description: 'Refused: RFC 9457', content: { [problemType]: { schema: problem } } },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The token of a session, as logging in answers it' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'symbolon-session-ID',
          description:
            'ID is that of the organisation; `__Host-symbolon-session-ID` with TLS. With `x-csrf-token` beside it wherever something may change',
        },
      },
    },
  };
}

/** Every caller may get these. */
const common: readonly ErrorCode[] = ['request-invalid', 'too-many-requests', 'wrong-host', 'internal'];
const ofCallers: readonly ErrorCode[] = ['unauthenticated', 'forbidden'];
const ofChanges: readonly ErrorCode[] = ['cross-site', 'body-too-large'];
const ofKeys: readonly ErrorCode[] = ['key-reused'];
const ofSecretAnswers: readonly ErrorCode[] = ['answer-not-kept'];

function operation(definition: Contract, shape: Shaper): Json {
  const { name, summary, action, path, method, params, query, answer, events, errors = [] } = definition;
  const keyed = method === 'POST' && definition.unkeyed !== true;
  const codes = [
    ...common,
    ...(action === null ? [] : ofCallers),
    ...(method === 'GET' ? [] : ofChanges),
    ...(keyed ? ofKeys : []),
    ...(definition.secretAnswer === undefined ? [] : ofSecretAnswers),
    ...errors,
  ];
  const parameters = [
    ...fields(params, 'path', shape),
    ...fields(query, 'query', shape),
    ...(keyed ? [idempotencyHeader] : []),
    ...(events === true ? [lastEventHeader] : []),
  ];
  return {
    operationId: name,
    summary,
    tags: [path.split('/')[2]!],
    ...(action === null ? { security: [] } : { 'x-action': action, security: [{ token: [] }, { cookie: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(definition, shape),
    responses: { ...success(answer, events === true, shape), ...refusals(codes) },
  };
}

function requestBody({ body, upload }: Contract, shape: Shaper): Json {
  if (upload === true) return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  if (body === undefined) return {};
  return { requestBody: { required: true, content: { 'application/json': { schema: shape(body, 'input') } } } };
}

function success(answer: z.ZodType, events: boolean, shape: Shaper): Json {
  if (answer === nothing) return { 204: { description: 'Done' } };
  const type = events ? 'text/event-stream' : 'application/json';
  const description = events ? 'Events, each with data of this shape' : 'Answered';
  return { 200: { description, content: { [type]: { schema: shape(answer, 'output') } } } };
}

function refusals(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codes) {
    const { status } = errorCodes[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  return Object.fromEntries(
    [...byStatus].map(([status, these]) => [
      status,
      { $ref: '#/components/responses/Problem', description: [...these].sort().join(', ') },
    ]),
  );
}

const idempotencyHeader = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Random; the request takes effect once, however often it is sent with this key within 24 hours',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{8,128}$' },
};

const lastEventHeader = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'Id of the last event that arrived before the connection broke',
  schema: { type: 'string', pattern: '^\\d{1,15}$' },
};

function fields(schema: z.ZodType | undefined, place: 'path' | 'query', shape: Shaper): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = shape(schema, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (required.includes(name) && !('default' in (property as Json))),
    schema: property,
  }));
}

type Shaper = (schema: z.ZodType, io: 'input' | 'output') => Json;

/** JSON Schemas in which those with an id are named, and put into `schemas` once. */
function shaper(schemas: Json): Shaper {
  let count = 0;
  return (schema, io) => {
    const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    // Zod numbers what refers to itself and has no name, from 0 each time.
    const numbered = JSON.stringify(made).replaceAll('__schema', `Part${++count}-`);
    const {
      $schema: _,
      $defs = {},
      ...rest
    } = JSON.parse(numbered.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
    for (const [name, definition] of Object.entries($defs as Json)) {
      if (schemas[name] !== undefined && JSON.stringify(schemas[name]) !== JSON.stringify(definition)) {
        throw fault('internal', `two shapes of the API are called ${name}`);
      }
      schemas[name] = definition;
    }
    return rest;
  };
}
