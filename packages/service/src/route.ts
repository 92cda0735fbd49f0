import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { fault, type Rng } from '@symbolon/crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { sendAnswer } from './answers.ts';
import { asFault, problemType, toProblem } from './error-http.ts';
import { readJsonBody } from './json-body.ts';
import type { Logger } from './logging.ts';
import type { RefusalCounts } from './refusal-counts.ts';
import { type Upload, uploadOf } from './upload.ts';

/** What a route's handler is given; everything in it has been checked. */
export interface Asked<Body, Params, Caller, Query = undefined> {
  /** Who asks: a partner's card on the server for partners. */
  readonly caller: Caller;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body, where it is a file. */
  readonly upload: Upload | undefined;
  /** As they came: nothing in them has been checked. */
  readonly headers: IncomingHttpHeaders;
  /** Aborted when the caller hangs up or the server stops. */
  readonly signal: AbortSignal;
  /** What the request came through. */
  readonly connection: Connection;
}

/** A connection to a server. */
export interface Connection {
  /**
   * Bytes that both ends of this TLS connection know, and nobody else (RFC 8446 §7.5): who signs them signs for this connection, and no relay passes it on.
   * Throws `unauthenticated` where the connection is without TLS. @param label begins with EXPORTER
   */
  exporter(label: string, bytes: number): Uint8Array;
}

/** One address of a server. The list of them is what the server can be asked; there is nothing else. */
export interface Route<Caller> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Like /v1/sessions/:id. */
  readonly path: string;
  /** Shape of the path's parameters; there are none without it. */
  readonly params?: z.ZodType;
  /** Shape of the query; none is accepted without it. */
  readonly query?: z.ZodType;
  /** Shape of the JSON body; none is accepted without it. */
  readonly body?: z.ZodType;
  /** Longest body in bytes; the server's own limit if absent. */
  readonly bodyLimit?: number;
  /** The body is a file of any length, which the handler reads as it comes. */
  readonly upload?: true;
  /** Called before the body is read; throws where the caller is not let in. */
  admit?(caller: Caller): Promise<void>;
  /** Returns what is sent as JSON, one of the classes of `answers.ts`, or undefined for an empty answer. */
  handle(asked: Asked<unknown, unknown, Caller, unknown>): Promise<unknown>;
}

/** A {@link Route} whose handler has the types of its schemas. */
export function route<Caller>() {
  return <
    Body extends z.ZodType = z.ZodUndefined,
    Params extends z.ZodType = z.ZodUndefined,
    Query extends z.ZodType = z.ZodUndefined,
  >(
    definition: Omit<Route<Caller>, 'handle' | 'body' | 'params' | 'query'> & {
      body?: Body;
      params?: Params;
      query?: Query;
      handle(asked: Asked<z.output<Body>, z.output<Params>, Caller, z.output<Query>>): Promise<unknown>;
    },
  ): Route<Caller> => definition as unknown as Route<Caller>;
}

/** The shape of a body that is bytes and not JSON, of a length that is known. */
export function bytesBody(length: number) {
  return z.instanceof(Uint8Array).refine((bytes) => bytes.length === length, `must be ${length} bytes`);
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
    refusals?: RefusalCounts | undefined;
  },
): void {
  const { routes, caller, nameOf, logger, rng, refusals } = params;
  const callers = new WeakMap<FastifyRequest, Caller>();
  const stopping = new AbortController();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: FastifyRequest, body: Buffer) =>
    readJsonBody(body),
  );
  // Only routes whose body is `bytesBody` take it; others refuse bytes by their shape.
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer' },
    async (_: FastifyRequest, body: Buffer) => new Uint8Array(body.buffer, body.byteOffset, body.byteLength),
  );
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
    refusals?.refused(asFault(error));
    const { reference } = problem;
    if (reference === undefined) logger.warn({ route: request.routeOptions.url, err: error }, 'refused');
    else logger.error({ route: request.routeOptions.url, reference, err: error }, 'internal error');
    return reply.status(problem.status).type(problemType).send(JSON.stringify(problem));
  });
  app.setNotFoundHandler(async (request) => {
    refusals?.count('unknown-address');
    throw fault('not-found', `there is nothing at ${request.method} ${request.url.slice(0, 100)}`);
  });
  const mount = (on: FastifyInstance, definition: Route<Caller>): void => {
    const { method, path, bodyLimit, upload } = definition;
    on.route({
      method,
      url: path,
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      onRequest: async (request) => definition.admit?.(callers.get(request) as Caller),
      handler: async (request, reply) => {
        const asked = {
          caller: callers.get(request) as Caller,
          params: definition.params === undefined ? undefined : checked(definition.params, request.params, 'address'),
          query: checkedQuery(definition.query, request.query),
          body: upload === true ? undefined : checkedBody(definition.body, request.body),
          upload: upload === true ? uploadOf(request.raw) : undefined,
          headers: request.headers,
          signal: AbortSignal.any([stopping.signal, hangUp(reply)]),
          connection: connectionOf(request.raw.socket),
        };
        return sendAnswer(reply, await definition.handle(asked), logger);
      },
    });
  };
  for (const definition of routes) if (definition.upload !== true) mount(app, definition);
  app.register(async (files) => {
    files.removeAllContentTypeParsers();
    files.addContentTypeParser('application/octet-stream', async () => undefined);
    for (const definition of routes) if (definition.upload === true) mount(files, definition);
  });
}

function checkedBody(schema: z.ZodType | undefined, body: unknown): unknown {
  if (schema !== undefined) return checked(schema, body, 'body');
  if (body !== undefined && body !== null) throw fault('request-invalid', 'this address takes no body');
  return undefined;
}

function checkedQuery(schema: z.ZodType | undefined, query: unknown): unknown {
  if (schema !== undefined) return checked(schema, query, 'query');
  const [field] = Object.keys(query as object);
  if (field === undefined) return undefined;
  throw fault('request-invalid', 'this address takes no query', { culprit: field });
}

/** Applies a schema to something that came over a wire; the first failure becomes `request-invalid` naming the field. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue!.path.map(String).join('.') || what;
  throw fault('request-invalid', `${field}: ${issue!.message}`, { culprit: field });
}

/** What a socket of a server or client is. */
export function connectionOf(socket: Socket): Connection {
  return {
    exporter(label, bytes) {
      if (!(socket instanceof TLSSocket)) throw fault('unauthenticated', 'this can be asked over TLS only');
      return new Uint8Array(socket.exportKeyingMaterial(bytes, label, noContext));
    },
  };
}

// RFC 8446 §7.5: in TLS 1.3 none is the same as an empty one.
const noContext = Buffer.alloc(0);

function hangUp(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
