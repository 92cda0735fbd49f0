import type { IncomingHttpHeaders } from 'node:http';
import { fault } from '@symbolon/crypto';

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses what a page of another site made a browser send. A name that is not the server's: DNS rebinding (`wrong-host`). A method that may
 * change something, from a page of another origin: cross-site request forgery (`cross-site`). Programs send neither Origin nor
 * Sec-Fetch-Site; browsers send at least one of them, and pages cannot forge them (Fetch §2.2.2, W3C Fetch Metadata).
 * @param names of the server, small letters; IPv6 in brackets
 */
export function refuseForeign(method: string, headers: IncomingHttpHeaders, names: ReadonlySet<string>): void {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  const plain = /^[A-Za-z0-9.\-:[\]]+$/.test(host) && URL.canParse(`http://${host}/`);
  if (!plain || !names.has(new URL(`http://${host}/`).hostname)) {
    throw fault('wrong-host', 'the request names a host that this server is not', { culprit: 'Host' });
  }
  if (safeMethods.includes(method)) return;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') refuse('Sec-Fetch-Site');
  if (origin !== undefined && !isSame(origin, host)) refuse('Origin');
}

/** The scheme is not compared: before a proxy that speaks TLS, it is another one. */
function isSame(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === new URL(`${new URL(origin).protocol}//${host}`).host;
}

function refuse(culprit: string): never {
  throw fault('cross-site', 'the request was sent by a page of another site', { culprit });
}
