import { type ApiRoute, answer, page } from '@symbolon/service';
import * as api from '../api/subjects.ts';
import type { Organisation } from '../organisation.ts';
import type { OptOutGroup } from '../subjects/opt-outs.ts';

export function subjectRoutes({ subjects }: Pick<Organisation, 'subjects'>): ApiRoute[] {
  return [
    answer(api.listOptOuts, async ({ query }) => {
      const groups = [...(await subjects.list())].sort((x, y) => (cursorOf(x) < cursorOf(y) ? -1 : 1));
      return page(groups, query, cursorOf);
    }),
    answer(api.optOut, ({ params, body: { agreement, purpose, from, ...people }, caller }) =>
      subjects.optOut({ dataset: params.name, ...people }, { agreement, purpose, from }, caller),
    ),
    answer(api.optIn, ({ params, body: { agreement, purpose, ...people }, caller }) =>
      subjects.optIn({ dataset: params.name, ...people }, { agreement, purpose }, caller),
    ),
    answer(api.eraseSubjects, ({ params, body, caller }) => subjects.erase({ dataset: params.name, ...body }, caller)),
    answer(api.listHolds, async () => ({ holds: await subjects.holds() })),
    answer(api.setHold, ({ body, caller }) => subjects.hold(body, caller)),
    answer(
      api.liftHold,
      ({ params, caller, also }) => subjects.lift(params.hold, caller, also),
      async (_, { params }) => (await subjects.holds()).find(({ id }) => id === params.hold)!,
    ),
  ];
}

function cursorOf({ dataset, column, agreement, purpose, from, erased }: OptOutGroup): string {
  return [dataset, column, agreement ?? '', purpose ?? '', from ?? '', erased ? '1' : ''].join('/');
}
