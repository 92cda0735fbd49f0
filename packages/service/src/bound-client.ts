import type { Card } from '@symbolon/agreement';
import { Agent, buildConnector } from 'undici';
import { type Client, client } from './client.ts';
import type { Home } from './home.ts';
import { type Connection, connectionOf } from './route.ts';
import { clientTls } from './tls.ts';
import { faultOfConnection, requireReachable } from './transport-error.ts';

const idleMilliseconds = 50_000;

/** A client that asks through one connection at a time, which can be signed for. */
export interface BoundClient extends Client {
  /**
   * The connection that the next request goes through, unless it breaks before; undefined where none is open, and a request has to open one. Two that
   * are the same object are the same connection.
   */
  connection(): Connection | undefined;
}

/** A {@link BoundClient} for a partner's server, with this organisation's certificate. */
export function boundClient({ home, partner }: { home: Home; partner: Card }): BoundClient {
  const { connectSeconds, peerSeconds } = home.config;
  let current: Connection | undefined;
  const connect = buildConnector({
    ...clientTls(home, partner),
    allowH2: false,
    timeout: connectSeconds * 1000,
    maxCachedSessions: 0,
  });
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    connect: (options, done) =>
      connect(options, (...[error, socket]) => {
        if (error !== null) return done(error, null);
        const opened = connectionOf(socket);
        current = opened;
        socket.once('close', () => {
          if (current === opened) current = undefined;
        });
        return done(null, socket);
      }),
    keepAliveTimeout: idleMilliseconds,
    headersTimeout: peerSeconds * 1000,
    bodyTimeout: peerSeconds * 1000,
  });
  return {
    ...client({
      agent,
      origin: partner.address,
      who: partner.id,
      before: () => requireReachable(partner),
      explain: (error) => faultOfConnection(error, partner),
    }),
    connection: () => current,
  };
}
