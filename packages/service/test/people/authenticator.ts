import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { AssertionResponse, RegistrationResponse } from '../../src/people/passkey-shapes.ts';

const userPresent = 0x01;
const userVerified = 0x04;
const attested = 0x40;

/** What an attack changes in an answer. */
export interface Tricks {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  /** Without a finger or PIN. */
  readonly unverified?: boolean;
  readonly counter?: number;
  readonly format?: string;
}

/** An authenticator in software: W3C Web Authentication §6, ES256, as much as a browser passes on. */
export class Authenticator {
  readonly #origin: string;
  readonly id = Buffer.from(crypto.getRandomValues(new Uint8Array(16)));
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;
  #counter = 0;

  /** @param origin of the page that asks */
  constructor(origin: string) {
    this.#origin = origin;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.#publicKey = publicKey;
  }

  /** navigator.credentials.create(). */
  create(options: object, tricks: Tricks = {}): RegistrationResponse {
    const { challenge } = options as { challenge: string };
    const { x, y } = this.#publicKey.export({ format: 'jwk' });
    const coseKey = cbor(
      new Map<number, number | Buffer>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x!, 'base64url')],
        [-3, Buffer.from(y!, 'base64url')],
      ]),
    );
    const length = Buffer.from([this.id.length >> 8, this.id.length & 0xff]);
    const credential = Buffer.concat([Buffer.alloc(16), length, this.id, coseKey]);
    const authData = Buffer.concat([this.#data(tricks, attested), credential]);
    const attestation = new Map<string, string | Buffer | Map<string, string>>([
      ['fmt', tricks.format ?? 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]);
    const clientDataJSON = this.#clientData(challenge, { type: 'webauthn.create', ...tricks }).toString('base64url');
    const response = { clientDataJSON, attestationObject: cbor(attestation).toString('base64url') };
    return { ...this.#named(), response };
  }

  /** navigator.credentials.get(). */
  get(options: object, tricks: Tricks = {}): AssertionResponse {
    const { challenge } = options as { challenge: string };
    this.#counter = tricks.counter ?? this.#counter + 1;
    const data = this.#data(tricks);
    const client = this.#clientData(challenge, { type: 'webauthn.get', ...tricks });
    const signed = Buffer.concat([data, sha256(client)]);
    return {
      ...this.#named(),
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, this.#key).toString('base64url'),
      },
    };
  }

  #named() {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} };
  }

  #data({ rpId = new URL(this.#origin).hostname, unverified = false }: Tricks, more = 0): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter);
    const flags = userPresent | (unverified ? 0 : userVerified) | more;
    return Buffer.concat([sha256(Buffer.from(rpId)), Buffer.from([flags]), counter]);
  }

  #clientData(challenge: string, { type, origin = this.#origin }: Tricks): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** RFC 8949, as far as attestations need it: small integers, byte strings, text and maps. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  const pairs = [...(value as Map<unknown, unknown>)];
  return Buffer.concat([head(5, pairs.length), ...pairs.flatMap((pair) => pair.map(cbor))]);
}

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}
