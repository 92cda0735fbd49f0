import { type Card, verifyAgreement } from '@symbolon/agreement';
import { base64url, documentBytes, fault, fromBase64url, parseDocument, SymbolonError } from '@symbolon/crypto';
import { type Client, peerClient, type Route, route } from '@symbolon/service';
import { z } from 'zod';
import { Agreements } from '../agreements/agreements.ts';
import type { StoredAgreement } from '../agreements/store.ts';
import type { PartyContext } from '../context.ts';

/*
 * How a party that nobody can reach (a laptop behind NAT) learns what others have signed and said: it asks them. Everything that comes is held to the same
 * rules as what is sent to a server.
 */

const listPath = '/v1/agreements';
const maxListed = 1000;

const listed = z.strictObject({
  agreements: z
    .array(z.strictObject({ hash: z.string().max(43), signedBy: z.array(z.string().max(31)).max(5), notices: z.int() }))
    .max(maxListed),
});
const whole = z.strictObject({
  document: z.base64url().min(1).max(262_144),
  notices: z.array(z.base64url().min(1).max(8192)).max(5000),
});

/** What a party of agreements may fetch of them. Runs at: whoever can be reached. */
export function fetchRoutes(context: PartyContext, count: (caller: Card) => void): Route<Card>[] {
  const peer = route<Card>();
  const forCaller = async (caller: Card): Promise<StoredAgreement[]> =>
    (await context.agreements.list()).filter(
      ({ agreement, signedBy }) => signedBy.length > 0 && agreement.parties.some(({ id }) => id === caller.id),
    );
  return [
    peer({
      method: 'GET',
      path: listPath,
      handle: async ({ caller }) => {
        count(caller);
        const all = (await forCaller(caller)).slice(-maxListed);
        return {
          agreements: all.map(({ hash, signedBy, notices }) => ({
            hash,
            signedBy: [...signedBy],
            notices: notices.length,
          })),
        } satisfies z.output<typeof listed>;
      },
    }),
    peer({
      method: 'GET',
      path: `${listPath}/:hash`,
      params: z.strictObject({ hash: z.string().length(43) }),
      handle: async ({ caller, params: { hash } }) => {
        count(caller);
        const stored = (await forCaller(caller)).find((one) => one.hash === hash);
        if (stored === undefined) throw fault('not-found', 'there is no such agreement here for you');
        const notices = await noticeDocuments(context, hash);
        await told(context, hash, caller.id);
        return {
          document: base64url(documentBytes(stored.document)),
          notices: notices.map((bytes) => base64url(bytes)),
        } satisfies z.output<typeof whole>;
      },
    }),
  ];
}

async function noticeDocuments({ database }: PartyContext, hash: string): Promise<Uint8Array[]> {
  const rows = await database
    .selectFrom('agreement_notice')
    .select('document')
    .where('agreement', '=', hash)
    .orderBy('party')
    .orderBy('sequence')
    .execute();
  return rows.map(({ document }) => document);
}

/** Notices that were waiting for a partner have been fetched by it. */
async function told({ database, now }: PartyContext, hash: string, partner: string): Promise<void> {
  await database
    .updateTable('notice_delivery')
    .set({ delivered_at: now().toISOString(), error: null })
    .where('agreement', '=', hash)
    .where('partner', '=', partner)
    .where('delivered_at', 'is', null)
    .execute();
}

/**
 * Asks all partners for agreements and notices that are not known here. Runs at: whoever cannot be reached. Learns: nothing that would not be sent to it.
 * @returns hashes of the agreements about which something is new
 */
export async function fetchNews(context: PartyContext): Promise<string[]> {
  const { home, logger } = context;
  const news = new Set<string>();
  const reachable = home.partners.list().filter(({ role, outbound }) => role === 'party' && outbound !== true);
  for (const partner of reachable) {
    const client = peerClient({ home, partner });
    try {
      for (const hash of await fetchFrom(context, client, partner.id)) news.add(hash);
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      logger.warn({ peer: partner.id, code: error.code }, 'a partner could not be asked for what is new');
    } finally {
      await client.close();
    }
  }
  return [...news];
}

async function fetchFrom(context: PartyContext, client: Client, partner: string): Promise<string[]> {
  const agreements = new Agreements(context);
  const { agreements: theirs } = await client.call('GET', listPath, { answer: listed });
  const news: string[] = [];
  for (const { hash, signedBy, notices } of theirs) {
    const own = await context.agreements.find(hash);
    const hasNew = own === undefined || signedBy.some((id) => !own.signedBy.includes(id));
    if (!hasNew && notices <= own.notices.length) continue;
    const found = await client.call('GET', `${listPath}/${hash}`, { answer: whole });
    const document = fromBase64url(found.document);
    if (verifyAgreement(parseDocument(document)).hash !== hash) {
      throw fault('hash-mismatch', `${partner} sent another agreement than it listed`, { culprit: partner });
    }
    await agreements.receive(document, partner);
    for (const notice of found.notices) await agreements.heard(fromBase64url(notice), partner);
    news.push(hash);
  }
  return news;
}

/** Fetches again and again, for a server that cannot be reached. */
export class Fetcher {
  readonly #context: PartyContext;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  start(): void {
    if (this.#closed || this.#context.home.card.outbound !== true) return;
    this.#round = fetchNews(this.#context)
      .catch((error: unknown) => this.#context.logger.error({ err: error }, 'what is new could not be fetched'))
      .finally(() => {
        if (this.#closed) return;
        this.#timer = setTimeout(() => this.start(), 1000 * this.#context.settings.fetchSeconds).unref();
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#round;
  }
}
