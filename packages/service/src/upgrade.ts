import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Card } from '@symbolon/agreement';
import { fault, type Rng } from '@symbolon/crypto';
import { problemType, toProblem } from './error-http.ts';
import type { Logger } from './logging.ts';
import type { Partners } from './partners.ts';
import { peerOf } from './tls.ts';

/** A request of a partner to turn its connection into something else. */
export interface Upgrade {
  readonly peer: Card;
  readonly search: URLSearchParams;
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Buffer;
}

/** Takes the connection over, or throws: the peer is then told why. */
export type UpgradeHandler = (upgrade: Upgrade) => void;

/** Answers the upgrades of a server by these handlers, one a path; everything else is refused. */
export function answerUpgrades(
  server: Server,
  params: { partners: Partners; handlers: ReadonlyMap<string, UpgradeHandler>; logger: Logger; rng: Rng },
): void {
  const { partners, handlers, logger, rng } = params;
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', (error) => logger.warn({ err: error }, 'a connection broke'));
    try {
      const peer = peerOf(stream as TLSSocket, partners);
      const target = request.url ?? '';
      if (!target.startsWith('/') || !URL.canParse(target, 'https://localhost')) {
        throw fault('request-invalid', 'the address is malformed');
      }
      const { pathname, searchParams } = new URL(target, 'https://localhost');
      const handler = handlers.get(pathname);
      if (handler === undefined) throw fault('not-found', 'there is no socket at this address');
      handler({ peer, search: searchParams, request, stream, head });
    } catch (error) {
      const problem = toProblem(error, rng);
      logger.warn({ err: error, reference: problem.reference }, 'refused a socket');
      const body = JSON.stringify(problem);
      const head = [
        `HTTP/1.1 ${problem.status} Refused`,
        `content-type: ${problemType}`,
        `content-length: ${Buffer.byteLength(body)}`,
        'connection: close',
      ];
      stream.once('finish', () => stream.destroy());
      stream.end([...head, '', body].join('\r\n'));
    }
  });
}
