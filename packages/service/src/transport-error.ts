import type { Card } from '@symbolon/agreement';
import { fault, SymbolonError } from '@symbolon/crypto';

const timeouts = /^(UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/;
// The partner's certificate is not what its card promises (Node's tls.connect and OpenSSL's verification codes).
const theirs = /^(ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_|SELF_SIGNED_CERT|UNABLE_TO_|CERT_)/;
// The partner's server ended the handshake because of our certificate (RFC 8446 §6.2).
const ours =
  /^ERR_SSL_(TLSV1_ALERT_UNKNOWN_CA|TLSV13_ALERT_CERTIFICATE_REQUIRED|SSLV3_ALERT_(BAD|UNSUPPORTED)_CERTIFICATE|(SSLV3|TLSV1)_ALERT_CERTIFICATE_(EXPIRED|UNKNOWN|REVOKED)|TLSV1_ALERT_(ACCESS_DENIED|DECRYPT_ERROR))$/;

/** What went wrong between here and a partner, in words that name the partner. Errors that are named already pass. */
export function faultOfConnection(
  error: unknown,
  { id, role, address }: Pick<Card, 'id' | 'role' | 'address'>,
): unknown {
  if (error instanceof SymbolonError) return error;
  if (!(error instanceof Error)) return error;
  if (error.name === 'AbortError') return error;
  const code = codeOf(error);
  const details = { culprit: id, cause: error };
  const down = role === 'keyservice' ? 'keyservice-down' : 'peer-gone';
  if (timeouts.test(code)) {
    return fault(role === 'keyservice' ? down : 'peer-silent', `${id} did not answer at ${address} in time`, details);
  }
  if (theirs.test(code)) {
    return fault(
      'bad-certificate',
      `what answers at ${address} does not hold a certificate of ${id} (${code})`,
      details,
    );
  }
  if (ours.test(code)) {
    return fault('unauthenticated', `${id} did not accept the certificate of this organisation (${code})`, {
      ...details,
      hint: `${id} must import the current card of this organisation.`,
    });
  }
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH' || code === 'EAI_AGAIN') {
    const hint = 'Check its address and that its server is running, then start a new attempt.';
    return fault(down, `${id} cannot be reached at ${address} (${code})`, { ...details, hint });
  }
  if (code === '') return error;
  return fault(down, `the connection to ${id} at ${address} broke (${code})`, details);
}

/** Holds that a partner can be reached. Throws `peer-gone` for one that opens every connection itself. */
export function requireReachable({ id, outbound }: Pick<Card, 'id' | 'outbound'>): void {
  if (outbound !== true) return;
  throw fault('peer-gone', `${id} cannot be reached: it opens every connection itself`, {
    culprit: id,
    hint: `What ${id} takes part in begins at ${id}; it fetches what is new for it.`,
  });
}

/** The code of the error, or of the one that it wraps. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') {
    // undici wraps what ends a socket.
    if (error.code === 'UND_ERR_SOCKET' && error.cause instanceof Error) return codeOf(error.cause) || error.code;
    return error.code;
  }
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  return error.cause instanceof Error ? codeOf(error.cause) : '';
}
