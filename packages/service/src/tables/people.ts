import type { Generated } from 'kysely';

/** Users of a server, and what they asked. Every server has them. */
export interface PeopleTables {
  /**
   * Users of this server. `password` is the hash that argon2id made; null where there is none. Who comes from an identity provider is known by
   * `issuer` and `subject`. No account is ever deleted: the log names them.
   */
  account: {
    id: string;
    name: string;
    password: string | null;
    issuer: string | null;
    subject: string | null;
    disabled: 0 | 1;
    created_at: string;
  };
  account_role: { account: string; role: string };
  /** Codes with which a user sets a password, once. Of secrets that prove who shows them, only hashes are kept. */
  setup_code: { hash: string; account: string; expires_at: string };
  /** Who is logged in; `id` is the hash of the session's token. */
  account_session: {
    id: string;
    account: string;
    /** How the token travels. */
    kind: 'cookie' | 'token';
    /** How the user logged in. */
    method: 'password' | 'passkey' | 'oidc';
    created_at: string;
    used_at: string;
  };
  /** Browsers and folders from which users have logged in before: guesses from elsewhere do not lock these out. */
  account_device: { hash: string; account: string; used_at: string };
  /** `id` is the credential id; `public_key` a COSE key; `counter` what the authenticator said last. */
  passkey: {
    id: string;
    account: string;
    name: string;
    public_key: Uint8Array;
    counter: number;
    created_at: string;
    used_at: string | null;
  };
  /**
   * Requests that came with an idempotency key. `request` is a keyed hash of what was asked: see `RequestKey`. `made` (JSON) is written in the transaction of the change
   * that was asked for, and names what it made; `answer` (JSON) when it is known.
   */
  answered_request: {
    caller: string;
    key: string;
    request: string;
    made: Generated<string | null>;
    answer: string | null;
    begun_at: string;
  };
}
