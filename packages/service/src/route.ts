import { Readable } from 'node:stream';
import { fault, type Rng } from '@symbolon/crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { problemType, toProblem } from './error-http.ts';
import type { Logger } from './logging.ts';

/** What a route's handler is given; everything in it has been checked. */
export interface Asked<Body, Params, Caller> {
  /** Who asks: a partner's card on the server for partners. */
  readonly caller: Caller;
  readonly params: Params;
  readonly body: Body;
  /** Aborted when the caller hangs up or the server stops. */
  readonly signal: AbortSignal;
}

/** An answer that is bytes instead of JSON. */
export class ByteStream {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly length: number;

  /** @param length of all chunks together: a shorter stream is an error at the receiver */
  constructor(bytes: AsyncIterable<Uint8Array>, length: number) {
    this.bytes = bytes;
    this.length = length;
  }
}

/** An answer that is bytes with secrets in them: they are overwritten when it has been sent, or cannot be. */
export class SecretBytes {
  readonly bytes: Uint8Array;

  /** @param bytes nobody else may use them from now on */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** One address of a server. The list of them is what the server can be asked; there is nothing else. */
export interface Route<Caller> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Like /v1/sessions/:id. */
  readonly path: string;
  /** Shape of the path's parameters; there are none without it. */
  readonly params?: z.ZodType;
  /** Shape of the JSON body; none is accepted without it. */
  readonly body?: z.ZodType;
  /** Longest body in bytes; the server's own limit if absent. */
  readonly bodyLimit?: number;
  /** Returns what is sent as JSON, a {@link ByteStream} or {@link SecretBytes}, or undefined for an empty answer. */
  handle(asked: Asked<unknown, unknown, Caller>): Promise<unknown>;
}

/** A {@link Route} whose handler has the types of its schemas. */
export function route<Caller>() {
  return <Body extends z.ZodType = z.ZodUndefined, Params extends z.ZodType = z.ZodUndefined>(
    definition: Omit<Route<Caller>, 'handle' | 'body' | 'params'> & {
      body?: Body;
      params?: Params;
      handle(asked: Asked<z.output<Body>, z.output<Params>, Caller>): Promise<unknown>;
    },
  ): Route<Caller> => definition as unknown as Route<Caller>;
}

/** Puts routes on a server. Handlers return values; this alone writes HTTP. */
export function mountRoutes<Caller>(
  app: FastifyInstance,
  params: {
    routes: readonly Route<Caller>[];
    caller(request: FastifyRequest): Caller;
    nameOf(caller: Caller): string;
    logger: Logger;
    rng: Rng;
  },
): void {
  const { routes, caller, nameOf, logger, rng } = params;
  const callers = new WeakMap<FastifyRequest, Caller>();
  const stopping = new AbortController();
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request) => void callers.set(request, caller(request)));
  app.addHook('preClose', async () => stopping.abort());
  app.addHook('onResponse', async (request, reply) => {
    const who = callers.get(request);
    const by = who === undefined ? 'unknown' : nameOf(who);
    const milliseconds = Math.round(reply.elapsedTime);
    const { method, routeOptions } = request;
    logger.info({ method, route: routeOptions.url, status: reply.statusCode, milliseconds, by }, 'request');
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, rng);
    const { reference } = problem;
    if (reference === undefined) logger.warn({ route: request.routeOptions.url, err: error }, 'refused');
    else logger.error({ route: request.routeOptions.url, reference, err: error }, 'internal error');
    return reply.status(problem.status).type(problemType).send(JSON.stringify(problem));
  });
  app.setNotFoundHandler(async (request) => {
    throw fault('not-found', `there is nothing at ${request.method} ${request.url.slice(0, 100)}`);
  });
  for (const definition of routes) {
    const { method, path, bodyLimit } = definition;
    app.route({
      method,
      url: path,
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      handler: async (request, reply) => {
        const asked = {
          caller: callers.get(request) as Caller,
          params: definition.params === undefined ? undefined : checked(definition.params, request.params, 'address'),
          body: checkedBody(definition.body, request.body),
          signal: AbortSignal.any([stopping.signal, hangUp(reply)]),
        };
        return answer(reply, await definition.handle(asked), logger);
      },
    });
  }
}

function checkedBody(schema: z.ZodType | undefined, body: unknown): unknown {
  if (schema !== undefined) return checked(schema, body, 'body');
  if (body !== undefined && body !== null) throw fault('request-invalid', 'this address takes no body');
  return undefined;
}

/** Applies a schema to something that came over a wire; the first failure becomes `request-invalid` naming the field. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue!.path.map(String).join('.') || what;
  throw fault('request-invalid', `${field}: ${issue!.message}`, { culprit: field });
}

function answer(reply: FastifyReply, value: unknown, logger: Logger): unknown {
  if (value === undefined) return reply.status(204).send();
  if (value instanceof SecretBytes) return answerSecretly(reply, value);
  if (!(value instanceof ByteStream)) return reply.type('application/json; charset=utf-8').send(JSON.stringify(value));
  reply.header('content-length', value.length).type('application/octet-stream');
  return reply.send(Readable.from(exactly(value, logger), { objectMode: false, highWaterMark: 1 << 20 }));
}

function answerSecretly(reply: FastifyReply, { bytes }: SecretBytes): unknown {
  const wipe = (): void => void bytes.fill(0);
  // Of an answer whose caller has hung up, nothing is sent and no event comes any more.
  if (reply.raw.closed || reply.raw.destroyed) wipe();
  else reply.raw.once('close', wipe);
  return reply.type('application/octet-stream').send(bytes);
}

/** The stream, which fails (and so breaks the connection) rather than end early: the receiver would wait for the rest. */
async function* exactly({ bytes, length }: ByteStream, logger: Logger): AsyncGenerator<Uint8Array> {
  let left = length;
  try {
    for await (const chunk of bytes) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
    if (left !== 0)
      throw fault('internal', `a stream of ${length} bytes came out ${Math.abs(left)} too short or too long`);
  } catch (error) {
    logger.error({ err: error }, 'a stream broke off');
    throw error;
  }
}

function hangUp(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
