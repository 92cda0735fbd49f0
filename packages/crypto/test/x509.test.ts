import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  certificateDer,
  certificatePem,
  concat,
  generateSigningKey,
  insecureTestRng,
  isIssuedBy,
  issueOrganisationCertificate,
  issueTlsCertificate,
  organisationKeyOf,
} from '../src/index.ts';

const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2126-01-01T00:00:00Z') };
const badCertificate = expect.objectContaining({ code: 'bad-certificate' });

async function organisation(name: string, dates = validity) {
  const rng = insecureTestRng(name);
  const key = generateSigningKey(rng);
  const ca = await issueOrganisationCertificate({ name, key, rng, ...dates });
  const leaf = await issueTlsCertificate({
    key,
    certificate: ca,
    hosts: ['localhost', '127.0.0.1', '::1'],
    rng,
    ...dates,
  });
  return { key, ca, leaf };
}
type Organisation = Awaited<ReturnType<typeof organisation>>;

// Two with the same name: trust must come from keys alone.
let server: Organisation;
let client: Organisation;
let stranger: Organisation;
let expired: Organisation;
beforeAll(async () => {
  server = await organisation('St. Anna, "Süd" = Krankenhaus');
  client = await organisation('Insurer');
  stranger = await organisation('Insurer ');
  expired = await organisation('Late', { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') });
});

/** What server and client each see of one TLS 1.3 handshake in which each trusts one CA for the other. */
async function handshake(
  serverSide: Organisation,
  trustedClient: string,
  clientSide: Organisation,
  trustedServer: string,
  host = 'localhost',
) {
  const own = ({ leaf }: Organisation) => ({
    cert: leaf.certificatePem,
    key: leaf.privateKeyPem,
    minVersion: 'TLSv1.3' as const,
  });
  const listener = createServer({ ...own(serverSide), ca: trustedClient, requestCert: true, rejectUnauthorized: true });
  const accepted = new Promise<TLSSocket | Error>((resolve) => {
    listener.once('secureConnection', resolve);
    listener.once('tlsClientError', resolve);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const socket = connect({
    ...own(clientSide),
    port,
    host: '127.0.0.1',
    servername: host,
    ca: trustedServer,
    rejectUnauthorized: true,
  });
  socket.on('error', () => undefined);
  const connected = new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(socket.authorized));
    socket.once('error', () => resolve(false));
  });
  const [peer, clientAccepts] = await Promise.all([accepted, connected]);
  const result = {
    clientAccepts,
    serverAccepts: !(peer instanceof Error) && peer.authorized,
    protocol: socket.getProtocol(),
    peerCertificate: peer instanceof Error ? undefined : new Uint8Array(peer.getPeerX509Certificate()?.raw ?? []),
  };
  if (!(peer instanceof Error)) peer.destroy();
  socket.destroy();
  listener.close();
  return result;
}

describe('mutual TLS 1.3', () => {
  test('accepts the two organisations that trust each other', async () => {
    const result = await handshake(server, client.ca, client, server.ca);
    expect(result).toMatchObject({ clientAccepts: true, serverAccepts: true, protocol: 'TLSv1.3' });
    expect(isIssuedBy(result.peerCertificate!, client.key.publicKey)).toBe(true);
    expect(isIssuedBy(result.peerCertificate!, stranger.key.publicKey)).toBe(false);
  });

  test('the server refuses a stranger', async () => {
    expect((await handshake(server, client.ca, stranger, server.ca)).serverAccepts).toBe(false);
  });

  test('the client refuses a stranger', async () => {
    expect((await handshake(stranger, client.ca, client, server.ca)).clientAccepts).toBe(false);
  });

  test('the client refuses another host name', async () => {
    expect((await handshake(server, client.ca, client, server.ca, 'example.org')).clientAccepts).toBe(false);
  });

  test('the server refuses an expired certificate', async () => {
    expect((await handshake(server, expired.ca, expired, server.ca)).serverAccepts).toBe(false);
  });
});

describe('certificates', () => {
  test('carry their organisation key, in PEM and DER', () => {
    expect(organisationKeyOf(server.ca)).toEqual(server.key.publicKey);
    expect(organisationKeyOf(certificateDer(server.ca))).toEqual(server.key.publicKey);
    expect(certificatePem(certificateDer(server.ca)).trim()).toBe(server.ca.trim());
  });

  test('come from their rng alone', async () => {
    expect((await organisation('Insurer')).leaf).toEqual(client.leaf);
  });

  test('are refused when they are not an organisation certificate, or not alone', () => {
    const der = certificateDer(server.ca);
    const forged = der.slice();
    forged[forged.length - 1]! ^= 1;
    for (const bad of [
      server.leaf.certificatePem,
      'no certificate',
      server.ca + client.ca,
      `x${server.ca}`,
      concat(der, new Uint8Array(1)),
      forged,
      new Uint8Array(0),
    ]) {
      expect(() => organisationKeyOf(bad)).toThrow(badCertificate);
    }
  });

  test('of a CA are not accepted in place of a TLS certificate', () => {
    expect(isIssuedBy(client.ca, client.key.publicKey)).toBe(false);
  });

  test('are issued only for the right key, with a host and a name that fits', async () => {
    const rng = insecureTestRng(1);
    const tls = { key: client.key, certificate: client.ca, hosts: ['localhost'], rng, ...validity };
    await expect(issueTlsCertificate({ ...tls, key: stranger.key })).rejects.toThrow(badCertificate);
    await expect(issueTlsCertificate({ ...tls, hosts: [] })).rejects.toThrow(badCertificate);
    for (const name of ['', 'x'.repeat(65)]) {
      await expect(issueOrganisationCertificate({ name, key: client.key, rng, ...validity })).rejects.toThrow(
        badCertificate,
      );
    }
  });

  const missing = spawnSync('openssl', ['version']).status === 0 ? '' : ' (skipped: needs openssl on the PATH)';
  test.skipIf(missing !== '')(`openssl reads path length 0 and both uses${missing}`, () => {
    const show = (pem: string) =>
      execFileSync('openssl', ['x509', '-noout', '-text'], { input: pem, encoding: 'utf8' });
    expect(show(server.ca)).toMatch(/CA:TRUE, pathlen:0/);
    const leaf = show(server.leaf.certificatePem);
    expect(leaf).toMatch(/CA:FALSE/);
    expect(leaf).toMatch(/TLS Web Server Authentication, TLS Web Client Authentication/);
    expect(leaf).toMatch(/DNS:localhost, IP Address:127.0.0.1/);
  });
});
