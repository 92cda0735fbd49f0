import type { Card } from '@symbolon/agreement';
import { fingerprint, fromBase64url } from '@symbolon/crypto';
import { z } from 'zod';
import type { Home } from './home.ts';
import { type Route, route } from './route.ts';

/** A partner in a few words, for people to compare. */
export interface PartnerSummary {
  readonly id: string;
  readonly name: string;
  readonly role: Card['role'];
  readonly address: string;
  /** Of the organisation key; compared by telephone. */
  readonly fingerprint: string;
}

/** What {@link PartnerSummary} says of a card. */
export function summaryOf({ id, name, role, address, organisationKey }: Card): PartnerSummary {
  return { id, name, role, address, fingerprint: fingerprint(fromBase64url(organisationKey)) };
}

/** Routes by which the owner of a running server lists and adds partners. */
export function partnerRoutes(home: Home): Route<'owner'>[] {
  const local = route<'owner'>();
  return [
    local({ method: 'GET', path: '/v1/partners', handle: async () => home.partners.list().map(summaryOf) }),
    local({
      method: 'POST',
      path: '/v1/partners',
      body: z.strictObject({ card: z.string().max(32_768) }),
      handle: async ({ body }) => summaryOf(home.partners.add(body.card)),
    }),
  ];
}
