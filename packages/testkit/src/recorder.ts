import { TLSSocket } from 'node:tls';
import { unmaskWebSocket } from './websocket-unmask.ts';

/** Everything that one TLS connection carried in one direction, before encryption. */
export interface RecordedStream {
  /** Port that was connected to, and whether its listener or its caller wrote this. */
  readonly port: number;
  readonly by: 'caller' | 'listener';
  /** HTTP as it is; WebSocket frames with the mask of RFC 6455 §5.3 taken off, so that a search can see into them. */
  bytes(): Uint8Array;
}

/** Records every byte that leaves this process over TLS, whoever sends it: HTTP heads and bodies, WebSocket frames. */
export interface Recorder {
  readonly streams: readonly RecordedStream[];
  /** All that was sent to a listener on `port`: with the port of a key service, every request body that it got. */
  sentTo(port: number): Uint8Array;
  /** All that was sent by anyone. */
  all(): Uint8Array;
  stop(): void;
}

interface Chunk {
  readonly chunk: unknown;
  readonly encoding: BufferEncoding;
}

/** The two hooks by which a stream is handed what was written to it (Node's `Writable`): nothing gets past them. */
interface Hooks {
  _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void;
  _writev(chunks: Chunk[], done: (error?: Error | null) => void): void;
}

/**
 * Starts to record. Works below HTTP and WebSocket on purpose: what a library adds, or a bug sends, is seen as well. One at a
 * time; `stop` it.
 */
export function recordWires(): Recorder {
  const streams = new Map<TLSSocket, Stream>();
  const hooks = TLSSocket.prototype as unknown as Hooks;
  const { _write, _writev } = hooks;
  const keep = (socket: TLSSocket, { chunk, encoding }: Chunk): void => {
    const stream = streams.get(socket) ?? new Stream(socket);
    streams.set(socket, stream);
    stream.add(toBytes(chunk, encoding));
  };
  hooks._write = function (this: TLSSocket, chunk, encoding, done) {
    keep(this, { chunk, encoding });
    Reflect.apply(_write, this, [chunk, encoding, done]);
  };
  hooks._writev = function (this: TLSSocket, chunks, done) {
    for (const one of chunks) keep(this, one);
    Reflect.apply(_writev, this, [chunks, done]);
  };
  return {
    get streams() {
      return [...streams.values()];
    },
    sentTo: (port) =>
      Buffer.concat(
        [...streams.values()].filter((one) => one.port === port && one.by === 'caller').map((one) => one.bytes()),
      ),
    all: () => Buffer.concat([...streams.values()].map((one) => one.bytes())),
    stop: () => {
      // Both were inherited.
      delete (hooks as Partial<Hooks>)._write;
      delete (hooks as Partial<Hooks>)._writev;
    },
  };
}

class Stream implements RecordedStream {
  readonly #socket: TLSSocket;
  readonly #chunks: Uint8Array[] = [];
  #port: number | undefined;
  #by: 'caller' | 'listener' | undefined;

  /** A caller may write before its connection stands, when its ports are not known yet. */
  constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.#look();
    if (this.#port === undefined) socket.once('connect', () => this.#look());
  }

  get port(): number {
    return this.#port ?? 0;
  }

  get by(): 'caller' | 'listener' {
    return this.#by ?? 'caller';
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  bytes(): Uint8Array {
    return unmaskWebSocket(Buffer.concat(this.#chunks));
  }

  #look(): void {
    const listens = 'server' in this.#socket && this.#socket.server !== undefined && this.#socket.server !== null;
    this.#by = listens ? 'listener' : 'caller';
    this.#port = listens ? this.#socket.localPort : this.#socket.remotePort;
  }
}

/** A copy: the writer may reuse its buffer. */
function toBytes(chunk: unknown, encoding: BufferEncoding): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding);
  if (chunk instanceof Uint8Array) return Uint8Array.from(chunk);
  return new Uint8Array(0);
}
