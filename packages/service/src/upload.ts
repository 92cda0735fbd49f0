import type { IncomingMessage, Server } from 'node:http';
import { fault } from '@symbolon/crypto';

/** A file that somebody sends: as many bytes as its header says, read as they come. */
export interface Upload {
  /** Read once. Throws `request-invalid` where the connection ends before the file does. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly length: number;
}

const coming = new WeakSet<IncomingMessage>();

/** The body of a request, as a file. Throws `request-invalid` where its header does not say how long it is. */
export function uploadOf(message: IncomingMessage): Upload {
  const { 'content-length': length = '', 'transfer-encoding': encoding } = message.headers;
  if (encoding !== undefined || !/^\d{1,15}$/.test(length)) {
    throw fault('request-invalid', 'the request does not say how long the file is', {
      culprit: 'Content-Length',
      hint: 'Send the file with a Content-Length.',
    });
  }
  return { bytes: received(message, Number(length)), length: Number(length) };
}

async function* received(message: IncomingMessage, length: number): AsyncGenerator<Uint8Array> {
  coming.add(message);
  let count = 0;
  try {
    // What stops to read still has to answer.
    for await (const chunk of message.iterator({ destroyOnReturn: false })) {
      count += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    throw cut(count, length, cause);
  } finally {
    coming.delete(message);
  }
  if (count !== length) throw cut(count, length);
}

function cut(count: number, length: number, cause?: unknown): Error {
  return fault('request-invalid', `the connection ended after ${count} of ${length} bytes`, {
    culprit: 'body',
    hint: 'Send the file again.',
    cause,
  });
}

/**
 * Ends connections whose request is not here wholly after some time. A file that is being read may take as long as it likes, while some of it comes in
 * each such time; Node's own `requestTimeout` knows no exception, and has to be 0.
 */
export function limitReceiving(server: Pick<Server, 'on'>, milliseconds: number): void {
  server.on('request', (message: IncomingMessage) => {
    const { socket, headers } = message;
    // Without either there is no body (RFC 9112 §6.3): all of it is here.
    if (headers['transfer-encoding'] === undefined && headers['content-length'] === undefined) return;
    let before = socket.bytesRead;
    const timer = setInterval(() => {
      const moved = socket.bytesRead !== before;
      before = socket.bytesRead;
      if (message.complete) clearInterval(timer);
      else if (!moved || !coming.has(message)) message.destroy();
    }, milliseconds).unref();
    message.once('close', () => clearInterval(timer));
  });
}
