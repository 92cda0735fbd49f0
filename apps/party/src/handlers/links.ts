import { base64url } from '@symbolon/crypto';
import { type ApiRoute, answer, numberCursor, page } from '@symbolon/service';
import * as api from '../api/links.ts';
import type { Links } from '../link/links.ts';
import type { Organisation } from '../organisation.ts';

export function linkRoutes({ agreements, links }: Organisation, runner: Links): ApiRoute[] {
  return [
    answer(api.explainLink, ({ params, query: { a, b } }) =>
      links.explain(params.hash, { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) }),
    ),
    answer(
      api.runLink,
      async ({ body, caller, also }) => {
        const { hash } = await agreements.show(body.agreement);
        const { id } = await runner.begin(hash, { person: caller.id, purpose: body.purpose }, also);
        return { job: id };
      },
      async (job: number) => ({ job }),
    ),
    answer(api.listLinkRuns, async ({ query }) => page(await links.list(), query, ({ id }) => id)),
    answer(api.getLinkRun, ({ params }) => links.show(params.run)),
    answer(api.listMatches, async ({ params, query: { after }, caller }) =>
      links.matchPage(params.run, after === undefined ? 0 : numberCursor(after), caller),
    ),
    answer(
      api.releaseLink,
      ({ params, caller, also }) => links.release(params.run, caller, also),
      async () => undefined,
    ),
    answer(api.withdrawLinkRelease, ({ params, caller }) => links.withdrawRelease(params.run, caller)),
    answer(api.getLinkStatement, async ({ params }) => ({ statement: encoded(await links.statement(params.run)) })),
  ];
}

/** A statement as the API writes it. */
export function encoded(statement: Uint8Array | null): string | null {
  return statement === null ? null : base64url(statement);
}
