import type { IncomingMessage } from 'node:http';
import { base64url, equalBytes, fault, type Rng, utf8 } from '@symbolon/crypto';

const cookieName = 'symbolon-agent';
const secretBytes = 32;

/**
 * Lets one browser of this computer in, and no page of another origin: the address that is printed works once, and gives a cookie; every form carries a
 * token that other origins cannot read. The name of the host is checked, so that no other name can lead here.
 */
export class Door {
  readonly #origin: string;
  readonly #cookie: string;
  /** In every form. */
  readonly form: string;
  #once: string | undefined;

  constructor(port: number, rng: Rng) {
    this.#origin = `http://127.0.0.1:${port}`;
    [this.#cookie, this.form, this.#once] = [1, 2, 3].map(() => base64url(rng(secretBytes))) as [
      string,
      string,
      string,
    ];
  }

  /** The address that lets a browser in, once. */
  get address(): string {
    return `${this.#origin}/open?token=${this.#once}`;
  }

  /** The header that lets the browser in from now on. Throws `unauthenticated`: the token is not, or no more, the right one. */
  admit(token: string | null): string {
    const known = this.#once !== undefined && token !== null && same(token, this.#once);
    if (!known) throw fault('unauthenticated', 'this address works once', { hint: 'Start the agent again.' });
    this.#once = undefined;
    return `${cookieName}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Throws `forbidden` for another name of this host. */
  requireHost({ headers }: IncomingMessage): void {
    if (`http://${headers.host}` === this.#origin) return;
    throw fault('forbidden', 'this page is asked for under another name', { hint: `Open ${this.#origin}.` });
  }

  /** Throws `unauthenticated` for a browser that was not let in. */
  requireBrowser({ headers }: IncomingMessage): void {
    const cookies = (headers.cookie ?? '').split(/; */).map((pair) => pair.split('='));
    const shown = cookies.find(([name]) => name === cookieName)?.[1];
    if (shown !== undefined && same(shown, this.#cookie)) return;
    throw fault('unauthenticated', 'this browser was not let in', {
      hint: 'Open the address that `symbolon card agent` printed; it works once.',
    });
  }

  /** Throws `forbidden` for a form that did not come from here. */
  requireForm({ headers }: IncomingMessage, token: string | null): void {
    const { origin } = headers;
    if ((origin === undefined || origin === this.#origin) && token !== null && same(token, this.form)) return;
    throw fault('forbidden', 'this form did not come from this page', { hint: 'Load the page again.' });
  }
}

const same = (a: string, b: string): boolean => equalBytes(utf8(a), utf8(b));
