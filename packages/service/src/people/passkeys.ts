import type * as WebAuthn from '@simplewebauthn/server';
import { fault, fromBase64url, hashLabelled, SymbolonError, utf8 } from '@symbolon/crypto';
import { isDuplicate } from '../database.ts';
import type { Also } from '../idempotency.ts';
import type { DatabaseSchema } from '../schema.ts';
import { requireAccount } from './accounts.ts';
import type { Entered, Entrance } from './logins.ts';
import type { AssertionResponse, RegistrationResponse } from './passkey-shapes.ts';
import type { Session } from './sessions.ts';
import type { WayIn } from './way-in.ts';

/** A passkey as its user sees it. */
export interface Passkey {
  /** Credential id, base64url. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
}

/** EdDSA, ES256, RS256 (IANA COSE). */
const algorithms = [-8, -7, -257];
/** A session that was opened longer ago may not add a passkey: who took over a forgotten browser could stay for good. */
const freshMinutes = 15;
const mostPasskeys = 20;
const loginPurpose = 'passkey login';

/**
 * Logging in with a passkey (W3C Web Authentication, level 3): a key pair of an authenticator that asks for a finger or a PIN, bound to this
 * server's address. The server keeps public keys. Attestation is not asked for, and not accepted: verifying it would mean to fetch what
 * the caller's certificates point to.
 */
export class Passkeys {
  readonly #with: WayIn;
  readonly #name: string;
  readonly #origin: string | undefined;

  /** @param params.name of the organisation; `origin` is where browsers find the server, without which there are no passkeys */
  constructor(
    common: WayIn,
    params: {
      name: string;
      origin: string | undefined;
    },
  ) {
    this.#with = common;
    this.#name = params.name;
    this.#origin = params.origin;
  }

  /** Whether there can be any here. */
  get possible(): boolean {
    return this.#origin !== undefined;
  }

  /** What the browser needs to make a passkey: PublicKeyCredentialCreationOptionsJSON. */
  async registrationOptions(account: string, session: Session): Promise<object> {
    this.#requireFresh(session);
    const { name } = await requireAccount(this.#with.database, account);
    const present = await this.list(account);
    const { generateRegistrationOptions } = await webAuthn();
    return generateRegistrationOptions({
      rpName: this.#name,
      rpID: this.#relyingParty().id,
      userName: account,
      userDisplayName: name,
      // Passkeys of one user replace each other on an authenticator by this handle; it must say nothing about the person.
      userID: bytesOf(hashLabelled('symbolon passkey user', utf8(account))),
      challenge: bytesOf(this.#with.challenges.make(registrationPurpose(session))),
      attestationType: 'none',
      excludeCredentials: present.map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: algorithms,
    });
  }

  /** Keeps the passkey that a browser made. Throws `request-invalid` for what is none, or answers no challenge of this session. */
  async register(
    account: string,
    session: Session,
    name: string,
    response: RegistrationResponse,
    also?: Also<string>,
  ): Promise<Passkey> {
    this.#requireFresh(session);
    const purpose = registrationPurpose(session);
    const challenge = challengeIn(response.response.clientDataJSON);
    const credential = await this.#verifyRegistration(response, purpose);
    if (!this.#with.challenges.spend(challenge)) throw refused('its challenge was answered before');
    const created_at = this.#with.now().toISOString();
    const { id, publicKey, counter } = credential;
    const row = { id, account, name, public_key: publicKey, counter, created_at, used_at: null };
    try {
      await this.#with.log.append({ kind: 'passkey-added', user: account, by: account }, async (transaction) => {
        const present = await transaction.selectFrom('passkey').select('id').where('account', '=', account).execute();
        if (present.length >= mostPasskeys) throw fault('conflict', `you have ${mostPasskeys} passkeys; remove one`);
        await transaction.insertInto('passkey').values(row).execute();
        await also?.(transaction, id);
      });
    } catch (error) {
      if (isDuplicate(error)) throw fault('conflict', 'this passkey is registered already');
      throw error;
    }
    return shown(row);
  }

  /** What the browser needs to ask for a passkey: PublicKeyCredentialRequestOptionsJSON. The same for everybody: it names no user. */
  async loginOptions(): Promise<object> {
    const { generateAuthenticationOptions } = await webAuthn();
    return generateAuthenticationOptions({
      rpID: this.#relyingParty().id,
      challenge: bytesOf(this.#with.challenges.make(loginPurpose)),
      userVerification: 'required',
    });
  }

  /** Logs in whoever a passkey belongs to. Throws `unauthenticated`, or `too-many-requests` while one has to wait. */
  async logIn(response: AssertionResponse, entrance: Entrance): Promise<Entered> {
    const row = await this.#with.database
      .selectFrom('passkey')
      .selectAll()
      .where('id', '=', response.id)
      .executeTakeFirst();
    // Who knows the id of a passkey has it or is its user's browser, and is not concerned by what others fail at.
    const device = row && `passkey ${row.id}`;
    const attempt = { method: 'passkey', user: row?.account, device, address: entrance.address } as const;
    return this.#with.logins.attempt(attempt, async () => {
      if (row === undefined) throw refused('nobody here has it', 'unauthenticated');
      const counter = await this.#verifyAssertion(response, row);
      if (!this.#with.challenges.spend(challengeIn(response.response.clientDataJSON))) {
        throw refused('its challenge was answered before', 'unauthenticated');
      }
      return this.#with.logins.enter(row.account, 'passkey', entrance, async (transaction) => {
        const present = await transaction
          .selectFrom('passkey')
          .select('counter')
          .where('id', '=', row.id)
          .executeTakeFirst();
        if (present === undefined) throw refused('nobody here has it', 'unauthenticated');
        // §6.1.1: one that counts always counts up; two with one number are a copy and its original.
        if ((counter > 0 || present.counter > 0) && counter <= present.counter) {
          throw refused('its counter did not go up: there may be a copy of it', 'unauthenticated');
        }
        await transaction
          .updateTable('passkey')
          .set({ counter, used_at: this.#with.now().toISOString() })
          .where('id', '=', row.id)
          .execute();
      });
    });
  }

