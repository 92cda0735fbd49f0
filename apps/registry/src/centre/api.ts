import { base64url } from '@symbolon/crypto';
import {
  type Api,
  type ApiRoute,
  answer,
  changeRoutes,
  createPeopleApi,
  logReadingRoutes,
  page,
  partnerRoutes,
  type RefusalCounts,
} from '@symbolon/service';
import { authorizeCentre } from './authorize.ts';
import type { Context } from './context.ts';
import { changeCentreKey, finishReview, getCentre, listReviews } from './contracts.ts';
import type { Reviews } from './reviews.ts';

/** What administrators of the centre ask, on the socket in its folder or the listener for people. @param more of records */
export function centreApi(
  context: Context,
  { reviews, refusals, more }: { reviews: Reviews; refusals: RefusalCounts; more: readonly ApiRoute[] },
): Api {
  const routes = [
    ...changeRoutes(context),
    ...partnerRoutes(context.home),
    ...logReadingRoutes(context),
    ...ownRoutes(context, reviews),
    ...more,
  ];
  return createPeopleApi(context, { routes, authorize: authorizeCentre, refusals });
}

function ownRoutes(context: Context, reviews: Reviews): ApiRoute[] {
  const { home, log, now, keys, witnesses, outbox } = context;
  const shownKeys = () =>
    keys.valid().map(({ number, recipient, until }) => ({
      number,
      publicKey: base64url(recipient.publicKey),
      until: until === undefined ? null : new Date(until).toISOString(),
    }));
  return [
    answer(getCentre, async () => ({
      id: home.card.id,
      role: 'centre' as const,
      address: home.card.address,
      time: now().toISOString(),
      logSize: log.size,
      witnesses: await witnesses.states(),
      keys: shownKeys(),
      modules: await modulesOf(context),
      notices: await outbox.waiting(),
    })),
    answer(
      changeCentreKey,
      async ({ also }) => {
        await keys.change((within) => also(within, {}));
        return { keys: shownKeys() };
      },
      async () => ({ keys: shownKeys() }),
    ),
    answer(listReviews, async ({ query: { all, ...query } }) =>
      page(await reviews.list({ all: all === 'true' }), query, ({ due, session }) => `${due} ${session}`),
    ),
    answer(
      finishReview,
      async ({ caller, params: { session }, body, also }) => {
        await reviews.finish(session, { ...body, by: caller.id }, (within) => also(within, {}));
      },
      async () => undefined,
    ),
  ];
}

async function modulesOf({ settings, database }: Context) {
  const rows = await database
    .selectFrom('centre_patient')
    .select(['module'])
    .select(({ fn }) => [fn.countAll<number>().as('patients'), fn.count<number>('enrolled_at').as('enrolled')])
    .where('merged_into', 'is', null)
    .groupBy('module')
    .execute();
  return settings.modules.map(({ id }) => {
    const row = rows.find(({ module }) => module === id);
    return { id, patients: Number(row?.patients ?? 0), enrolled: Number(row?.enrolled ?? 0) };
  });
}
