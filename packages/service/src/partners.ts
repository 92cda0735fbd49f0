import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Card, parseCard } from '@symbolon/agreement';
import { certificatePem, fault, fromBase64url, isIssuedBy, keyId, type Rng } from '@symbolon/crypto';
import { privateFile, privateFolder, readHomeFile, writeDurably } from './files.ts';

const maxPartners = 1000;
const keyFields = ['organisationKey', 'recoveryKey', 'signingKey', 'logKey'] as const;

/** The organisations that this one knows: a file each, partners/<id>.json, holding the signed card as it was received. */
export class Partners {
  readonly #folder: string;
  readonly #own: Card;
  readonly #rng: Rng;
  readonly #cards = new Map<string, Card>();
  readonly #listeners = new Set<() => void>();

  /** Use {@link openHome}. Reads and verifies every card. */
  constructor(folder: string, own: Card, rng: Rng) {
    this.#folder = folder;
    this.#own = own;
    this.#rng = rng;
    mkdirSync(folder, { recursive: true, mode: privateFolder });
    for (const name of readdirSync(folder).sort()) {
      const id = /^([a-z][a-z0-9-]{0,30})\.json$/.exec(name)?.[1];
      if (id === undefined) continue;
      const path = join(folder, name);
      const card = parseCard(readHomeFile(path));
      if (card.id !== id) throw fault('config-invalid', `${path} is the card of ${card.id}`, { culprit: path });
      this.#accept(card);
      this.#cards.set(id, card);
    }
  }

  /** All partners, in the order of their ids. */
  list(): readonly Card[] {
    return [...this.#cards.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  find(id: string): Card | undefined {
    return this.#cards.get(id);
  }

  /** Throws `unknown-organisation` where {@link find} finds none. */
  get(id: string): Card {
    const card = this.#cards.get(id);
    if (card === undefined) throw fault('unknown-organisation', `no card of ${id} is known here`, { culprit: id });
    return card;
  }

  /** @param key base64url, as cards and agreements write it */
  byOrganisationKey(key: string): Card | undefined {
    return this.list().find(({ organisationKey }) => organisationKey === key);
  }

  /** The partner whose organisation key issued this TLS certificate (PEM or DER). */
  issuerOf(certificate: string | Uint8Array): Card | undefined {
    return this.list().find(({ organisationKey }) => isIssuedBy(certificate, fromBase64url(organisationKey)));
  }

  /**
   * Verifies a card (the file's text or bytes) and keeps it; when this returns, it survives power loss. People must have
   * compared its fingerprint before. A card with the same keys and a later date replaces the one that is here; other keys
   * under a known id, or a key that is known under another id, are refused (`conflict`).
   */
  add(file: string | Uint8Array): Card {
    const card = parseCard(file);
    const known = this.#cards.get(card.id);
    if (known !== undefined) this.#successor(known, card);
    else if (this.#cards.size >= maxPartners) throw fault('conflict', `there are ${maxPartners} partners already`);
    this.#accept(card);
    writeDurably(join(this.#folder, `${card.id}.json`), file, privateFile, this.#rng);
    this.#cards.set(card.id, card);
    for (const listener of this.#listeners) listener();
    return card;
  }

  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #successor(known: Card, card: Card): void {
    if (keyFields.some((field) => known[field] !== card[field])) {
      throw fault('conflict', `${card.id} is known here with other keys`, {
        culprit: card.id,
        hint: 'Someone may pose as this organisation. Compare fingerprints by telephone before you replace its card by hand.',
      });
    }
    if (card.issued < known.issued) {
      throw fault('conflict', `the card of ${card.id} is older than the one that is here`, { culprit: card.id });
    }
  }

  #accept(card: Card): void {
    for (const other of [this.#own, ...this.#cards.values()]) {
      if (other.id === card.id && other !== this.#own) continue;
      const keys = new Set(keyFields.map((field) => other[field]));
      if (other.id === card.id || keyFields.some((field) => keys.has(card[field]))) {
        throw fault('conflict', `the card of ${card.id} repeats the id or a key of ${other.id}`, { culprit: card.id });
      }
    }
    // A CA with the subject of another organisation's would send TLS the wrong way when it looks for an issuer. Every subject
    // ends with the id of its own key, so no two organisations have the same.
    const { subject } = new X509Certificate(fromBase64url(card.certificate));
    if (!subject.endsWith(`\nCN=${keyId(fromBase64url(card.organisationKey))}`)) {
      throw fault('bad-certificate', `the certificate of ${card.id} does not end its subject with the id of its key`, {
        culprit: card.id,
      });
    }
  }
}

/** The CA certificate of a card, PEM. */
export function organisationCertificate(card: Card): string {
  return certificatePem(fromBase64url(card.certificate));
}
