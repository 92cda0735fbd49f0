import type { IncomingHttpHeaders } from 'node:http';
import {
  type CardKey,
  cardSigned,
  certifiedKey,
  exporterLabel,
  type LoginDone,
  type LoginProof,
  loginText,
  type Registry,
  thumbprint,
} from '@symbolon/consent';
import { base64url, fault, fromBase64url, hashLabelled, type Rng, utf8 } from '@symbolon/crypto';
import { type Asked, type Database, prepared, type ServerLog } from '@symbolon/service';
import type { Authorities } from './authorities.ts';
import type { Physicians } from './physicians.ts';

const minute = 60_000;
const proofMilliseconds = 2 * minute;
const idleMilliseconds = 15 * minute;
const longestMilliseconds = 8 * 60 * minute;
/** How exactly the last use is kept: a write for each request would cost more than it tells. */
const touchMilliseconds = minute;
const mostKeys = 10_000;

/** The connection that a proof came through. */
export type ProofConnection = Asked<unknown, unknown, unknown>['connection'];

/** A health professional's card that was there, and what its certificate is. */
export interface Proven {
  readonly module: string;
  readonly installation: string;
  readonly thumbprint: string;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** A physician who is logged in, at an installation of the client, for the registry of one module. */
export interface LoggedIn {
  readonly module: string;
  readonly physician: string;
  readonly installation: string;
  /** Thumbprint of the certificate of the health professional's card. */
  readonly certificate: string;
  /** What the card signs with. */
  readonly key: CardKey;
}

/**
 * Logins of physicians, by the health professional's card, alike at module and centre: see `wire/login.ts` of packages/consent. A session holds for the
 * installation that it was opened from, and only as long as the physician is vetted. Of tokens, hashes are kept.
 */
export class Logins {
  readonly #needs: Needs;
  /** Of certificates, by thumbprint. */
  readonly #keys = new Map<string, CardKey>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Begins a login; other installations can do nothing with it. Throws `forbidden` for a module that has no registry here. */
  async begin(module: string, installation: string): Promise<{ login: string; nonce: string }> {
    const { database, rng } = this.#needs;
    this.#needs.registryOf(module);
    const [id, nonce] = [base64url(rng(16)), rng(32)];
    await database.deleteFrom('physician_login').where('begun_at', '<=', this.#before(proofMilliseconds)).execute();
    const row = { id, module, installation, nonce, begun_at: this.#before(0) };
    await database.insertInto('physician_login').values(row).execute();
    return { login: id, nonce: base64url(nonce) };
  }

  /**
   * Holds that a trusted card signs for this login, installation and connection. Each login is good for one proof, whatever comes of it. Throws
   * `login-refused`, `untrusted-certificate`, `bad-certificate`, `card-key`.
   */
  async prove(
    login: string,
    installation: string,
    { chain, signature }: LoginProof,
    connection: ProofConnection,
  ): Promise<Proven> {
    const { database, authorities, registryOf, at } = this.#needs;
    const row = await database
      .deleteFrom('physician_login')
      .where('id', '=', login)
      .where('installation', '=', installation)
      .where('begun_at', '>', this.#before(proofMilliseconds))
      .returning(['module', 'nonce'])
      .executeTakeFirst();
    if (row === undefined) throw refused('no such login is open for this installation', 'Begin another one.');
    const certificates = chain.map(fromBase64url);
    const { status, reasons } = authorities.check(certificates, 'sign');
    if (status !== 'good') throw refused(`the health professional's card is ${status}: ${reasons.join('; ')}`);
    const exporter = connection.exporter(exporterLabel, 32);
    const text = loginText({ at, registry: registryOf(row.module), installation, nonce: row.nonce, exporter });
    const [certificate] = certificates;
    if (!cardSigned(certifiedKey(certificate!), text, fromBase64url(signature))) {
      throw refused('the signature is not of this card, for this login and connection');
    }
    return { module: row.module, installation, thumbprint: thumbprint(certificate!), certificate: certificate! };
  }

  /** Opens a session for a card that was there. Throws `physician-refused`. */
  async open({ module, installation, thumbprint: print, certificate }: Proven): Promise<LoginDone> {
    const { log, physicians, rng, now } = this.#needs;
    const token = base64url(rng(32));
    const opened_at = now().toISOString();
    const known = await physicians.byCertificate(module, print);
    const event = { kind: 'physician-logged-in', module, physician: known?.id ?? null, installation, at: opened_at };
    let physician = '';
    await log.append(event, async (transaction) => {
      const found = await physicians.byCertificate(module, print, transaction);
      if (found === undefined) throw notVetted('this health professional is not known here');
      if (found.state !== 'vetted') throw notVetted(`this physician is ${found.state}`);
      physician = found.id;
      await transaction
        .deleteFrom('physician_session')
        .where('opened_at', '<=', this.#before(longestMilliseconds))
        .execute();
      await transaction
        .insertInto('physician_session')
        .values({
          ...{ id: tokenHash(token), module, physician, installation, thumbprint: print, certificate },
          ...{ opened_at, used_at: opened_at },
        })
        .execute();
    });
    return { token, physician, expires: Date.parse(opened_at) + longestMilliseconds };
  }

  /** Who asks. Throws `unauthenticated`: alike for no token, one that has ended, and one of another installation. */
  async authenticate({ authorization }: IncomingHttpHeaders, installation: string): Promise<LoggedIn> {
    const { database, now } = this.#needs;
    const token = /^Bearer ([\w-]{43})$/i.exec(authorization ?? '')?.[1];
    const [opened, used] = [this.#before(longestMilliseconds), this.#before(idleMilliseconds)];
    const id = tokenHash(token ?? '');
    const {
      rows: [row],
    } = await openSession(database, { id, installation, opened, used });
    if (row === undefined) {
      throw fault('unauthenticated', 'no physician is logged in here', {
        culprit: installation,
        hint: "Log in with the health professional's card.",
      });
    }
    if (row.used_at <= this.#before(touchMilliseconds)) {
      const used_at = now().toISOString();
      await database.updateTable('physician_session').set({ used_at }).where('id', '=', row.id).execute();
    }
    const { module, physician, thumbprint: certificate } = row;
    return { module, physician, installation, certificate, key: this.#key(certificate, row.certificate) };
  }

  /** Logs out; nothing happens where nobody is logged in. */
  async close({ authorization }: IncomingHttpHeaders, installation: string): Promise<void> {
    const token = /^Bearer ([\w-]{43})$/i.exec(authorization ?? '')?.[1];
    await this.#needs.database
      .deleteFrom('physician_session')
      .where('id', '=', tokenHash(token ?? ''))
      .where('installation', '=', installation)
      .execute();
  }

  /** Reading a certificate costs more than all else of a request. */
  #key(thumbprint: string, certificate: Uint8Array): CardKey {
    const known = this.#keys.get(thumbprint);
    if (known !== undefined) return known;
    const key = certifiedKey(certificate);
    if (this.#keys.size >= mostKeys) this.#keys.clear();
    this.#keys.set(thumbprint, key);
    return key;
  }

  #before(milliseconds: number): string {
    return new Date(this.#needs.now().getTime() - milliseconds).toISOString();
  }
}

const openSession = prepared((database, of: { id: string; installation: string; opened: string; used: string }) =>
  database
    .selectFrom('physician_session')
    .selectAll()
    .where('id', '=', of.id)
    .where('installation', '=', of.installation)
    .where('opened_at', '>', of.opened)
    .where('used_at', '>', of.used),
);

interface Needs {
  readonly database: Database;
  readonly log: Pick<ServerLog, 'append'>;
  readonly physicians: Physicians;
  /** Of health professionals' cards. */
  readonly authorities: Authorities;
  /** Id of this server. */
  readonly at: string;
  /** The registry of a module. Throws `forbidden` where there is none here. */
  readonly registryOf: (module: string) => Registry;
  readonly rng: Rng;
  readonly now: () => Date;
}

// It has 256 random bits: its hash needs neither salt nor time.
function tokenHash(token: string): string {
  return base64url(hashLabelled('symbolon physician token', utf8(token)));
}

const refused = (why: string, hint?: string) => fault('login-refused', why, { culprit: 'card', hint });
const notVetted = (why: string) => fault('physician-refused', why, { culprit: 'physician' });
