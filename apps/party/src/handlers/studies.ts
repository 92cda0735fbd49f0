import { type ApiRoute, answer, type Person, page } from '@symbolon/service';
import * as api from '../api/studies.ts';
import { exportStudyReport, getStudyReport } from '../api/study-reports.ts';
import type { Organisation } from '../organisation.ts';
import { reportOfRun } from '../study/report.ts';
import { filesOf, shownReport } from '../study/report-answer.ts';
import type { Studies } from '../study/studies.ts';
import { encoded } from './links.ts';

export function studyRoutes({ agreements, studies }: Organisation, runner: Studies): ApiRoute[] {
  const reportOf = (run: number, reader: Person) => reportOfRun({ studies, agreements }, run, reader);
  return [
    answer(api.listStudies, async ({ query }) => {
      const all = await studies.list(query.agreement);
      const cursor = ({ agreement, name }: (typeof all)[number]): string => `${agreement}/${name}`;
      return page(
        [...all].sort((a, b) => (cursor(a) < cursor(b) ? -1 : 1)),
        query,
        cursor,
      );
    }),
    answer(api.getStudy, ({ params }) => studies.show(params.hash, params.study)),
    answer(
      api.askStudy,
      ({ params, body, caller, also }) => studies.ask(params.hash, body.asked, caller, also),
      (name: string, { params }) => studies.show(params.hash, name),
    ),
    answer(api.checkStudy, ({ params, body }) => studies.check(params.hash, body.asked)),
    answer(api.explainStudy, ({ params }) => studies.explain(params.hash, params.study)),
    answer(
      api.approveStudy,
      async ({ params, caller, also }) => {
        await studies.approve(params.hash, params.study, caller, also);
        return studies.show(params.hash, params.study);
      },
      (_, { params }) => studies.show(params.hash, params.study),
    ),
    answer(api.withdrawApproval, ({ params, caller }) => studies.withdraw(params.hash, params.study, caller.id)),
    answer(
      api.runStudy,
      async ({ body, caller, also }) => {
        const { hash } = await agreements.show(body.agreement);
        const { id } = await runner.begin(hash, body.study, { person: caller.id, purpose: body.purpose }, also);
        return { job: id };
      },
      async (job: number) => ({ job }),
    ),
    answer(api.listStudyRuns, async ({ query }) => page(await studies.runs(), query, ({ id }) => id)),
    answer(api.getStudyRun, ({ params }) => studies.run(params.run)),
    answer(api.getStudyResult, async ({ params: { run }, caller }) => {
      await studies.run(run);
      return { released: await studies.result(run, caller) };
    }),
    answer(getStudyReport, async ({ params: { run }, caller }) => shownReport(await reportOf(run, caller))),
    answer(exportStudyReport, async ({ params: { run }, query: { format }, caller }) => ({
      files: filesOf(await reportOf(run, caller), format),
    })),
    answer(
      api.releaseStudy,
      ({ params, caller, also }) => studies.release(params.run, caller, also),
      async () => undefined,
    ),
    answer(api.withdrawStudyRelease, ({ params, caller }) => studies.withdrawRelease(params.run, caller)),
    answer(api.getStudyStatement, async ({ params }) => ({ statement: encoded(await studies.statement(params.run)) })),
  ];
}
