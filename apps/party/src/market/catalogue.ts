import { type Offer, parseOfferTerms, rowBand, signOffer, verifyOffer } from '@symbolon/agreement';
import { base64url, documentBytes, fault, fromBase64url, parseDocument } from '@symbolon/crypto';
import { type Also, type Home, keepCheckpoint, peerClient } from '@symbolon/service';
import { z } from 'zod';
import type { PartyContext } from '../context.ts';
import { agreedName } from '../datasets/describe.ts';

/** Where partners read the catalogue. */
export const cataloguePath = '/v1/catalogue';

const maxOffers = 500;

/** Entries as they travel: signed documents, base64url. */
export const catalogueAnswer = z.strictObject({ offers: z.array(z.base64url().min(1).max(262_144)).max(maxOffers) });

/** The own catalogue: what of its data sets this organisation offers, for which use and price. */
export class Catalogue {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /**
   * Signs an entry and shows it to all partners from now on, in the place of the one before. Of the data set it takes the power of ten of its rows
   * and nothing else; that columns are there, and of their type, is checked.
   * @param person who publishes it
   * @throws SymbolonError `not-found`, `agreement-invalid` naming the column
   */
  async publish(wanted: unknown, person: string, also?: Also<string>): Promise<Offer> {
    const { home, log, datasets, now } = this.#context;
    const terms = parseOfferTerms(wanted);
    const { rows, columns } = await datasets.show(terms.name);
    for (const [name, column] of Object.entries(terms.columns)) {
      const found = columns.find((one) => agreedName(one.name) === name);
      if (found === undefined) {
        throw fault('agreement-invalid', `the data set ${terms.name} has no column ${name}`, { culprit: name });
      }
      if (column.type === found.type || column.type === 'text') continue;
      throw fault('agreement-invalid', `${name} of ${terms.name} is ${found.type}, not ${column.type}`, {
        culprit: name,
      });
    }
    const published = `${now().toISOString().slice(0, 19)}Z`;
    const entry = { by: home.card.id, rows: rowBand(rows), published };
    const document = documentBytes(signOffer(terms, entry, home.signingKey));
    const offer = verifyOffer(parseDocument(document), home.card);
    await log.append({ kind: 'offer-published', name: offer.name, person }, async (transaction) => {
      const row = { document, published_at: published };
      await transaction
        .insertInto('market_offer')
        .values({ name: offer.name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
      const { count } = await transaction
        .selectFrom('market_offer')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      if (count > maxOffers) throw fault('conflict', `there are ${maxOffers} entries in the catalogue already`);
      await also?.(transaction, offer.name);
    });
    await keepCheckpoint(this.#context);
    return offer;
  }

  /** Takes an entry out; licences that were given stay. Throws `not-found`. */
  async withdraw(name: string, person: string): Promise<void> {
    await this.show(name);
    await this.#context.log.append({ kind: 'offer-withdrawn', name, person }, async (transaction) => {
      await transaction.deleteFrom('market_offer').where('name', '=', name).execute();
    });
    await keepCheckpoint(this.#context);
  }

  async list(): Promise<Offer[]> {
    return (await this.documents()).map((bytes) => verifyOffer(parseDocument(bytes), this.#context.home.card));
  }

  /** Throws `not-found`. */
  async show(name: string): Promise<Offer> {
    const offer = (await this.list()).find((one) => one.name === name);
    if (offer !== undefined) return offer;
    throw fault('not-found', `there is no entry '${name}' in the catalogue`, { culprit: name });
  }

  /** The signed documents, by name. */
  async documents(): Promise<Uint8Array[]> {
    const rows = await this.#context.database.selectFrom('market_offer').selectAll().orderBy('name').execute();
    return rows.map(({ document }) => document);
  }
}

/** The catalogue of a partner, as its server shows it now; every entry is verified. Throws `bad-signature`, `peer-silent`, … */
export async function browse(home: Home, partner: string): Promise<Offer[]> {
  const card = home.partners.get(partner);
  const client = peerClient({ home, partner: card });
  try {
    const { offers } = await client.call('GET', cataloguePath, { answer: catalogueAnswer });
    return offers.map((offer) => verifyOffer(parseDocument(fromBase64url(offer)), card));
  } finally {
    await client.close();
  }
}

/** {@link catalogueAnswer} of the own catalogue. */
export async function shownCatalogue(context: PartyContext): Promise<z.output<typeof catalogueAnswer>> {
  return { offers: (await new Catalogue(context).documents()).map(base64url) };
}