  /** The passkeys of a user, oldest first. */
  async list(account: string): Promise<Passkey[]> {
    const rows = await this.#with.database
      .selectFrom('passkey')
      .selectAll()
      .where('account', '=', account)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(shown);
  }

  /** Throws `not-found` if that user has no such passkey. */
  async get(account: string, id: string): Promise<Passkey> {
    const passkey = (await this.list(account)).find((each) => each.id === id);
    if (passkey === undefined) throw noSuchPasskey();
    return passkey;
  }

  /** Removes a passkey of a user. Throws `not-found` if that user has no such passkey. */
  async remove(account: string, id: string): Promise<void> {
    await this.#with.log.append({ kind: 'passkey-removed', user: account, by: account }, async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('passkey')
        .where('id', '=', id)
        .where('account', '=', account)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw noSuchPasskey();
    });
  }

  async #verifyRegistration(response: RegistrationResponse, purpose: string) {
    const { verifyRegistrationResponse } = await webAuthn();
    const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers');
    const verified = await checked('request-invalid', async (): Promise<WebAuthn.VerifiedRegistrationResponse> => {
      const attestation = decodeAttestationObject(bytesOf(fromBase64url(response.response.attestationObject)));
      if (attestation.get('fmt') !== 'none') throw new Error('an attestation nobody asked for');
      return verifyRegistrationResponse({
        response: response as WebAuthn.RegistrationResponseJSON,
        expectedChallenge: (challenge) => this.#with.challenges.holds(purpose, fromBase64url(challenge)),
        expectedOrigin: this.#relyingParty().origin,
        expectedRPID: this.#relyingParty().id,
        supportedAlgorithmIDs: algorithms,
      });
    });
    if (!verified.verified) throw refused('it was not made for this server');
    return verified.registrationInfo.credential;
  }

  /** Returns what the authenticator's counter says. */
  async #verifyAssertion(response: AssertionResponse, row: DatabaseSchema['passkey']): Promise<number> {
    const { verifyAuthenticationResponse } = await webAuthn();
    const { verified, authenticationInfo } = await checked('unauthenticated', () =>
      verifyAuthenticationResponse({
        response: response as WebAuthn.AuthenticationResponseJSON,
        expectedChallenge: (challenge) => this.#with.challenges.holds(loginPurpose, fromBase64url(challenge)),
        expectedOrigin: this.#relyingParty().origin,
        expectedRPID: this.#relyingParty().id,
        credential: { id: row.id, publicKey: bytesOf(row.public_key), counter: row.counter },
      }),
    );
    if (!verified) throw refused('its signature is wrong', 'unauthenticated');
    return authenticationInfo.newCounter;
  }

  #relyingParty(): { id: string; origin: string } {
    const origin = this.#origin;
    if (origin !== undefined) return { id: new URL(origin).hostname, origin };
    throw fault('conflict', 'this server has no passkeys: it does not know under which address browsers find it', {
      hint: 'Whoever runs the server sets `origin` in the `accounts` settings of symbolon.json.',
    });
  }

  #requireFresh({ createdAt }: Session): void {
    if (this.#with.now().getTime() < Date.parse(createdAt) + freshMinutes * 60_000) return;
    throw fault('unauthenticated', `you logged in more than ${freshMinutes} minutes ago`, {
      hint: 'Log in again, then add the passkey.',
    });
  }
}

/** The library is large: commands that only import this package need not wait for it. */
function webAuthn(): Promise<typeof WebAuthn> {
  return import('@simplewebauthn/server');
}

function shown({ id, name, created_at, used_at }: DatabaseSchema['passkey']): Passkey {
  return { id, name, createdAt: created_at, usedAt: used_at };
}

function registrationPurpose({ id }: Session): string {
  return `passkey registration ${id}`;
}

/** The challenge that an answer says it answers. Verified by then, or verified afterwards. */
function challengeIn(clientData: string): Uint8Array {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientData, 'base64url').toString()) as { challenge: unknown };
    return fromBase64url(String(challenge));
  } catch (cause) {
    throw fault('request-invalid', 'the answer of the passkey is malformed', { culprit: 'response', cause });
  }
}

/** Whatever the verifier finds wrong with bytes of the caller is the caller's fault; its words stay here. */
async function checked<T>(code: 'request-invalid' | 'unauthenticated', verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (cause) {
    if (cause instanceof SymbolonError && cause.code === 'conflict') throw cause;
    throw fault(code, 'the passkey was refused: its answer does not fit what was asked', {
      culprit: 'response',
      cause,
    });
  }
}

function refused(why: string, code: 'request-invalid' | 'unauthenticated' = 'request-invalid'): SymbolonError {
  return fault(code, `the passkey was refused: ${why}`, { culprit: 'response', hint: 'Begin again.' });
}

/** Bytes in an array of their own, as WebCrypto takes them. */
function noSuchPasskey(): SymbolonError {
  return fault('not-found', 'you have no such passkey', { culprit: 'passkey' });
}

function bytesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
