import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { createCard, type OrganisationRole } from '@symbolon/agreement';
import {
  documentBytes,
  fault,
  generateSigningKey,
  hex,
  issueOrganisationCertificate,
  issueTlsCertificate,
  type Rng,
  systemRng,
} from '@symbolon/crypto';
import { type HomeConfig, homeConfigSchema } from './config.ts';
import { privateFile, privateFolder, readHomeFile, syncFolder, writeDurably } from './files.ts';
import { type Home, type HomeKey, homePaths, openHome } from './home.ts';
import { requireSocketPath } from './local-address.ts';

const day = 86_400_000;
const authorityDays = 3650;
const leafDays = 397;
const renewBeforeDays = 30;

/** What {@link createHome} needs to know. */
export interface NewHome {
  /** The folder to make; it must not exist, or be empty. */
  path: string;
  /** Short name, like general-hospital. */
  id: string;
  name: string;
  role: OrganisationRole;
  /** The name or address under which partners reach this server. */
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** No partner can reach this server: it opens every connection itself, and does not listen for them. `host` and `port` say nothing. */
  outbound?: boolean;
  /** The interface to listen on; `host` if that is an address or localhost, else all. */
  listenHost?: string;
  /** See `symbolon.json`'s `database`. */
  database?: HomeConfig['database'];
  /** See `symbolon.json`'s `settings`. */
  settings?: HomeConfig['settings'];
  now: () => Date;
  rng?: Rng;
}

/**
 * Makes an organisation's folder: fresh keys, certificates, card and configuration. It appears complete or not at all, and
 * survives power loss when this resolves. Throws `conflict` if something is there already.
 */
export async function createHome(params: NewHome): Promise<Home> {
  const { id, name, role, now, rng = systemRng, outbound = false } = params;
  // RFC 2606 §2: a name that nothing ever has.
  const host = outbound ? `${id}.invalid` : params.host;
  const path = resolve(params.path);
  if (existsSync(path) && readdirSync(path).length > 0) {
    throw fault('conflict', `${path} is not empty`, { culprit: path, hint: 'Name a folder that does not exist yet.' });
  }
  requireSocketPath(path);
  const listenHost = params.listenHost ?? (/^[\d.]+$|:|^localhost$/.test(host) ? host : '0.0.0.0');
  const port = outbound ? 443 : params.port === 0 ? await freePort(listenHost) : params.port;
  const draft = `${path}.${hex(rng(6))}.new`;
  const paths = homePaths(draft);
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(draft, { mode: privateFolder });
  try {
    mkdirSync(paths.keys, { mode: privateFolder });
    const keys = Object.fromEntries(
      (['organisation', 'recovery', 'signing', 'log'] as const).map((key) => [key, generateSigningKey(rng)]),
    ) as Record<HomeKey, ReturnType<typeof generateSigningKey>>;
    for (const [key, value] of Object.entries(keys)) {
      writeDurably(paths.key(key as HomeKey), value.export(), privateFile, rng);
    }
    const certificate = await issueOrganisationCertificate({
      name,
      key: keys.organisation,
      ...validity(now(), authorityDays),
      rng,
    });
    writeDurably(paths.organisationCertificate, certificate, privateFile, rng);
    await writeTls(draft, { key: keys.organisation, certificate, hosts: [host], now, rng });
    const card = createCard({
      id,
      name,
      role,
      organisationKey: keys.organisation,
      recoveryKey: keys.recovery.publicKey,
      signingKey: keys.signing.publicKey,
      logKey: keys.log.publicKey,
      certificate,
      address: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      ...(outbound ? { outbound } : {}),
      issued: `${now().toISOString().slice(0, 19)}Z`,
    });
    writeDurably(paths.card, `${Buffer.from(documentBytes(card)).toString()}\n`, privateFile, rng);
    const config = homeConfigSchema.parse({
      version: 1,
      id,
      name,
      role,
      listen: { host: listenHost, port },
      hosts: [host],
      database: params.database,
      settings: params.settings,
    });
    writeDurably(paths.config, `${JSON.stringify(config, undefined, 2)}\n`, privateFile, rng);
    renameSync(draft, path);
    syncFolder(dirname(path));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return openHome(path, rng);
}

/** Issues a new TLS certificate if the present one ends within 30 days, and the organisation key is here. Says whether it did. */
export async function renewTls(home: Home, { now, rng = systemRng }: { now: () => Date; rng?: Rng }): Promise<boolean> {
  const paths = homePaths(home.path);
  const { validToDate } = new X509Certificate(home.tls().certificate);
  if (validToDate.getTime() - now().getTime() > renewBeforeDays * day || !existsSync(paths.key('organisation')))
    return false;
  const certificate = readHomeFile(paths.organisationCertificate);
  await writeTls(home.path, { key: home.readKey('organisation'), certificate, hosts: home.config.hosts, now, rng });
  return true;
}

async function writeTls(
  root: string,
  params: Pick<Parameters<typeof issueTlsCertificate>[0], 'key' | 'certificate' | 'hosts' | 'rng'> & {
    now: () => Date;
  },
): Promise<void> {
  const { now, rng, ...rest } = params;
  const paths = homePaths(root);
  const { certificatePem, privateKeyPem } = await issueTlsCertificate({ ...rest, ...validity(now(), leafDays), rng });
  writeDurably(paths.tls, privateKeyPem + certificatePem, privateFile, rng);
}

// A day of grace for clocks that run behind ours.
function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + days * day) };
}

// Below what Linux (32768) and others (49152) take for outgoing connections: such a connection could hold a server's port
// while the server starts again.
const firstPort = 20_000;
const portsOfAll = 12_736;
const portsOfOne = 64;
let portsTried = 0;

/**
 * A TCP port that is free on this interface now, and that this process did not hand out lately. Processes that run side by
 * side look in different places, so that neither takes what the other has handed out and not used yet.
 */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < portsOfAll; attempt++) {
    const port = firstPort + ((process.pid * portsOfOne + portsTried++) % portsOfAll);
    const server = createServer();
    const free = await new Promise<boolean>((done, failed) => {
      server.once('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? done(false) : failed(error)));
      server.listen(port, host, () => done(true));
    });
    if (!free) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
  throw fault('config-invalid', `no port is free on ${host}`, { culprit: host, hint: 'Name a port.' });
}
