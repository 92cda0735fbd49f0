import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { fault } from '@symbolon/crypto';

/** Starts to listen. Throws `config-invalid` naming the address. @returns host:port */
export async function listen(
  server: Server,
  source: string,
  { host, port }: { host: string; port: number },
): Promise<string> {
  try {
    const failed = once(server, 'error').then(([error]) => Promise.reject(error));
    const listening = once(server, 'listening');
    server.listen(port, host);
    await Promise.race([listening, failed]);
  } catch (cause) {
    throw fault('config-invalid', `the source '${source}' cannot listen on ${host}:${port}`, {
      culprit: `${host}:${port}`,
      hint: 'Stop what uses this port, or change settings.alerts.sources in symbolon.json.',
      cause,
    });
  }
  const { port: bound } = server.address() as AddressInfo;
  return `${host.includes(':') ? `[${host}]` : host}:${bound}`;
}
