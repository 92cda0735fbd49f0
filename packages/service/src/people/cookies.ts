/** What a browser sent as cookies; of two with one name the first counts (RFC 6265 §5.4: the more specific path). */
export function cookiesOf(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const name = pair.slice(0, at).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}

/** What a server calls its cookies. Browsers tell hosts apart, and not ports: so servers of several organisations on one machine must not use the same names. */
export interface CookieNames {
  /** Of a browser's session. */
  readonly session: string;
  /** Of a browser that has logged in before. */
  readonly device: string;
  /** Of a browser that has left for the identity provider. */
  readonly ticket: string;
}

/** @param organisation its id */
export function cookieNames(organisation: string): CookieNames {
  const name = (what: string): string => `symbolon-${what}-${organisation}`;
  return { session: name('session'), device: name('device'), ticket: name('provider') };
}

/** How a cookie is set. */
export interface CookieOptions {
  /** Sent back over TLS alone. */
  readonly secure: boolean;
  /** How long it is kept. */
  readonly seconds: number;
  readonly path: string;
  /** Strict: never sent from another site. Lax: sent when another site leads here, as an identity provider does. */
  readonly sameSite?: 'Strict' | 'Lax';
}

/**
 * The names under which cookies travel: with TLS under a prefix that makes browsers refuse them from anybody but this host over TLS
 * (RFC 6265bis §4.1.3), so that another name of the same domain cannot plant one.
 */
export function cookieName(name: string, { secure, path }: Pick<CookieOptions, 'secure' | 'path'>): string {
  if (!secure) return name;
  return path === '/' ? `__Host-${name}` : `__Secure-${name}`;
}

/** A set-cookie header; scripts cannot read the cookie. @param value of letters, digits, - and _ */
export function setCookie(name: string, value: string, options: CookieOptions): string {
  const { secure, seconds, path, sameSite = 'Strict' } = options;
  const age = `Max-Age=${Math.floor(seconds)}`;
  const attributes = [`Path=${path}`, age, 'HttpOnly', `SameSite=${sameSite}`, ...(secure ? ['Secure'] : [])];
  return [`${cookieName(name, options)}=${value}`, ...attributes].join('; ');
}

/** A set-cookie header that removes a cookie. */
export function clearCookie(name: string, options: Omit<CookieOptions, 'seconds'>): string {
  return setCookie(name, '', { ...options, seconds: 0 });
}
