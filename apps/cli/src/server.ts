import { resolve } from 'node:path';
import { fault } from '@symbolon/crypto';
import { type ApiClient, apiClient, localClient, openHome, peopleClient } from '@symbolon/service';
import { readSaved } from './saved-sessions.ts';
import type { ServerOptions } from './server-options.ts';

/** Under which name sessions on a server are kept. */
export function serverName(home: string, { server }: ServerOptions): string {
  if (server === undefined) return resolve(home);
  return URL.canParse(server) ? new URL(server).origin : server;
}

/** A connection to the server. @param token of a session; none to log in, or for the owner of the folder */
export function connect(home: string, { server, ca }: ServerOptions, token?: string): ApiClient {
  if (server !== undefined) return peopleClient({ url: server, token, ca });
  return apiClient(localClient(openHome(home)), token === undefined ? {} : { token });
}

/**
 * Asks a server as whoever is logged in there; on the socket of the folder, as its owner if nobody is. Throws `unauthenticated` if a server
 * is named and nobody is logged in.
 */
export async function withServer<T>(
  home: string,
  options: ServerOptions,
  work: (client: ApiClient) => Promise<T>,
): Promise<T> {
  const { session } = readSaved(serverName(home, options));
  if (session === undefined && options.server !== undefined) {
    throw fault('unauthenticated', `nobody is logged in at ${options.server}`, {
      culprit: options.server,
      hint: `Log in: symbolon login USER --server ${options.server}`,
    });
  }
  const client = connect(home, options, session?.token);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
