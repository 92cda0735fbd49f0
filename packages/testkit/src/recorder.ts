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

type Write = typeof TLSSocket.prototype.write;

/**
 * Starts to record. Works below HTTP and WebSocket on purpose: what a library adds, or a bug sends, is seen as well. One at a
 * time; `stop` it.
 */
export function recordWires(): Recorder {
  const streams = new Map<TLSSocket, Stream>();
  const original = TLSSocket.prototype.write;
  const record = function (this: TLSSocket, ...args: unknown[]): boolean {
    let stream = streams.get(this);
    if (stream === undefined) {
      stream = new Stream(this);
      streams.set(this, stream);
    }
    const [chunk, encoding] = args;
    stream.add(toBytes(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
    return Reflect.apply(original, this, args) as boolean;
  };
  TLSSocket.prototype.write = record as Write;
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
      TLSSocket.prototype.write = original;
    },
  };
}

class Stream implements RecordedStream {
  readonly #socket: TLSSocket;
  readonly #chunks: Uint8Array[] = [];
  #port: number | undefined;
  #by: 'caller' | 'listener' | undefined;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.#look();
  }

  get port(): number {
    return this.#port ?? 0;
  }

  get by(): 'caller' | 'listener' {
    return this.#by ?? 'caller';
  }

  add(chunk: Uint8Array): void {
    // A caller may write before its connection stands, when its ports are not known yet.
    if (this.#port === undefined) this.#look();
    this.#chunks.push(chunk);
  }

  bytes(): Uint8Array {
    if (this.#port === undefined) this.#look();
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
