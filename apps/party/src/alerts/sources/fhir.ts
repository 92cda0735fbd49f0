import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type ClinicalEvent, maxResourceBytes, readFhir } from '@symbolon/alerts';
import { fault } from '@symbolon/crypto';
import type { FhirSettings } from '../source-settings.ts';
import type { SourceTokens } from '../tokens.ts';
import { certificateOf } from './certificates.ts';
import { listen } from './listen.ts';
import { allOk, capabilities, operationOutcome } from './outcome.ts';
import { type Source, type SourceServer, takeMessage, toldOf } from './source.ts';

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const secondsOf = (seconds: number): number => seconds * 1000;
const graceMilliseconds = 2000;
const resourcePath = /^\/fhir\/(Encounter|Condition|Observation)(?:\/([A-Za-z0-9.-]{1,64}))?$/;

/** FHIR R4 over HTTP: takes resources in and gives none out. Each request is answered once what follows from it is durable. */
export class FhirSource implements Source {
  readonly #settings: FhirSettings;
  readonly #server: SourceServer;
  readonly #tokens: SourceTokens;
  readonly #listener: Server;

  /** Throws `config-invalid`. */
  constructor(server: SourceServer, settings: FhirSettings, tokens: SourceTokens) {
    this.#server = server;
    this.#settings = settings;
    this.#tokens = tokens;
    const { tls, maxConnections } = settings;
    const options = { requestTimeout: secondsOf(30), headersTimeout: secondsOf(15), keepAliveTimeout: secondsOf(60) };
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response);
    this.#listener =
      tls === undefined
        ? createServer(options, handle)
        : createTlsServer(
            { ...options, ...certificateOf(server.context.home, tls), handshakeTimeout: secondsOf(10) },
            handle,
          );
    this.#listener.maxConnections = maxConnections;
  }

  async start(): Promise<string> {
    const { tls, name } = this.#settings;
    return `${tls === undefined ? 'http' : 'https'}://${await listen(this.#listener, name, this.#settings)}/fhir`;
  }

  async close(): Promise<void> {
    const force = setTimeout(() => this.#listener.closeAllConnections(), graceMilliseconds);
    await new Promise<void>((resolve) => {
      this.#listener.close(() => resolve());
      this.#listener.closeIdleConnections();
    });
    clearTimeout(force);
  }

  read(content: Uint8Array): readonly ClinicalEvent[] {
    return readFhir(content, this.#settings);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#answer(request);
    } catch (error) {
      const told = toldOf(error, this.#server.context, this.#settings.name);
      answer = { status: told.status, body: operationOutcome(told), headers: headersOf(told.code) };
    }
    const body = Buffer.from(JSON.stringify(answer.body));
    response.writeHead(answer.status, {
      'content-type': 'application/fhir+json; charset=utf-8',
      'content-length': body.length,
      'cache-control': 'no-store',
      ...answer.headers,
      // What is left of a body that nobody read would be taken for the next request.
      ...(request.complete ? {} : { connection: 'close' }),
    });
    response.end(body);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', headers } = request;
    const path = (request.url ?? '').split('?', 1)[0]!;
    if (method === 'GET' && path === '/fhir/metadata') {
      return { status: 200, body: capabilities(this.#server.context.now()) };
    }
    const { name } = this.#settings;
    if (!(await this.#tokens.admits(name, headers.authorization))) {
      throw fault('unauthenticated', `the token of the source '${name}' is missing or wrong`, {
        hint: `Make one with: symbolon alerts token ${name}`,
      });
    }
    const [, type, id] = resourcePath.exec(path) ?? [];
    const isBundle = method === 'POST' && (path === '/fhir' || path === '/fhir/');
    const isResource =
      (method === 'POST' && type !== undefined && id === undefined) || (method === 'PUT' && id !== undefined);
    if (!isBundle && !isResource) {
      throw fault('not-found', 'events are told by POST /fhir, POST /fhir/Encounter and PUT /fhir/Encounter/ID', {
        hint: 'Encounter may be Condition or Observation too. GET /fhir/metadata says what is here.',
      });
    }
    requireJson(headers['content-type']);
    const content = await bodyOf(request);
    const read = () => {
      const events = this.read(content);
      if (type !== undefined) requireSame(events, type, id);
      return events;
    };
    await takeMessage(this.#server, name, { content, read });
    if (type !== undefined) return { status: method === 'POST' ? 201 : 200, body: allOk };
    return { status: 200, body: bundleAnswer(content) };
  }
}

/** A transaction is answered entry by entry; other messages as a whole. */
function bundleAnswer(content: Uint8Array): object {
  const { type, entry = [] } = JSON.parse(Buffer.from(content).toString()) as { type?: unknown; entry?: unknown[] };
  if (type !== 'transaction' && type !== 'batch') return allOk;
  return {
    resourceType: 'Bundle',
    type: `${type}-response`,
    entry: entry.map(() => ({ response: { status: '201 Created' } })),
  };
}

function requireSame(events: readonly ClinicalEvent[], type: string, id: string | undefined): void {
  const isOther = events.some(
    ({ kind, episode }) => kind !== type || (id !== undefined && episode !== `${type}/${id}`),
  );
  if (events.length <= 1 && !isOther) return;
  const rule = id === undefined ? type : `${type} with the id of the address`;
  throw fault('alert-event', `the resource: must be ${rule}`, { culprit: 'the resource' });
}

function requireJson(contentType = ''): void {
  if (/^application\/(?:fhir\+)?json\s*(?:;.*)?$/i.test(contentType)) return;
  throw fault('request-invalid', 'a resource must be application/fhir+json', { culprit: 'content-type' });
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const tooLarge = () => fault('body-too-large', `a resource or Bundle has at most ${maxResourceBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxResourceBytes) throw tooLarge();
  const parts: Buffer[] = [];
  let length = 0;
  // Leaving the loop early would destroy the connection before it is answered.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    length += (part as Buffer).length;
    if (length > maxResourceBytes) throw tooLarge();
    parts.push(part as Buffer);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function headersOf(code: string): Readonly<Record<string, string>> {
  if (code === 'alerts-full' || code === 'database-unavailable') return { 'retry-after': '30' };
  return code === 'unauthenticated' ? { 'www-authenticate': 'Bearer' } : {};
}
