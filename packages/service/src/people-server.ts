import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { fault, type Rng, systemRng } from '@symbolon/crypto';
import fastify, { type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Api, apiRoutes, nameOf, Visitor } from './api-mount.ts';
import type { Home } from './home.ts';
import type { Logger } from './logging.ts';
import { isLoopback, loopback } from './loopback.ts';
import { mountPages, type Pages } from './pages.ts';
import { mountRoutes } from './route.ts';
import { refuseForeign } from './same-site.ts';
import { limitReceiving } from './upload.ts';

const path = z.string().min(1).max(4096);

/** Where people and their programs reach a server. Without this section, only the owner does, through the socket in the folder. */
export const peopleServerSettings = z.strictObject({
  /** Address of the network interface, or a name for it. */
  host: z.string().min(1).max(255).default('127.0.0.1'),
  port: z.int().min(1).max(65_535),
  /** Names under which browsers and programs find this server, beside `host`. A request that names another is refused. */
  hosts: z.array(z.string().min(1).max(255)).max(16).default([]),
  /**
   * `home`: the certificate that the organisation's key issued; browsers do not know it. Or files of one that they know, PEM. None: plain
   * HTTP, on this machine only, for example behind a proxy that speaks TLS.
   */
  tls: z.union([z.literal('home'), z.strictObject({ certificate: path, key: path })]).optional(),
  /** Requests that one person, or one address where nobody is logged in, may make in a minute. */
  maxRequestsPerMinute: z.int().min(1).max(100_000).default(600),
  maxConnections: z.int().min(1).max(65_535).default(256),
});

/** {@link peopleServerSettings}, defaults filled in. */
export type PeopleServerSettings = z.output<typeof peopleServerSettings>;

/** The server for people. */
export interface PeopleServer {
  /** Resolves to where it listens. */
  listen(): Promise<string>;
  /** Ends event streams at once, and gives other answers two more seconds. */
  close(): Promise<void>;
}

const graceMilliseconds = 2000;
const secondsOf = (seconds: number): number => seconds * 1000;

/** HTTP for people and their programs, by sessions. Certificates of partners mean nothing here. Throws `config-invalid`. */
export function createPeopleServer(params: {
  home: Home;
  settings: PeopleServerSettings;
  api: Api;
  /** What browsers are shown; none: the API alone. */
  pages?: Pages | undefined;
  logger: Logger;
  rng?: Rng;
}): PeopleServer {
  const { home, settings, api, pages, logger, rng = systemRng } = params;
  const { host, port, maxConnections } = settings;
  const tls = tlsOf(home, settings);
  const secure = tls !== undefined;
  const app = fastify({
    ...(secure ? { https: { ...tls, minVersion: 'TLSv1.3', handshakeTimeout: secondsOf(10) } } : {}),
    bodyLimit: home.config.maxBodyBytes,
    keepAliveTimeout: secondsOf(60),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 128 },
  });
  app.server.maxConnections = maxConnections;
  app.server.headersTimeout = secondsOf(15);
  app.server.requestTimeout = 0;
  limitReceiving(app.server, secondsOf(30));
  const { refusals } = api;
  app.server.on('tlsClientError', (error: Error) => {
    refusals?.count('tls-handshake');
    logger.warn({ err: error }, 'a connection failed its TLS handshake');
  });
  const names = namesOf(home, settings);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(secure ? { ...safeHeaders, 'strict-transport-security': 'max-age=31536000' } : safeHeaders);
    refuseForeign(request.method, request.headers, names);
  });
  mountRoutes(app, {
    routes: apiRoutes(api),
    caller: (request) => visitorOf(request, api, secure),
    nameOf,
    logger,
    rng,
    refusals,
  });
  if (pages !== undefined) mountPages(app, { pages, home, rng });
  return {
    async listen() {
      try {
        return await app.listen({ host, port });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error;
        throw fault('config-invalid', `cannot listen on ${host}:${port} for people (${error.code})`, {
          culprit: `${host}:${port}`,
          hint: 'Stop what uses this port, or change settings.people in symbolon.json.',
          cause: error,
        });
      }
    },
    async close() {
      const force = setTimeout(() => app.server.closeAllConnections(), graceMilliseconds);
      await app.close().finally(() => clearTimeout(force));
    },
  };
}

// OWASP, HTTP Security Response Headers: what answers with JSON alone needs none of what a page may do.
const safeHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

function visitorOf(request: FastifyRequest, { door }: Api, secure: boolean): Visitor {
  const { method, headers, ip: address } = request;
  return new Visitor(request, { address, secure }, () => door.authenticate({ method, headers, address, secure }));
}

function tlsOf(home: Home, { tls, host }: PeopleServerSettings): SecureContextOptions | undefined {
  if (tls === 'home') {
    const { certificate, key } = home.tls();
    return { cert: certificate, key };
  }
  if (tls !== undefined) return { cert: read(tls.certificate), key: read(tls.key) };
  if (isLoopback(host)) return undefined;
  throw fault('config-invalid', `people would reach ${host} without TLS`, {
    culprit: 'settings.people.tls',
    hint: 'Set tls to "home" or to the files of a certificate, or listen on 127.0.0.1.',
  });
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw fault('config-invalid', `${file} cannot be read`, { culprit: file, cause });
  }
}

function namesOf(home: Home, { host, hosts, tls }: PeopleServerSettings): ReadonlySet<string> {
  const local = isLoopback(host) ? loopback : [];
  const names = [host, ...local, ...hosts, ...(tls === 'home' ? home.config.hosts : [])];
  return new Set(names.map((name) => (isIP(name) === 6 ? `[${name}]` : name.toLowerCase())));
}
