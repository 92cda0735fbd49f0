import {
  type application,
  applicationAnswer,
  batchAnswer,
  type Card,
  cardAnswer,
  cardChallenge,
  cardCheckText,
  mostOfBatch,
  type Operation,
  type Person,
  type RegistryInfo,
  type RelationAnswer,
  registryInfo,
  relationAnswer,
  type TicketAnswer,
  ticketAnswer,
} from '@symbolon/consent';
import { base64url, fromBase64url } from '@symbolon/crypto';
import type { z } from 'zod';
import type { Line } from './line.ts';
import { type LoginAt, type Professional, proveCard } from './login.ts';

/** What is asked of a module. Nothing that it answers says whether a person is known to the registry. */
export class ModuleClient {
  readonly line: Line;
  readonly #installation: string;

  constructor(line: Line, installation: string) {
    this.line = line;
    this.#installation = installation;
  }

  /** About the registry. */
  info(): Promise<RegistryInfo> {
    return this.line.ask('GET', '/v1/registry', { answer: registryInfo });
  }

  /** Applies as a physician: administrators of the module decide. */
  apply(at: LoginAt, professional: Professional, name: string): Promise<z.output<typeof applicationAnswer>> {
    return proveCard(this.line, at, professional, (login) => ({
      path: '/v1/physicians',
      answer: applicationAnswer,
      body: { login, name } satisfies Partial<z.input<typeof application>>,
    }));
  }

  /** The physician's relation to a person. */
  relation(person: Person): Promise<RelationAnswer> {
    return this.line.ask('POST', '/v1/relations', { body: { person }, answer: relationAnswer });
  }

  /** Relations to many persons, in their order. */
  async relations(persons: readonly Person[]): Promise<string[]> {
    const found: string[] = [];
    for (let start = 0; start < persons.length; start += mostOfBatch) {
      const body = { persons: persons.slice(start, start + mostOfBatch) };
      const { relations } = await this.line.ask('POST', '/v1/relations/batch', { body, answer: batchAnswer });
      found.push(...relations);
    }
    return found;
  }

  /** Shows the module that the patient's card is this person's, for one operation. */
  async showCard(
    { relation, operation, server }: { relation: string; operation: Operation; server: string },
    card: Card & { readonly chain: readonly Uint8Array[] },
  ): Promise<z.output<typeof cardAnswer>> {
    const path = `/v1/relations/${relation}`;
    const { challenge, nonce } = await this.line.ask('POST', `${path}/challenges`, {
      body: { operation },
      answer: cardChallenge,
    });
    const text = cardCheckText({
      registry: { server, module: this.line.who },
      installation: this.#installation,
      relation: fromBase64url(relation),
      operation,
      nonce: fromBase64url(nonce),
    });
    const body = { challenge, chain: card.chain.map(base64url), signature: base64url(await card.sign(text)) };
    return this.line.ask('POST', `${path}/cards`, { body, answer: cardAnswer });
  }

  /** A ticket for the centre. */
  ticket(relation: string, operation: Operation): Promise<TicketAnswer> {
    return this.line.ask('POST', `/v1/relations/${relation}/tickets`, { body: { operation }, answer: ticketAnswer });
  }
}
