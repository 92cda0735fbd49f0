import type { Card } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { Agent, type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { fromProblem } from './error-http.ts';
import type { Home } from './home.ts';
import { clientTls } from './tls.ts';
import { faultOfConnection, requireReachable } from './transport-error.ts';

const maxAnswerBytes = 4 << 20;

/** How one request is made. */
export interface CallOptions<Schema extends z.ZodType> {
  /** Sent as JSON, or as bytes if it is a Uint8Array. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** What the answer must be; another shape is the partner's fault (`frame-shape`). */
  answer: Schema;
  signal?: AbortSignal;
  /** Longest silence; the configuration's `peerSeconds` if absent. */
  timeoutMilliseconds?: number;
}

/** A connection to another server, or to the organisation's own. Every error names who is at the other end. */
export interface Client {
  /** Who is at the other end. */
  readonly who: string;
  call<Schema extends z.ZodType>(
    method: Dispatcher.HttpMethod,
    path: string,
    options: CallOptions<Schema>,
  ): Promise<z.output<Schema>>;
  /**
   * An answer in bytes, as they arrive; reading it slowly slows the sender down.
   * @param options.length how many bytes must come: one more or less is `frame-too-long` or `frame-shape`
   */
  stream(
    method: Dispatcher.HttpMethod,
    path: string,
    options: { body?: unknown; length: number; signal?: AbortSignal },
  ): AsyncGenerator<Uint8Array>;
  /**
   * An answer in bytes that hold secrets, whole, in a buffer that is the caller's to overwrite. The chunks in which it arrived are
   * overwritten here; longer than `maxBytes` is `frame-too-long`.
   */
  secret(
    method: Dispatcher.HttpMethod,
    path: string,
    options: { body?: unknown; maxBytes: number; signal?: AbortSignal; timeoutMilliseconds?: number },
  ): Promise<Uint8Array>;
  /** An answer in text of any length, as it arrives; longer silence than a minute is an error. */
  text(
    method: Dispatcher.HttpMethod,
    path: string,
    options: { headers?: Readonly<Record<string, string>>; signal?: AbortSignal },
  ): AsyncGenerator<string>;
  close(): Promise<void>;
}

/** A client for a partner's server, with this organisation's certificate; the partner's must be one of its own organisation. */
export function peerClient({ home, partner }: { home: Home; partner: Card }): Client {
  const { connectSeconds, peerSeconds } = home.config;
  const agent = new Agent({
    allowH2: false,
    connect: { ...clientTls(home, partner), timeout: connectSeconds * 1000, maxCachedSessions: 0 },
    headersTimeout: peerSeconds * 1000,
    bodyTimeout: peerSeconds * 1000,
  });
  return client({
    agent,
    origin: partner.address,
    who: partner.id,
    before: () => requireReachable(partner),
    explain: (error) => faultOfConnection(error, partner),
  });
}

/** The client of an agent: what is the same for partners and for the organisation's own server. */
export function client(params: {
  agent: Dispatcher;
  origin: string;
  who: string;
  /** Throws where nothing can be sent. */
  before?(): void;
  /** Turns an error of the connection into words. */
  explain(error: unknown): unknown;
}): Client {
  const { agent, origin, who, explain, before } = params;
  const send = async (
    method: Dispatcher.HttpMethod,
    path: string,
    options: Pick<CallOptions<z.ZodType>, 'body' | 'headers'> & {
      signal?: AbortSignal | undefined;
      timeoutMilliseconds?: number | undefined;
    },
  ) => {
    before?.();
    const { body, headers, signal, timeoutMilliseconds } = options;
    const isBytes = body instanceof Uint8Array;
    const type = { 'content-type': isBytes ? 'application/octet-stream' : 'application/json; charset=utf-8' };
    const response = await request(new URL(path, origin), {
      dispatcher: agent,
      method,
      signal: signal ?? null,
      ...(timeoutMilliseconds === undefined
        ? {}
        : { headersTimeout: timeoutMilliseconds, bodyTimeout: timeoutMilliseconds }),
      headers: { ...(body === undefined ? {} : type), ...headers },
      ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
    });
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    throw fromProblem(who, response.statusCode, parsed(await collect(response.body, 65_536, who)));
  };
  return {
    who,
    async call(method, path, { answer, ...options }) {
      try {
        const { body } = await send(method, path, options);
        const result = answer.safeParse(parsed(await collect(body, maxAnswerBytes, who)));
        if (result.success) return result.data;
        const [issue] = result.error.issues;
        throw fault('frame-shape', `${who} answered in another shape: ${issue!.path.join('.')}: ${issue!.message}`, {
          culprit: who,
        });
      } catch (error) {
        throw explain(error);
      }
    },
    async *stream(method, path, { length, ...options }) {
      let left = length;
      try {
        const { body } = await send(method, path, options);
        for await (const chunk of body) {
          left -= chunk.length;
          if (left < 0) throw fault('frame-too-long', `${who} sent more than ${length} bytes`, { culprit: who });
          yield chunk as Uint8Array;
        }
      } catch (error) {
        throw explain(error);
      }
      if (left > 0) throw fault('frame-shape', `${who} sent ${length - left} of ${length} bytes`, { culprit: who });
    },
    async secret(method, path, { maxBytes, ...options }) {
      try {
        const { body } = await send(method, path, options);
        return await collect(body, maxBytes, who, true);
      } catch (error) {
        throw explain(error);
      }
    },
    async *text(method, path, options) {
      const decoder = new TextDecoder();
      try {
        const { body } = await send(method, path, { ...options, timeoutMilliseconds: 60_000 });
        for await (const chunk of body) yield decoder.decode(chunk as Uint8Array, { stream: true });
      } catch (error) {
        throw explain(error);
      }
    },
    close: () => agent.close(),
  };
}

/** @param secret overwrites the chunks, whatever happens */
async function collect(body: AsyncIterable<Uint8Array>, limit: number, who: string, secret = false): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit)
        throw fault('frame-too-long', `${who} answered with more than ${limit} bytes`, { culprit: who });
    }
    return Buffer.concat(chunks);
  } finally {
    if (secret) for (const chunk of chunks) chunk.fill(0);
  }
}

function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
