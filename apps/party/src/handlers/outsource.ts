import { type ApiRoute, answer, page } from '@symbolon/service';
import * as api from '../api/outsource.ts';
import type { Gateway } from '../outsource/gateway.ts';
import { infoOf } from '../outsource/tables.ts';
import { encoded } from './links.ts';

const byId = ({ id }: { readonly id: number }): number => id;
const theJob = ({ id }: { readonly id: number }) => ({ job: id });
const again = async (job: number) => ({ job });

export function outsourceRoutes(gateway: Gateway): ApiRoute[] {
  const { keys, tables, questions, runs } = gateway;
  return [
    answer(
      api.makeSealKey,
      ({ body, caller, also }) => gateway.generateKey(body, caller, also),
      (id: number) => keys.show(id),
    ),
    answer(api.listSealKeys, async ({ query }) => page(await keys.list(), query, byId)),
    answer(api.unlockSealKey, ({ params, body }) => keys.unlock(params.key, body.passphrase)),
    answer(api.lockSealKey, async ({ params }) => {
      await keys.show(params.key);
      keys.lock(params.key);
    }),
    answer(
      api.rotateSealKey,
      async ({ params, body, caller, also }) => theJob(await gateway.rotate(params.key, body.to, caller, also)),
      again,
    ),
    answer(
      api.encryptTable,
      async ({ body, caller, also }) => theJob(await gateway.encrypt(body, caller, also)),
      again,
    ),
    answer(api.listSealedTables, async ({ query }) => page((await tables.list()).map(infoOf), query, byId)),
    answer(
      api.uploadTable,
      async ({ params, caller, also }) => theJob(await gateway.upload(params.table, caller, also)),
      again,
    ),
    answer(api.removeSealedTable, ({ params, caller }) => gateway.remove(params.table, caller)),
    answer(
      api.askSealed,
      ({ body, caller, also }) => questions.ask(body.agreement, body.text, caller, also),
      (id: number) => questions.show(id),
    ),
    answer(api.listSealedQuestions, async ({ query }) => page(await questions.list(), query, byId)),
    answer(api.getSealedQuestion, ({ params }) => questions.show(params.question)),
    answer(
      api.approveSealed,
      async ({ params, caller, also }) => {
        await questions.approve(params.question, caller, also);
        return questions.show(params.question);
      },
      (_, { params }) => questions.show(params.question),
    ),
    answer(api.withdrawSealedApproval, ({ params, caller }) => questions.withdraw(params.question, caller)),
    answer(
      api.runSealed,
      async ({ body, caller, also }) => theJob(await gateway.run(body.question, body.purpose, caller, also)),
      again,
    ),
    answer(
      api.resumeSealedRun,
      async ({ params, caller, also }) => theJob(await gateway.resume(params.run, caller, also)),
      again,
    ),
    answer(api.listSealedRuns, async ({ query }) => page(await runs.list(), query, byId)),
    answer(api.getSealedRun, ({ params }) => runs.show(params.run)),
    answer(api.getSealedResult, async ({ params, caller }) => ({
      released: await gateway.result(params.run, caller),
    })),
    answer(api.getSealedScored, async ({ params }) => ({ scored: await gateway.scored(params.run) })),
    answer(api.getSealedScores, ({ params, query, caller }) => gateway.scores(params.run, query.part, caller)),
    answer(
      api.releaseSealed,
      ({ params, caller, also }) => gateway.release(params.run, caller, also),
      async () => undefined,
    ),
    answer(api.withdrawSealedRelease, ({ params, caller }) => gateway.withdrawRelease(params.run, caller)),
    answer(api.getSealedStatement, async ({ params }) => ({ statement: encoded(await runs.statement(params.run)) })),
  ];
}
