import { chmodSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { fault, type Rng, SymbolonError, systemRng } from '@symbolon/crypto';
import fastify, { type FastifyRequest } from 'fastify';
import { Agent } from 'undici';
import { type Api, apiRoutes, nameOf, Visitor } from './api-mount.ts';
import type { Doorkeeper, Visit } from './api-route.ts';
import { type Client, client } from './client.ts';
import { privateFile } from './files.ts';
import type { Home } from './home.ts';
import { localAddress, requireSocketPath } from './local-address.ts';
import type { Logger } from './logging.ts';
import { mountRoutes } from './route.ts';

const windows = process.platform === 'win32';

/** The server for the organisation's own commands. */
export interface LocalServer {
  /** Starts to listen; throws `conflict` if another process serves this home. Start it first: it is the home's lock. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

/**
 * HTTP on a socket in the home: the same API as for people. Who may open the socket is the owner, as the folder and the socket are the
 * owner's alone, unless the request shows the token of somebody's session.
 */
export function createLocalServer(params: {
  home: Home;
  /** None, if it is only to be the home's lock. */
  api?: Api;
  logger: Logger;
  rng?: Rng;
}): LocalServer {
  const { home, api, logger, rng = systemRng } = params;
  const address = localAddress(home.path);
  const app = fastify({ bodyLimit: home.config.maxBodyBytes, forceCloseConnections: true });
  mountRoutes(app, {
    routes: api === undefined ? [] : apiRoutes(api),
    caller: (request) =>
      new Visitor(request, { address: 'local', secure: true }, async () => api && whoIs(api.door, request)),
    nameOf,
    logger,
    rng,
    refusals: api?.refusals,
  });
  return {
    async listen() {
      requireSocketPath(home.path);
      if (await answers(address)) {
        throw fault('conflict', `a server is running for ${home.path} already`, {
          culprit: home.path,
          hint: 'Use that one, or stop it first.',
        });
      }
      if (!windows) rmSync(address, { force: true });
      await app.listen({ path: address });
      if (!windows) chmodSync(address, privateFile);
    },
    close: () => app.close(),
  };
}

async function whoIs(
  door: Doorkeeper,
  { method, headers }: FastifyRequest,
): Promise<Pick<Visit, 'person' | 'session'>> {
  const { authorization } = headers;
  if (authorization === undefined) return { person: await door.owner(), session: undefined };
  const shown = { method, headers: { authorization }, address: 'local', secure: true };
  const found = await door.authenticate(shown);
  return found ?? { person: undefined, session: undefined };
}

/** Asks the organisation's own server; throws `conflict`, with the command that starts it, if none runs. */
export function localClient(home: Pick<Home, 'path' | 'config'>): Client {
  requireSocketPath(home.path);
  const agent = new Agent({ connect: { socketPath: localAddress(home.path) }, headersTimeout: 0, bodyTimeout: 0 });
  return client({ agent, origin: 'http://localhost', who: 'the server', explain: (error) => explain(error, home) });
}

function explain(error: unknown, { path, config }: Pick<Home, 'path' | 'config'>): unknown {
  if (error instanceof SymbolonError || !(error instanceof Error) || !('code' in error)) return error;
  const { code } = error;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    const kind = config.role === 'keyservice' ? 'keys' : config.role;
    return fault('conflict', `the server of ${config.id} is not running`, {
      culprit: config.id,
      hint: `Start it with: symbolon serve ${kind} --home ${path}`,
      cause: error,
    });
  }
  if (code === 'EACCES') {
    return fault('forbidden', `this user may not talk to the server of ${config.id}`, { culprit: path, cause: error });
  }
  return fault('peer-gone', `the server of ${config.id} stopped before it answered`, {
    culprit: config.id,
    hint: 'See the end of its log for the reason; start it again, then try once more.',
    cause: error,
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(address);
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}
