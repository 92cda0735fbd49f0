import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StudyAgreement } from '@symbolon/agreement';
import { explainMethod, explainStudy } from '@symbolon/analytics';
import { fault } from '@symbolon/crypto';
import type { OrganisationView, ReleasedStudy, StudyRunInfo } from '@symbolon/party';
import { csvFiles, flowOf, json, page, type Report, type TypedColumn, tablesOf, typedColumns } from '@symbolon/report';
import { openDuckDb } from '@symbolon/service';

/** What a run released, as a report. Throws `not-found` where it released nothing to this organisation. */
export async function reportOfRun(
  { studies, agreements }: Pick<OrganisationView, 'studies' | 'agreements'>,
  id: number,
): Promise<Report> {
  const run = await studies.run(id);
  const released = await studies.result(id);
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
    method:
      words
        .find((line) => line.startsWith('Method: '))
        ?.slice('Method: '.length)
        .replace(/, of rows with$/, '') ?? null,
    agreement: { title: agreement.title, hash },
    date: run.endedAt!,
    parties: partiesOf(agreement as StudyAgreement, run),
    minPatients: release.minPatients,
    result:
      asked.method === null
        ? { kind: 'study', study: asked.bound, result: released }
        : { kind: 'method', result: released.method! },
    flow: flowOf(asked.method === null ? asked.bound : asked.method.rows, details.sizes, countedOf(released)),
    opened: openedOf(words),
    proofs: [
      { name: 'attempt', value: run.attempt },
      { name: 'study', value: details.studyHash },
      { name: 'session', value: run.session ?? '' },
      { name: 'statement in the log', value: `epoch ${run.logEpoch}, entry ${run.logIndex}` },
    ],
  };
}

/** Writes report.html and the result as CSV, JSON and Parquet. @returns the names of the files */
export async function writeReport(folder: string, report: Report): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const texts = [
    { name: 'report.html', text: page(report) },
    { name: 'result.json', text: json(report) },
    ...csvFiles(report),
  ];
  for (const { name, text } of texts) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const name = `${tablesOf(report)[0]!.name}.parquet`;
  await writeParquet(join(folder, name), report);
  return [...texts.map((file) => file.name), name];
}

/** The main table of a result, with its types. */
export async function writeParquet(file: string, report: Report): Promise<void> {
  const [table] = tablesOf(report);
  const columns = typedColumns(table!);
  const duck = await openDuckDb({ threads: 1 });
  try {
    await duck.query(`COPY (${selectOf(columns)}) TO ${quoted(file)} (FORMAT parquet)`);
  } finally {
    duck.close();
  }
}

function selectOf(columns: readonly TypedColumn[]): string {
  const list = (values: readonly unknown[]): string =>
    values.map((value) => (value === null ? 'NULL' : quoted(String(value)))).join(', ');
  return `SELECT ${columns
    .map(
      ({ name, type, values }) =>
        `CAST(unnest([${list(values)}]::VARCHAR[]) AS ${type}) AS "${name.replaceAll('"', '""')}"`,
    )
    .join(', ')}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
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

/** What opened, of all that is said of a study. */
function openedOf(words: readonly string[]): string[] {
  const from = words.findIndex((line) => line.startsWith('Opened'));
  const to = words.findIndex((line) => line.startsWith('Shown: ') || line.startsWith('Computed from what opened'));
  return words.slice(from, to === -1 ? undefined : to);
}
