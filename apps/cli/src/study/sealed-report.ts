import { explainMethod, explainStudy } from '@symbolon/analytics';
import { bindSealed, type SealedResult, type sealed, servedOrganisation } from '@symbolon/party';
import type { Report } from '@symbolon/report';
import type { ApiClient } from '@symbolon/service';
import type { z } from 'zod';

/** How sure a result is, for people. */
export const recomputedWords: Readonly<Record<SealedResult['recomputed'], string>> = {
  same: 'the same as the rows in the clear come to',
  'rows-gone': 'not computed again: the rows are not there; its check rows were right',
  model:
    'what is not of the secret model is the same as the rows in the clear come to; what is can be checked by nobody',
  'rows-changed': 'not computed again: the rows have changed since; its check rows were right',
};

/** What a run on an encrypted table released, as a report. */
export async function sealedReport(
  client: ApiClient,
  run: z.output<typeof sealed.getSealedRun.answer>,
  question: z.output<typeof sealed.getSealedQuestion.answer>,
  released: SealedResult,
): Promise<Report> {
  const { agreement, hash } = await servedOrganisation(client).agreements.show(run.agreement);
  const { title, sql, bound } = await bindSealed(agreement, question.text);
  const { owner, compute, minPatients } = agreement.outsourcing!;
  const words = bound.kind === 'study/1' ? explainStudy(bound) : explainMethod(bound);
  const nameOf = (id: string): string => agreement.parties.find((party) => party.id === id)!.name;
  return {
    title: title ?? `Question ${question.id} to ${question.table}`,
    note: null,
    sql,
    method: bound.kind === 'study/1' ? null : bound.method.name,
    agreement: { title: agreement.title, hash },
    date: run.endedAt!,
    parties: [
      {
        id: owner,
        name: nameOf(owner),
        holds: [question.table],
        receives: true,
        learned: ['the numbers of this report'],
      },
      {
        ...{ id: compute, name: nameOf(compute), holds: ['ciphertexts'], receives: false },
        learned: ['the question, and how many rows there are, to some thousands'],
      },
    ],
    minPatients,
    result:
      bound.kind === 'study/1'
        ? { kind: 'study', study: bound, result: { ...released, rows: released.rows.map((row) => [...row]) } }
        : { kind: 'method', result: released.method! },
    flow: null,
    opened: words,
    proofs: [
      { name: 'question', value: question.hash },
      { name: 'the server computed', value: recomputedWords[released.recomputed] },
      { name: 'statement in the log', value: `epoch ${run.logEpoch}, entry ${run.logIndex}` },
    ],
  };
}
