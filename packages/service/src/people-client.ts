import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { fault } from '@symbolon/crypto';
import { Agent } from 'undici';
import { type ApiClient, apiClient } from './api-client.ts';
import { client } from './client.ts';
import { safeUrl } from './people/settings.ts';
import { faultOfConnection } from './transport-error.ts';

const silenceMilliseconds = 60_000;

/** How a program reaches the server of its organisation from another machine. */
export interface PeopleClientOptions {
  /** https://host:port; http on this machine only. */
  readonly url: string;
  /** Of a session; none to log in. */
  readonly token?: string | undefined;
  /** File with a certificate (PEM) to trust beside those that everybody trusts: an organisation's own. */
  readonly ca?: string | undefined;
}

/** A client for a server's listener for people. Throws `request-invalid` for an address that would show the token to others. */
export function peopleClient({ url, token, ca }: PeopleClientOptions): ApiClient {
  const { origin, host } = new URL(checkedUrl(url));
  const trusted = ca === undefined ? {} : { ca: [...rootCertificates, readFileSync(ca, 'utf8')] };
  const agent = new Agent({
    allowH2: false,
    connect: { ...trusted, minVersion: 'TLSv1.3', timeout: 10_000, maxCachedSessions: 0 },
    headersTimeout: silenceMilliseconds,
    bodyTimeout: silenceMilliseconds,
  });
  const explain = (error: unknown): unknown => faultOfConnection(error, { id: host, role: 'party', address: origin });
  return apiClient(client({ agent, origin, who: host, explain }), token === undefined ? {} : { token });
}

function checkedUrl(url: string): string {
  const result = safeUrl.safeParse(url);
  if (result.success) return result.data;
  throw fault('request-invalid', `${url} is no address of a server: ${result.error.issues[0]!.message}`, {
    culprit: url,
    hint: 'Write it like https://fred.example:8443.',
  });
}
