import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  type AckCode,
  acknowledge,
  adtEvents,
  type ClinicalEvent,
  type Hl7Message,
  MllpFrames,
  maxHl7Bytes,
  mllpFrame,
  readHl7,
} from '@symbolon/alerts';
import type { SymbolonError } from '@symbolon/crypto';
import type { MllpSettings } from '../source-settings.ts';
import { certificateOf, pem } from './certificates.ts';
import { listen } from './listen.ts';
import { type Source, type SourceServer, takeMessage, toldOf } from './source.ts';

/** Bytes that are kept of what is no message. */
const wreckBytes = 16_384;
/** Messages of one connection that are taken in at the same time: a sender need not wait for answers. */
const mostUnanswered = 256;
/** And bytes of them. */
const mostUnansweredBytes = 8 << 20;
/** Bytes of answers that a sender may leave unread. */
const mostUnread = 1 << 20;

/** HL7 v2 over MLLP. Each message is answered once what follows from it is durable, in the order in which they came. */
export class MllpSource implements Source {
  readonly #settings: MllpSettings;
  readonly #server: SourceServer;
  readonly #listener: Server;
  readonly #connections = new Set<Connection>();

  /** Throws `config-invalid`. */
  constructor(server: SourceServer, settings: MllpSettings) {
    this.#server = server;
    this.#settings = settings;
    const { tls, maxConnections } = settings;
    this.#listener =
      tls === undefined
        ? createServer({ allowHalfOpen: true }, (socket) => this.#connected(socket))
        : createTlsServer(
            {
              ...certificateOf(server.context.home, tls.own),
              ...{ ca: pem(tls.clients), requestCert: true, rejectUnauthorized: true },
              ...{ handshakeTimeout: 10_000, allowHalfOpen: true },
            },
            (socket) => this.#connected(socket),
          );
    this.#listener.maxConnections = maxConnections;
    this.#listener.on('tlsClientError', (error: Error) =>
      server.context.logger.warn({ err: error, source: settings.name }, 'a connection failed its TLS handshake'),
    );
  }

  async start(): Promise<string> {
    return `mllp://${await listen(this.#listener, this.#settings.name, this.#settings)}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#listener.close(() => resolve()));
    await Promise.all([...this.#connections].map((connection) => connection.close()));
    await closed;
  }

  read(content: Uint8Array): readonly ClinicalEvent[] {
    return adtEvents(readHl7(content), this.#settings);
  }

  #connected(socket: Socket): void {
    const connection = new Connection(socket, {
      limits: this.#settings,
      answer: (message) => this.#answer(message),
      refuse: (beginning, error) => this.#refuse(beginning, error),
      failed: (error) => {
        const { code, message } = error as Partial<SymbolonError>;
        this.#server.context.logger.warn(
          { source: this.#settings.name, code, reason: message },
          'an MLLP connection ended',
        );
      },
    });
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }

  /** Always answers. */
  async #answer(content: Uint8Array): Promise<Uint8Array> {
    const { context } = this.#server;
    const { name } = this.#settings;
    let message: Hl7Message | undefined;
    const read = () => {
      message = readHl7(content);
      return adtEvents(message, this.#settings);
    };
    const answer = (code: AckCode, text: string) => acknowledge(message, code, text, context.now());
    try {
      await takeMessage(this.#server, name, { content, read });
      return answer('AA', '');
    } catch (error) {
      return answer(message === undefined ? 'AR' : 'AE', toldOf(error, context, name).message);
    }
  }

  /** Always answers. */
  async #refuse(content: Uint8Array, cause: unknown): Promise<Uint8Array> {
    const { context } = this.#server;
    const { name } = this.#settings;
    const read = () => {
      throw cause;
    };
    const error = await takeMessage(this.#server, name, { content, read }).catch((thrown) => thrown);
    return acknowledge(headerOf(content), 'AR', toldOf(error, context, name).message, context.now());
  }
}

/** The message that begins so, for its header alone. */
function headerOf(beginning: Uint8Array): Hl7Message | undefined {
  const end = beginning.indexOf(0x0d);
  try {
    return end === -1 ? undefined : readHl7(beginning.subarray(0, end));
  } catch {
    return undefined;
  }
}

interface Answering {
  readonly limits: Pick<MllpSettings, 'idleSeconds' | 'messageSeconds'>;
  answer(message: Uint8Array): Promise<Uint8Array>;
  /** @param beginning of what is no message, or one that is too long */
  refuse(beginning: Uint8Array, error: unknown): Promise<Uint8Array>;
  failed(error: unknown): void;
}

/** One connection: messages are taken in together, and answered in their order. */
class Connection {
  readonly #socket: Socket;
  readonly #answering: Answering;
  readonly #frames = new MllpFrames(maxHl7Bytes);
  #last: Promise<void> = Promise.resolve();
  #unanswered = 0;
  #unansweredBytes = 0;
  #closing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, answering: Answering) {
    this.#socket = socket;
    this.#answering = answering;
    socket.setNoDelay(true);
    socket.on('error', answering.failed);
    socket.on('data', (chunk) => this.#push(chunk));
    // A sender that has sent all is still answered.
    socket.on('end', () => void this.close());
    socket.on('close', () => clearTimeout(this.#timer));
    this.#await();
  }

  /** Resolves when what came is answered. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#socket.pause();
    await this.#last;
    this.#socket.destroySoon();
  }

  #push(chunk: Uint8Array): void {
    if (this.#closing) return;
    const messages: Uint8Array[] = [];
    const { within } = this.#frames;
    try {
      this.#frames.push(chunk, messages);
      this.#take(messages);
      if (messages.length > 0 || within !== this.#frames.within) this.#await();
    } catch (error) {
      this.#answering.failed(error);
      this.#take(messages);
      const beginning = this.#frames.wreck(wreckBytes);
      this.#take([beginning], (content) => this.#answering.refuse(content, error));
      // Nobody knows where the next message would begin.
      void this.close();
    }
  }

  /** The next message, or the end of the one that has begun: counted from now, whatever bytes come. */
  #await(): void {
    const { idleSeconds, messageSeconds } = this.#answering.limits;
    clearTimeout(this.#timer);
    const late = () => {
      // As long as answers are due it is not the sender who is late.
      if (this.#unanswered > 0) this.#await();
      else this.#socket.destroy();
    };
    this.#timer = setTimeout(late, 1000 * (this.#frames.within ? messageSeconds : idleSeconds));
  }

  #take(messages: readonly Uint8Array[], answerTo = this.#answering.answer): void {
    for (const message of messages) {
      const answer = answerTo(message);
      this.#unanswered++;
      this.#unansweredBytes += message.length;
      this.#last = this.#last.then(async () => {
        const bytes = mllpFrame(await answer);
        this.#unanswered--;
        this.#unansweredBytes -= message.length;
        if (this.#socket.writable) this.#socket.write(bytes);
        if (this.#socket.writableLength > mostUnread) this.#socket.destroy();
        if (!this.#full && !this.#closing) this.#socket.resume();
      });
    }
    if (this.#full) this.#socket.pause();
  }

  get #full(): boolean {
    return this.#unanswered >= mostUnanswered || this.#unansweredBytes >= mostUnansweredBytes;
  }
}
