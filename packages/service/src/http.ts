import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Card } from '@symbolon/agreement';
import { fault, type Rng, systemRng } from '@symbolon/crypto';
import fastify from 'fastify';
import { limitConnections } from './connections.ts';
import type { Home } from './home.ts';
import type { Logger } from './logging.ts';
import type { RefusalCounts } from './refusal-counts.ts';
import { mountRoutes, type Route } from './route.ts';
import { peerOf, serverTls } from './tls.ts';
import { answerUpgrades, type UpgradeHandler } from './upgrade.ts';

const graceMilliseconds = 2000;
const secondsOf = (seconds: number) => seconds * 1000;

/** The server for other organisations. */
export interface PeerServer {
  readonly home: Home;
  /** For `acceptSockets`. */
  onUpgrade(path: string, handler: UpgradeHandler): void;
  /** Starts to listen where the home's configuration says; resolves to https://host:port. */
  listen(): Promise<string>;
  /** Answers what is being answered for two more seconds, then closes every connection. */
  close(): Promise<void>;
  /** Called at the beginning of {@link close}. */
  onClose(listener: () => void): void;
}

/**
 * HTTP over mutual TLS 1.3. Only holders of a certificate that a partner's organisation key issued get in, and a handler is told which
 * partner that is. Partners who are added while it runs get in from their next connection on.
 */
export function createPeerServer(params: {
  home: Home;
  routes: readonly Route<Card>[];
  logger: Logger;
  rng?: Rng;
  /** Counts who is not let in. */
  refusals?: RefusalCounts;
}): PeerServer {
  const { home, routes, logger, refusals, rng = systemRng } = params;
  const { listen, maxBodyBytes, maxConnections, maxConnectionsPerPartner } = home.config;
  const app = fastify({
    https: { ...serverTls(home), requestCert: true, rejectUnauthorized: true, handshakeTimeout: secondsOf(10) },
    bodyLimit: maxBodyBytes,
    requestTimeout: secondsOf(30),
    keepAliveTimeout: secondsOf(60),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 128 },
  });
  const server = app.server as Server;
  server.maxConnections = maxConnections;
  server.on('tlsClientError', (error) => {
    refusals?.count('tls-handshake');
    logger.warn({ err: error }, 'a connection failed its TLS handshake');
  });
  limitConnections(server, { partners: home.partners, most: maxConnectionsPerPartner, logger });
  // Whose a connection is does not change while it stands, and takes a signature check for each partner to find out.
  let peers = new WeakMap<TLSSocket, Card>();
  const forget = home.partners.onChange(() => {
    peers = new WeakMap();
    server.setSecureContext(serverTls(home));
  });
  const callerOf = (socket: TLSSocket): Card => {
    const peer = peers.get(socket) ?? peerOf(socket, home.partners);
    peers.set(socket, peer);
    return peer;
  };
  const listeners: (() => void)[] = [];
  mountRoutes(app, {
    routes,
    caller: (request) => callerOf(request.raw.socket as TLSSocket),
    nameOf: ({ id }) => id,
    logger,
    rng,
    refusals,
  });
  const handlers = new Map<string, UpgradeHandler>();
  answerUpgrades(server, { partners: home.partners, handlers, logger, rng });
  return {
    home,
    onUpgrade: (path, handler) => void handlers.set(path, handler),
    async listen() {
      try {
        return await app.listen(listen);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error;
        throw fault('config-invalid', `cannot listen on ${listen.host}:${listen.port} (${error.code})`, {
          culprit: `${listen.host}:${listen.port}`,
          hint: 'Stop what uses this port, or change listen in symbolon.json; the card must then name the same port.',
          cause: error,
        });
      }
    },
    async close() {
      forget();
      for (const listener of listeners) listener();
      const force = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
      await app.close().finally(() => clearTimeout(force));
    },
    onClose: (listener) => void listeners.push(listener),
  };
}
