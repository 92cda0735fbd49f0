import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Claims = Record<string, unknown>;

/** What an attack changes in an answer of the issuer. */
export interface IssuerTricks {
  /** Of the ID token. */
  claims?: Claims;
  /** Of the ID token's signature: none at all, or by a key that the issuer does not publish. */
  signature?: 'none' | 'another key';
}

interface Asked {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirect: string;
}

/** An OpenID provider on loopback: discovery, authorization codes with PKCE, ID tokens signed with ES256. */
export class Issuer {
  readonly clientId = 'symbolon-fred';
  /** Who logs in next. */
  claims: Claims = { sub: 'subject-1', name: 'Ada Lovelace', groups: ['analysts'] };
  tricks: IssuerTricks = {};
  readonly #server: Server;
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #codes = new Map<string, Asked>();

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await new Promise<void>((done) => issuer.#server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void issuer.#server.close());
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a browser does at the provider: logs in, and is sent back. Returns where to. */
  visit(location: string): URL {
    const asked = new URL(location).searchParams;
    const code = crypto.randomUUID();
    const redirect = asked.get('redirect_uri')!;
    this.#codes.set(code, { nonce: asked.get('nonce')!, challenge: asked.get('code_challenge')!, redirect });
    const back = new URL(redirect);
    back.search = new URLSearchParams({ code, state: asked.get('state')!, iss: this.url }).toString();
    return back;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/.well-known/openid-configuration') return void send(200, this.#metadata());
    if (request.url?.startsWith('/authorize')) {
      const { href } = this.visit(`${this.url}${request.url}`);
      return void response.writeHead(302, { location: href }).end();
    }
    if (request.url === '/jwks') return void send(200, { keys: [this.#jwk()] });
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const asked = this.#codes.get(form.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    // RFC 6749 §4.1.2: a code is used once. RFC 7636 §4.6.
    this.#codes.delete(form.get('code') ?? '');
    if (asked === undefined || verifier !== asked.challenge || form.get('redirect_uri') !== asked.redirect) {
      return void send(400, { error: 'invalid_grant' });
    }
    const body = { access_token: 'unused', token_type: 'Bearer', id_token: this.#idToken(asked.nonce) };
    return void send(200, body);
  }

  #metadata() {
    const at = (path: string) => `${this.url}${path}`;
    return {
      issuer: this.url,
      ...{ authorization_endpoint: at('/authorize'), token_endpoint: at('/token'), jwks_uri: at('/jwks') },
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  #jwk() {
    return { ...this.#key.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' };
  }

  #idToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.url, aud: this.clientId, iat: now, exp: now + 300, nonce };
    const claims = { ...usual, ...this.claims, ...this.tricks.claims };
    const { signature } = this.tricks;
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: signature === 'none' ? 'none' : 'ES256' })}.${part(claims)}`;
    if (signature === 'none') return `${signed}.`;
    const key = signature === 'another key' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : this.#key;
    return `${signed}.${jws(signed, key.privateKey)}`;
  }
}

function jws(signed: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}
