import type { StudyAgreement } from '@symbolon/agreement';
import { explainMethod, explainStudy, methodTitle } from '@symbolon/analytics';
import { fault } from '@symbolon/crypto';
import { flowOf, type Report } from '@symbolon/report';
import type { Person } from '@symbolon/service';
import type { Agreements } from '../agreements/agreements.ts';
import type { StudyQueries } from './queries.ts';
import type { ReleasedStudy, StudyRunInfo } from './runs.ts';

/** Whom a report asks. */
interface Asked {
  readonly studies: Pick<StudyQueries, 'run' | 'result' | 'bind'>;
  readonly agreements: Pick<Agreements, 'show'>;
}

/**
 * What a run released, as a report. Throws `not-found` where it released nothing to this organisation, `unapproved` where it is not shown yet.
 * @param reader the owner of the folder, if absent
 */
export async function reportOfRun({ studies, agreements }: Asked, id: number, reader?: Person): Promise<Report> {
  const run = await studies.run(id);
  const released = await studies.result(id, reader);
  const { details } = run;
  if (details === null || released === null) {
    throw fault('not-found', `run ${id} has no result here`, {
      hint:
        details === null
          ? 'Runs and their states: symbolon study list'
          : `It was for ${details.to.join(', ')}; ask them to share what they may.`,
    });
  }
  const asked = await studies.bind(run.agreement, run.study);
  const { study, release } = asked;
  const { agreement, hash } = await agreements.show(run.agreement);
  const words = asked.method === null ? explainStudy(asked.bound) : explainMethod(asked.method);
  return {
    title: study.title,
    note: study.note,
    sql: study.sql,
    method: asked.method === null ? null : methodTitle(asked.method.method),
    agreement: { title: agreement.title, hash },
    date: run.endedAt!,
    parties: partiesOf(agreement as StudyAgreement, run),
    minPatients: release.minPatients,
    result:
      asked.method === null
        ? { kind: 'study', study: asked.bound, result: released }
        : { kind: 'method', result: released.method! },
    flow: flowOf(asked.method === null ? asked.bound : asked.method.rows, details.sizes, countedOf(released)),
    opened: words.filter(({ about }) => about === 'opened' || about === 'unless'),
    proofs: [
      { name: 'attempt', value: run.attempt },
      { name: 'study', value: details.studyHash },
      { name: 'session', value: run.session ?? '' },
      { name: 'statement in the log', value: `epoch ${run.logEpoch}, entry ${run.logIndex}` },
    ],
  };
}

function countedOf({ method }: ReleasedStudy): { name: string; value: string | null } {
  return { name: 'rows counted', value: method === null ? null : String(method.n) };
}

function partiesOf({ parties, studies }: StudyAgreement, { details }: StudyRunInfo): Report['parties'] {
  const { sizes, to, parties: ids } = details!;
  return ids.map((id) => ({
    id,
    name: parties.find((party) => party.id === id)!.name,
    holds: Object.entries(sizes).flatMap(([alias, holders]) => {
      const size = holders[id];
      if (size === undefined) return [];
      const patients = studies.tables[alias]?.onePerPatient ? '' : ` of ${size.patients} patients`;
      return [`${alias}: ${size.rows} rows${patients}`];
    }),
    receives: to.includes(id),
    learned: to.includes(id) ? ['the numbers of this report', 'sizes of all tables'] : ['sizes of all tables'],
  }));
}
