import { fault } from '@symbolon/crypto';
import pg from 'pg';

/** Where an organisation's tables are in PostgreSQL. */
export interface PostgresPlace {
  /** With user and password: never shown, never logged. */
  readonly url: string;
  /** The environment variable, or the option, that the URL came from. */
  readonly variable: string;
  /** The schema (namespace) that holds the tables; it needs no quotes. */
  readonly namespace: string;
}

/** The schema of an organisation. Its id has no underscore, so no two share one. */
export function namespaceOf(id: string): string {
  return `symbolon_${id.replaceAll('-', '_')}`;
}

/** Host and port as they may be shown. */
export function shownAddress({ url }: Pick<PostgresPlace, 'url'>): string {
  return URL.canParse(url) ? new URL(url).host || 'the socket of this machine' : 'the database';
}

// PostgreSQL ends the session of a peer that is gone after 30 seconds, so that another server may begin.
const sessionSettings = {
  tcp_keepalives_idle: '15',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  lock_timeout: '30s',
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '60s',
};

/** How `pg` connects. Throws `config-invalid`, without the URL. @param extra settings of the session */
export function clientConfig(place: PostgresPlace, extra: Readonly<Record<string, string>> = {}): pg.ClientConfig {
  const url = parseUrl(place);
  const settings = { search_path: place.namespace, ...sessionSettings, ...extra };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const own = url.searchParams.get('options');
  url.searchParams.delete('options');
  return {
    connectionString: url.href,
    options: [...(own === null ? [] : [own]), ...options].join(' '),
    application_name: 'symbolon',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // Beyond what PostgreSQL itself allows a statement: the connection is dead.
    query_timeout: 90_000,
    types: { getTypeParser: parserOf as pg.CustomTypesConfig['getTypeParser'] },
  };
}

function parseUrl({ url, variable }: PostgresPlace): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol) || parsed.pathname.length < 2) {
    throw fault('config-invalid', `${variable} is not the URL of a PostgreSQL database`, {
      culprit: variable,
      hint: 'Write postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters in user and password as %XX.',
    });
  }
  requireTls(parsed);
  return parsed;
}

/**
 * What leaves this machine is encrypted and the server's certificate verified, unless the URL says `disable` or `no-verify` in so many
 * words. `pg` takes `prefer`, `require` and `verify-ca` as `verify-full`, and complains.
 */
function requireTls(url: URL): void {
  const parameters = url.searchParams;
  const mode = parameters.get('sslmode');
  if (['prefer', 'require', 'verify-ca'].includes(mode ?? '') && !parameters.has('uselibpqcompat')) {
    parameters.set('sslmode', 'verify-full');
  }
  if (mode === null && !parameters.has('ssl') && !isHere(url)) parameters.set('sslmode', 'verify-full');
}

function isHere(url: URL): boolean {
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  return host === '' || host.startsWith('/') || /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);
}

// pg_type.oid: what SQLite gives as a number is one here too, and bytes are no Buffer.
const [bytea, int8, numeric] = [17, 20, 1700];

function parserOf(type: number): (text: string) => unknown {
  if (type === int8 || type === numeric) return safeInteger;
  const known = pg.types.getTypeParser(type);
  return type === bytea ? (text) => new Uint8Array(known(text) as unknown as Buffer) : known;
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('the database holds a number that is not a safe integer');
  return value;
}
