import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { Card } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { Home } from './home.ts';
import { organisationCertificate, type Partners } from './partners.ts';

const minVersion = 'TLSv1.3';

/** What the server for partners shows and whom it lets finish a handshake: holders of certificates of known organisations. */
export function serverTls(home: Home): SecureContextOptions {
  const { certificate, key } = home.tls();
  // The own certificate comes first: with an empty list, any public authority would do.
  const ca = [home.card, ...home.partners.list()].map(organisationCertificate);
  return { cert: certificate, key, ca, minVersion };
}

/** What a client shows to a partner, and the one organisation whose server it talks to. */
export function clientTls(home: Home, partner: Card): SecureContextOptions {
  const { certificate, key } = home.tls();
  return { cert: certificate, key, ca: [organisationCertificate(partner)], minVersion };
}

/**
 * The partner at the other end of a connection: the one whose organisation key issued the certificate it showed. Names in the
 * certificate are not looked at. Throws `unauthenticated` (no valid certificate) or `forbidden` (not a partner's).
 */
export function peerOf(socket: TLSSocket, partners: Partners): Card {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) throw fault('unauthenticated', 'no certificate of a known organisation was presented');
  const partner = partners.issuerOf(new Uint8Array(certificate.raw));
  if (partner === undefined) {
    throw fault('forbidden', 'the certificate belongs to an organisation that is not a partner here', {
      hint: 'Exchange cards: `symbolon partner invite` there, `symbolon partner accept` here.',
    });
  }
  return partner;
}
