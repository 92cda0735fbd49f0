import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Card, parseCard } from '@symbolon/agreement';
import {
  base64url,
  certificateDer,
  fault,
  fromBase64url,
  importSigningKey,
  isIssuedBy,
  type Rng,
  type SigningKey,
  SymbolonError,
  systemRng,
} from '@symbolon/crypto';
import { type HomeConfig, homeConfigSchema, parseConfig } from './config.ts';
import { readHomeFile, requirePrivateFolder } from './files.ts';
import { Partners } from './partners.ts';

/** Where things are in a home. */
export function homePaths(path: string) {
  const keys = join(path, 'keys');
  return {
    config: join(path, 'symbolon.json'),
    card: join(path, 'card.json'),
    partners: join(path, 'partners'),
    database: join(path, 'symbolon.db'),
    /** Where it stands, the database is in PostgreSQL. */
    postgres: join(path, 'symbolon.postgresql'),
    keys,
    key: (name: HomeKey) => join(keys, `${name}.pem`),
    organisationCertificate: join(keys, 'organisation-certificate.pem'),
    /** Private key and certificate of the server in one file, so that both are renewed at once. */
    tls: join(keys, 'tls.pem'),
    /** Made when a list of people needs it first: see `readListKey`. */
    listKey: join(keys, 'lists.key'),
    /** Made when a server starts: see `readRequestKey`. */
    requestKey: join(keys, 'requests.key'),
  };
}

/** The Ed25519 keys of a home; the card names their public halves. */
export type HomeKey = 'organisation' | 'recovery' | 'signing' | 'log';

/** An organisation's folder: configuration, card, keys, partners, database. Everything in it has been checked. */
export interface Home {
  /** Absolute. */
  readonly path: string;
  readonly config: HomeConfig;
  /** The organisation's own card, and the file that partners import. */
  readonly card: Card;
  readonly cardFile: string;
  readonly signingKey: SigningKey;
  readonly logKey: SigningKey;
  readonly partners: Partners;
  /** Certificate chain and private key of this server, PEM. A function, so that printing a home shows no key. */
  tls(): { certificate: string; key: string };
  /**
   * Reads a key that a running server does not need. The organisation key is needed to renew certificates, the recovery key
   * to replace it; both files may be kept elsewhere, then this throws `config-invalid` naming the file.
   */
  readKey(name: 'organisation' | 'recovery'): SigningKey;
}

/**
 * Opens the folder that {@link createHome} made. Throws `not-found` if there is none, and `config-invalid` naming the file
 * that is missing, open to other users, malformed, or does not belong with the card.
 * @param rng names temporary files
 */
export function openHome(path: string, rng: Rng = systemRng): Home {
  const root = resolve(path);
  const paths = homePaths(root);
  if (!existsSync(paths.config)) {
    throw fault('not-found', `${root} is not the folder of an organisation`, {
      culprit: root,
      hint: 'Make one with `symbolon init`, or name another with --home.',
    });
  }
  requirePrivateFolder(root);
  requirePrivateFolder(paths.keys);
  const config = parseConfig(homeConfigSchema, readHomeFile(paths.config), paths.config);
  const cardFile = readHomeFile(paths.card);
  const card = inFile(paths.card, () => parseCard(cardFile));
  for (const field of ['id', 'name', 'role'] as const) {
    if (config[field] !== card[field]) throw altered(paths.config, `its ${field} is not the card's`);
  }
  const host = new URL(card.address).hostname.replace(/^\[|\]$/g, '');
  if (!config.hosts.includes(host)) throw altered(paths.config, `hosts does not list ${host}, the address in the card`);
  const key = (name: HomeKey) => readKey(paths.key(name), card[`${name}Key`]);
  for (const name of ['organisation', 'recovery'] as const) {
    if (lstatSync(paths.key(name), { throwIfNoEntry: false }) !== undefined) key(name);
  }
  readTls(paths, card);
  return Object.freeze({
    path: root,
    config,
    card,
    cardFile,
    signingKey: key('signing'),
    logKey: key('log'),
    partners: new Partners(paths.partners, card, rng),
    tls: () => readTls(paths, card),
    readKey: key,
  });
}

function readKey(path: string, expected: string): SigningKey {
  const text = readHomeFile(path, { secret: true });
  const key = inFile(path, () => importSigningKey(text));
  if (base64url(key.publicKey) !== expected) throw altered(path, 'it is not the key that the card names');
  return key;
}

function readTls(paths: ReturnType<typeof homePaths>, card: Card): { certificate: string; key: string } {
  const authority = readHomeFile(paths.organisationCertificate);
  const text = readHomeFile(paths.tls, { secret: true });
  const at = text.indexOf('-----BEGIN CERTIFICATE-----');
  const [key, leaf] = [text.slice(0, Math.max(at, 0)), text.slice(Math.max(at, 0))];
  const der = inFile(paths.organisationCertificate, () => certificateDer(authority));
  if (base64url(der) !== card.certificate)
    throw altered(paths.organisationCertificate, "it is not the card's certificate");
  if (!inFile(paths.tls, () => isIssuedBy(leaf, fromBase64url(card.organisationKey)))) {
    throw altered(paths.tls, 'the organisation key did not issue its certificate');
  }
  if (!belongs(leaf, key)) throw altered(paths.tls, 'its key is not that of its certificate');
  return { certificate: leaf + authority, key };
}

function belongs(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Adds the file to an error of reading it. */
function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault('config-invalid', `${path}: ${error.message}`, { culprit: path, cause: error });
  }
}

function altered(path: string, what: string): SymbolonError {
  return fault('config-invalid', `${path} does not belong here: ${what}`, {
    culprit: path,
    hint: 'Restore the file from your backup of this folder.',
  });
}
