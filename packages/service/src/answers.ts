import { Readable } from 'node:stream';
import { fault } from '@symbolon/crypto';
import type { FastifyReply } from 'fastify';
import type { Logger } from './logging.ts';

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

/** Headers of an answer; of one that is sent several times, such as set-cookie, all values. */
export type ReplyHeaders = Readonly<Record<string, string | string[]>>;

/** An answer with headers or a status of its own, such as a cookie or a redirection. */
export class Reply<Value> {
  readonly value: Value;
  readonly headers: ReplyHeaders;
  readonly status: number | undefined;

  constructor(value: Value, headers: ReplyHeaders, status?: number) {
    this.value = value;
    this.headers = headers;
    this.status = status;
  }
}

/** One event of an {@link EventStream}. Ids grow; who lost the connection asks for those after the last it got. */
export interface ServerEvent<Data> {
  readonly id: number;
  readonly data: Data;
}

/** An answer that is a stream of server-sent events; it ends with the iterable. */
export class EventStream<Data> {
  readonly events: AsyncIterable<ServerEvent<Data>>;

  constructor(events: AsyncIterable<ServerEvent<Data>>) {
    this.events = events;
  }
}

/** Writes what a handler returned; `undefined` is an empty answer. */
export function sendAnswer(reply: FastifyReply, value: unknown, logger: Logger): unknown {
  if (value === undefined) return reply.status(204).send();
  if (value instanceof Reply) return sendReply(reply, value, logger);
  if (value instanceof EventStream) return sendEvents(reply, value);
  if (value instanceof SecretBytes) return answerSecretly(reply, value);
  if (!(value instanceof ByteStream)) return reply.type('application/json; charset=utf-8').send(JSON.stringify(value));
  reply.header('content-length', value.length);
  if (!reply.hasHeader('content-type')) reply.type('application/octet-stream');
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

function sendReply(reply: FastifyReply, { value, headers, status }: Reply<unknown>, logger: Logger): unknown {
  reply.headers(headers);
  if (status !== undefined) return reply.status(status).send(value === undefined ? '' : JSON.stringify(value));
  return sendAnswer(reply, value, logger);
}

// https://html.spec.whatwg.org/multipage/server-sent-events.html
function sendEvents(reply: FastifyReply, stream: EventStream<unknown>): unknown {
  reply.headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  return reply.send(Readable.from(eventLines(stream), { objectMode: false }));
}

/** What is sent while nothing happens, so that proxies keep the connection and the server learns of a reader that is gone. */
const heartbeat = ':\n\n';
const heartbeatMilliseconds = 15_000;

async function* eventLines({ events }: EventStream<unknown>): AsyncGenerator<string> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    // At once: the reader knows that it is being listened to.
    yield heartbeat;
    for (let next = iterator.next(); ; ) {
      const result = await within(next, heartbeatMilliseconds);
      if (result === undefined) {
        yield heartbeat;
        continue;
      }
      if (result.done === true) return;
      yield `id: ${result.value.id}\ndata: ${JSON.stringify(result.value.data)}\n\n`;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

/** What the promise resolves to; undefined if that takes longer. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
