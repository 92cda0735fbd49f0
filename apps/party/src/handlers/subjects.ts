import { type ApiRoute, answer, page } from '@symbolon/service';
import * as api from '../api/subjects.ts';
import type { Organisation } from '../organisation.ts';
import type { OptOutGroup } from '../subjects/opt-outs.ts';
import type { Erased, ListChange } from '../subjects/subjects.ts';

export function subjectRoutes({ subjects }: Pick<Organisation, 'subjects'>): ApiRoute[] {
  const showHold = async (hold: string) => (await subjects.holds()).find(({ id }) => id === hold)!;
  return [
    answer(api.listOptOuts, async ({ query }) => {
      const groups = [...(await subjects.list())].sort((x, y) => (cursorOf(x) < cursorOf(y) ? -1 : 1));
      return page(groups, query, cursorOf);
    }),
    answer(
      api.optOut,
      ({ params, body: { agreement, purpose, from, ...people }, caller, also }) =>
        subjects.optOut({ dataset: params.name, ...people }, { agreement, purpose, from }, caller, also),
      (made: ListChange, { params, body: { values } }) => subjects.changed({ dataset: params.name, values }, made),
    ),
    answer(
      api.optIn,
      ({ params, body: { agreement, purpose, ...people }, caller, also }) =>
        subjects.optIn({ dataset: params.name, ...people }, { agreement, purpose }, caller, also),
      (made: ListChange, { params, body: { values } }) => subjects.changed({ dataset: params.name, values }, made),
    ),
    answer(
      api.eraseSubjects,
      ({ params, body, caller, also }) => subjects.erase({ dataset: params.name, ...body }, caller, also),
      async (erased: Erased) => erased,
    ),
    answer(api.listHolds, async () => ({ holds: await subjects.holds() })),
    answer(
      api.setHold,
      ({ body, caller, also }) => subjects.hold(body, caller, also),
      (hold: string) => showHold(hold),
    ),
    answer(
      api.liftHold,
      ({ params, caller, also }) => subjects.lift(params.hold, caller, also),
      (_, { params }) => showHold(params.hold),
    ),
  ];
}

function cursorOf({ dataset, column, agreement, purpose, from, erased }: OptOutGroup): string {
  return [dataset, column, agreement ?? '', purpose ?? '', from ?? '', erased ? '1' : ''].join('/');
}
