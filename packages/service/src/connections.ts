import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Logger } from './logging.ts';
import type { Partners } from './partners.ts';
import { peerOf } from './tls.ts';

/** Closes every connection of a partner beyond `most`, so that one partner cannot keep the others out. */
export function limitConnections(server: Server, params: { partners: Partners; most: number; logger: Logger }): void {
  const { partners, most, logger } = params;
  const open = new Map<string, number>();
  server.on('secureConnection', (socket: TLSSocket) => {
    const id = partnerOf(socket, partners);
    if (id === undefined) return;
    const count = (open.get(id) ?? 0) + 1;
    open.set(id, count);
    socket.once('close', () => open.set(id, open.get(id)! - 1));
    if (count <= most) return;
    logger.warn({ peer: id, connections: count }, 'a partner holds too many connections');
    socket.destroy();
  });
}

/** Whoever is no partner is told so when it asks for something. */
function partnerOf(socket: TLSSocket, partners: Partners): string | undefined {
  try {
    return peerOf(socket, partners).id;
  } catch {
    return undefined;
  }
}
