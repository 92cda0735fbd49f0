import type { Card } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { WebSocket, WebSocketServer } from 'ws';
import { fromProblem } from './error-http.ts';
import type { Home } from './home.ts';
import type { PeerServer } from './http.ts';
import { FrameSocket, maxFrameBytes } from './socket.ts';
import { clientTls } from './tls.ts';
import { faultOfConnection, requireReachable } from './transport-error.ts';

const options = { perMessageDeflate: false, maxPayload: maxFrameBytes, skipUTF8Validation: false } as const;
// Masks keep proxies from reading attacks into plain text (RFC 6455 §10.3). Inside TLS none can: a mask of zeros costs no pass over the bytes.
const unmasked = { generateMask: (mask: Buffer) => void mask.fill(0) } as const;
const maxProblemBytes = 65_536;

/** Who opened a socket, and what it is for. */
export interface SocketOffer {
  readonly peer: Card;
  /** Of the address, each at most once. Unchecked: they are the peer's words. */
  readonly params: ReadonlyMap<string, string>;
}

/**
 * Accepts WebSockets of partners at `path`. `admit` may throw a SymbolonError: the peer is then told and no socket opens; what it
 * returns takes the socket over. Sockets end when the server closes.
 */
export function acceptSockets(
  peerServer: PeerServer,
  path: string,
  admit: (offer: SocketOffer) => (socket: FrameSocket) => void,
): void {
  const { home } = peerServer;
  const sockets = new WebSocketServer({ ...options, noServer: true });
  const open = new Set<FrameSocket>();
  peerServer.onUpgrade(path, ({ peer, search, request, stream, head }) => {
    const params = new Map(search);
    if (params.size !== search.size) throw fault('request-invalid', 'a parameter appears twice');
    const take = admit({ peer, params });
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const frames = new FrameSocket(socket, peer.id, home.config.peerSeconds * 1000);
      open.add(frames);
      socket.once('close', () => open.delete(frames));
      take(frames);
    });
  });
  peerServer.onClose(() => {
    for (const socket of open) void socket.close(fault('peer-gone', 'the server is stopping'));
  });
}

/** Opens a WebSocket at a partner's server. Errors name the partner. */
export async function connectSocket(
  home: Home,
  partner: Card,
  path: string,
  params: Readonly<Record<string, string>> = {},
): Promise<FrameSocket> {
  requireReachable(partner);
  const { connectSeconds, peerSeconds } = home.config;
  const url = new URL(path, partner.address);
  url.protocol = 'wss:';
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  const socket = new WebSocket(url, {
    ...options,
    ...unmasked,
    ...clientTls(home, partner),
  });
  const frames = new FrameSocket(socket, partner.id, peerSeconds * 1000);
  let late = false;
  // `ws` limits silence only: an answer that comes byte by byte would never end.
  const timer = setTimeout(() => {
    late = true;
    socket.terminate();
  }, connectSeconds * 1000);
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (error) => {
      reject(faultOfConnection(late ? Object.assign(error, { code: 'ETIMEDOUT' }) : error, partner));
    });
    socket.once('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = () => {
        reject(fromProblem(partner.id, response.statusCode ?? 0, parsed(Buffer.concat(chunks).toString())));
        socket.terminate();
      };
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= maxProblemBytes) chunks.push(chunk);
        else response.destroy();
      });
      response.once('end', finish).once('error', finish).once('close', finish);
    });
  });
  await opened.finally(() => clearTimeout(timer));
  return frames;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
