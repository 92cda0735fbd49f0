import { type ApiRoute, answer } from '@symbolon/service';
import { askStudy, decideStudy, getStudy, listStudies, runStudy } from './api.ts';
import type { Studies } from './studies.ts';

export function studyRoutes(studies: Studies): ApiRoute[] {
  return [
    answer(
      askStudy,
      ({ caller, body, also }) => studies.ask(body, caller.id, also),
      ({ study }: { study: string }) => studies.get(study),
    ),
    answer(listStudies, ({ query }) => studies.list(query)),
    answer(getStudy, ({ params }) => studies.get(params.study)),
    answer(decideStudy, ({ caller, params, body }) => studies.decide(params.study, caller.id, body.approves)),
    answer(runStudy, ({ caller, params }) => studies.run(params.study, caller.id)),
  ];
}
