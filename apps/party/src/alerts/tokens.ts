import { timingSafeEqual } from 'node:crypto';
import { base64url, fault, sha256, utf8 } from '@symbolon/crypto';
import { type Also, ownerOf, type Person } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { sourceNamed } from './source-named.ts';

const knownMilliseconds = 5000;

/** The bearer tokens of sources over HTTP: one each, of which only the hash is kept. */
export class SourceTokens {
  readonly #context: Pick<PartyContext, 'database' | 'log' | 'rng' | 'now' | 'settings'>;
  /** Of tokens that were right a moment ago. */
  readonly #known = new Map<string, { readonly hash: Uint8Array; readonly until: number }>();

  constructor(context: Pick<PartyContext, 'database' | 'log' | 'rng' | 'now' | 'settings'>) {
    this.#context = context;
  }

  /** Makes a token for a source; the one before is none any more. It is given once, here. Throws `not-found`, `request-invalid`. */
  async token(source: string, person?: Person, also?: Also<null>): Promise<string> {
    this.#requireFhir(source);
    const { database, log, rng, now } = this.#context;
    const { id: by } = person ?? (await ownerOf(database));
    const token = base64url(rng(32));
    const row = { hash: base64url(hashOf(token)), created_at: now().toISOString() };
    await log.append({ kind: 'alert-token-made', source, by }, async (transaction) => {
      await transaction
        .insertInto('alert_token')
        .values({ source, ...row })
        .onConflict((conflict) => conflict.column('source').doUpdateSet(row))
        .execute();
      await also?.(transaction, null);
    });
    this.#known.delete(source);
    return token;
  }

  /** Whether a request with this header may tell events of a source. A token that was replaced elsewhere is none after a few seconds. */
  async admits(source: string, authorization: string | undefined): Promise<boolean> {
    const [, token] = /^Bearer ([A-Za-z0-9_-]{1,128})$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) return false;
    const shown = hashOf(token);
    const known = this.#known.get(source);
    if (known !== undefined && performance.now() < known.until && timingSafeEqual(shown, known.hash)) return true;
    const hash = await this.#read(source);
    if (hash === undefined || !timingSafeEqual(shown, hash)) return false;
    this.#known.set(source, { hash, until: performance.now() + knownMilliseconds });
    return true;
  }

  #requireFhir(source: string): void {
    const settings = sourceNamed(this.#context, source);
    if (settings.kind === 'fhir') return;
    throw fault('request-invalid', `the source '${source}' needs no token: only those of kind fhir do`, {
      culprit: source,
    });
  }

  async #read(source: string): Promise<Uint8Array | undefined> {
    const row = await this.#context.database
      .selectFrom('alert_token')
      .select('hash')
      .where('source', '=', source)
      .executeTakeFirst();
    return row && Buffer.from(row.hash, 'base64url');
  }
}

function hashOf(token: string): Uint8Array {
  return sha256(utf8(token));
}
