import { type ApiRoute, answer } from '@symbolon/service';
import {
  askRegistryStudy,
  decideRegistryStudy,
  getRegistryStudy,
  listRegistryStudies,
  runRegistryStudy,
} from './api.ts';
import type { Studies } from './studies.ts';

export function studyRoutes(studies: Studies): ApiRoute[] {
  return [
    answer(
      askRegistryStudy,
      ({ caller, body, also }) => studies.ask(body, caller.id, also),
      ({ study }: { study: string }) => studies.get(study),
    ),
    answer(listRegistryStudies, ({ query }) => studies.list(query)),
    answer(getRegistryStudy, ({ params }) => studies.get(params.study)),
    answer(decideRegistryStudy, ({ caller, params, body }) => studies.decide(params.study, caller.id, body.approves)),
    answer(runRegistryStudy, ({ caller, params }) => studies.run(params.study, caller.id)),
  ];
}
