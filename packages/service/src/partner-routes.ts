import { type Card, organisationRoles, parseCard } from '@symbolon/agreement';
import { fingerprint, fromBase64url } from '@symbolon/crypto';
import { z } from 'zod';
import { type ApiRoute, answer } from './api-route.ts';
import { contract, page, pageOf, pageQuery } from './contract.ts';
import type { Home } from './home.ts';

const partnerSummary = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: z.enum(organisationRoles),
    address: z.string(),
    fingerprint: z.string().describe('Of the organisation key; people compare it by telephone.'),
  })
  .meta({ id: 'Partner' });

/** A partner in a few words, for people to compare. */
export type PartnerSummary = Readonly<z.output<typeof partnerSummary>>;

/** What {@link PartnerSummary} says of a card. */
export function summaryOf({ id, name, role, address, organisationKey }: Card): PartnerSummary {
  return { id, name, role, address, fingerprint: fingerprint(fromBase64url(organisationKey)) };
}

export const listPartners = contract({
  name: 'listPartners',
  summary: 'The organisations that this one knows, by id',
  action: 'partner.list',
  method: 'GET',
  path: '/v1/partners',
  query: pageQuery,
  answer: pageOf(partnerSummary),
});

const card = z.strictObject({ card: z.string().min(1).max(32_768).describe('The text of the card file') });

export const readPartnerCard = contract({
  name: 'readPartnerCard',
  summary: 'Verifies the card of another organisation and says what it says, for people to compare; keeps nothing',
  action: 'partner.add',
  method: 'POST',
  path: '/v1/partners/cards',
  body: card,
  answer: partnerSummary,
  asksOnly: true,
  errors: ['bad-document', 'bad-signature'],
});

export const addPartner = contract({
  name: 'addPartner',
  summary: 'Takes the card of another organisation, whose fingerprint people have compared',
  action: 'partner.add',
  method: 'POST',
  path: '/v1/partners',
  body: card,
  answer: partnerSummary,
  repeatable: true,
  errors: ['bad-document', 'bad-signature', 'conflict'],
});

/** Contracts of {@link partnerRoutes}. */
export const partnerContracts = [listPartners, readPartnerCard, addPartner];

/** Lists and adds the partners of a running server. */
export function partnerRoutes({ partners }: Home): ApiRoute[] {
  return [
    answer(listPartners, async ({ query }) => page(partners.list().map(summaryOf), query, ({ id }) => id)),
    answer(readPartnerCard, async ({ body }) => summaryOf(parseCard(body.card))),
    answer(addPartner, async ({ body }) => summaryOf(partners.add(body.card))),
  ];
}
