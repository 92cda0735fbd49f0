import { discard, type ErrorCode, errorCodes, fault, type SymbolonError } from '@symbolon/crypto';
import type { RawData, WebSocket } from 'ws';

/** Longest frame: 1 MiB and a small header. */
export const maxFrameBytes = (1 << 20) + 64;

const sendBoundBytes = 4 << 20;
const queueBoundBytes = 4 << 20;
const queueBoundFrames = 1024;
// RFC 6455 §7.4: 4000–4999 are for applications; a close reason has at most 123 bytes.
const refusedCode = 4000;
const maxReasonBytes = 123;

/** A line of binary frames, both ways, between two organisations: ordered, reliable, bounded. */
export class FrameSocket {
  /** The organisation at the other end. */
  readonly peer: string;
  readonly #socket: WebSocket;
  readonly #timeout: number;
  readonly #frames: Uint8Array[] = [];
  #queued = 0;
  #failure: SymbolonError | undefined;
  #waiting: { resolve(frame: Uint8Array): void; reject(error: SymbolonError): void } | undefined;
  readonly #writers = new Set<(error: SymbolonError) => void>();
  readonly #ended = Promise.withResolvers<SymbolonError>();

  /**
   * Use `connectSocket` or `acceptSockets`.
   * @param timeoutMilliseconds how long {@link receive} waits
   */
  constructor(socket: WebSocket, peer: string, timeoutMilliseconds: number) {
    this.peer = peer;
    this.#socket = socket;
    this.#timeout = timeoutMilliseconds;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data, isBinary) => this.#arrived(data, isBinary));
    socket.on('error', (error) => this.#fail(describe(error, peer)));
    socket.on('close', (code, reason) => this.#fail(closed(code, reason, peer)));
  }

  /** Why the line ended, once it has. */
  get ended(): Promise<SymbolonError> {
    return this.#ended.promise;
  }

  /** Whether frames can still be sent. */
  get open(): boolean {
    return this.#failure === undefined;
  }

  /**
   * Sends one frame; resolves when the caller may reuse it and the peer is not too far behind.
   * @throws SymbolonError `peer-gone`, `peer-silent` where the peer takes nothing, `frame-too-long` for more than {@link maxFrameBytes}
   */
  async send(frame: Uint8Array): Promise<void> {
    if (frame.length > maxFrameBytes) throw fault('frame-too-long', `a frame of ${frame.length} bytes cannot be sent`);
    if (this.#failure !== undefined) throw this.#failure;
    const sent = new Promise<void>((resolve, reject) => {
      const finish = (error?: SymbolonError) => {
        clearTimeout(timer);
        this.#writers.delete(finish);
        if (error === undefined) resolve();
        else reject(error);
      };
      const silent = fault('peer-silent', `${this.peer} takes no frames`, { culprit: this.peer });
      const timer = setTimeout(() => this.#giveUp(silent), this.#timeout);
      this.#writers.add(finish);
      // A copy: the caller's bytes may be in shared memory and may change before they are written.
      const copy = Buffer.from(frame);
      this.#socket.send(copy, { binary: true }, (error) => {
        // After an error something below may still hold it.
        if (error == null) discard(copy);
        finish(error == null ? undefined : (this.#failure ?? describe(error, this.peer)));
      });
    });
    if (this.#socket.bufferedAmount > sendBoundBytes) await sent;
    else sent.catch(() => undefined);
  }

  /** Frames that have come and that nobody has received. */
  get unread(): number {
    return this.#frames.length;
  }

  /**
   * The next frame. One call at a time.
   * @throws SymbolonError `peer-silent` if none comes in time, `peer-gone`, `frame-too-long` or `frame-shape` (a text frame); each is final
   */
  async receive(timeoutMilliseconds = this.#timeout): Promise<Uint8Array> {
    const frame = this.#frames.shift();
    if (frame !== undefined) {
      this.#queued -= frame.length;
      if (this.#socket.isPaused && this.#queued < queueBoundBytes / 2 && this.#frames.length < queueBoundFrames / 2) {
        this.#socket.resume();
      }
      return frame;
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#waiting !== undefined) throw new Error('receive() is called while another call waits');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seconds = Math.round(timeoutMilliseconds / 1000);
        const silent = fault('peer-silent', `${this.peer} sent nothing for ${seconds} s`, { culprit: this.peer });
        this.#giveUp(silent);
      }, timeoutMilliseconds);
      const settle = () => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (value) => [settle(), resolve(value)],
        reject: (error) => [settle(), reject(error)],
      };
    });
  }

  /** Ends the connection; with an error the peer is told its code and words. Resolves when it is closed. */
  async close(error?: SymbolonError): Promise<void> {
    const done = new Promise<void>((resolve) => {
      if (this.#socket.readyState === this.#socket.CLOSED) resolve();
      this.#socket.once('close', () => resolve());
    });
    if (error === undefined) this.#socket.close(1000);
    else this.#socket.close(refusedCode, reasonOf(error));
    // A paused socket would never see the peer's half of the closing handshake.
    this.#socket.resume();
    const force = setTimeout(() => this.#socket.terminate(), 2000);
    await done;
    clearTimeout(force);
  }

  #arrived(data: RawData, isBinary: boolean): void {
    if (this.#failure !== undefined) return;
    if (!isBinary) {
      this.#giveUp(fault('frame-shape', `${this.peer} sent a text frame`, { culprit: this.peer }));
      return;
    }
    const { buffer, byteLength } = data as Buffer<ArrayBuffer>;
    // A copy, unless the frame has its memory to itself.
    const frame = new Uint8Array(byteLength === buffer.byteLength ? buffer : (data as Buffer));
    if (this.#waiting !== undefined) {
      this.#waiting.resolve(frame);
      return;
    }
    this.#frames.push(frame);
    this.#queued += frame.length;
    if (this.#queued >= queueBoundBytes || this.#frames.length >= queueBoundFrames) this.#socket.pause();
  }

  /** Fails and hangs up. */
  #giveUp(error: SymbolonError): void {
    this.#fail(error);
    this.#socket.close(refusedCode, reasonOf(error));
    setTimeout(() => this.#socket.terminate(), 2000).unref();
  }

  /** The first failure is the one that every later call throws; frames that came before it can still be read. */
  #fail(error: SymbolonError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#ended.resolve(error);
    this.#waiting?.reject(error);
    for (const finish of [...this.#writers]) finish(error);
  }
}

function describe(error: Error, peer: string): SymbolonError {
  const code = 'code' in error ? String(error.code) : error.name;
  const details = { culprit: peer, cause: error };
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return fault('frame-too-long', `${peer} sent a frame of more than ${maxFrameBytes} bytes`, details);
  }
  if (code.startsWith('WS_ERR_')) return fault('frame-shape', `${peer} sent a malformed frame (${code})`, details);
  return fault('peer-gone', `the connection to ${peer} broke (${code})`, details);
}

function closed(code: number, reason: Buffer, peer: string): SymbolonError {
  const words = reason.toString().replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
  const said = code === 1000 || code === 1006 ? '' : `: ${words || `code ${code}`}`;
  const cause = code === 1006 ? new Error('no closing handshake') : toldBy(peer, words);
  return fault('peer-gone', `${peer} closed the connection${said}`, { culprit: peer, cause });
}

/** The error that a peer gave as its reason; its own words, to be believed as far as the peer is. */
function toldBy(peer: string, words: string): SymbolonError | undefined {
  const [, code, message] = /^([a-z-]+): (.*)$/.exec(words) ?? [];
  if (code === undefined || !Object.hasOwn(errorCodes, code)) return undefined;
  return fault(code as ErrorCode, message!, { culprit: peer });
}

/** Code and message, cut at a character's border. */
function reasonOf({ code, message }: SymbolonError): string {
  let reason = `${code}: ${message}`;
  while (Buffer.byteLength(reason) > maxReasonBytes) reason = [...reason].slice(0, -1).join('');
  return reason;
}
