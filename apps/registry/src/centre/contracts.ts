import { contract, nothing, pageOf, pageQuery, witnessState } from '@symbolon/service';
import { z } from 'zod';
import { waitingNotice } from '../common/notices.ts';

const key = z.strictObject({
  number: z.int(),
  /** X25519, base64url: modules pin it. */
  publicKey: z.string(),
  /** Until when it counts; null for the newest. */
  until: z.iso.datetime().nullable(),
});

export const getCentre = contract({
  name: 'getCentre',
  summary: 'Which central server this is, its keys, and the modules that keep records here',
  action: 'server.status',
  method: 'GET',
  path: '/v1/status',
  answer: z.strictObject({
    id: z.string(),
    role: z.literal('centre'),
    address: z.string(),
    time: z.iso.datetime(),
    logSize: z.int(),
    witnesses: z.array(witnessState),
    keys: z.array(key),
    modules: z.array(z.strictObject({ id: z.string(), patients: z.int(), enrolled: z.int() })),
    /** What modules have not taken yet. */
    notices: z.array(waitingNotice),
  }),
});

export const changeCentreKey = contract({
  name: 'changeCentreKey',
  summary: 'Makes a new key for tickets and answers; the one before counts for some days',
  action: 'centre.change-key',
  method: 'POST',
  path: '/v1/keys',
  answer: z.strictObject({ keys: z.array(key) }),
});

export const review = z.strictObject({
  session: z.string(),
  module: z.string(),
  physician: z.string(),
  institution: z.string(),
  /** As the physician signed it. */
  reason: z.string(),
  groups: z.array(z.string()),
  at: z.iso.datetime(),
  due: z.iso.datetime(),
  overdue: z.boolean(),
  finding: z.enum(['justified', 'abuse']).nullable(),
  note: z.string().nullable(),
  reviewedBy: z.string().nullable(),
  reviewedAt: z.iso.datetime().nullable(),
});
/** An access without the card, as administrators see it. */
export type Review = z.output<typeof review>;

export const listReviews = contract({
  name: 'listReviews',
  summary: 'Accesses without the card, those that wait for a review unless all are asked for',
  action: 'centre.review',
  method: 'GET',
  path: '/v1/reviews',
  query: pageQuery.extend({ all: z.enum(['true', 'false']).default('false') }),
  answer: pageOf(review),
});

export const finishReview = contract({
  name: 'finishReview',
  summary: 'Says whether an access without the card was justified',
  action: 'centre.review',
  method: 'POST',
  path: '/v1/reviews/:session',
  params: z.strictObject({ session: z.string().regex(/^[A-Za-z0-9_-]{22}$/) }),
  body: z.strictObject({ finding: z.enum(['justified', 'abuse']), note: z.string().max(2000) }),
  answer: nothing,
  errors: ['not-found', 'conflict'],
});
