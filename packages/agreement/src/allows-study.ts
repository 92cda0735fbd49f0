import { z } from 'zod';
import { checked, date, organisationId } from './fields.ts';
import { outsideTerm, type Refusal, refuse } from './refusal.ts';
import type { StudyAgreement } from './schema.ts';
import type { FixedStudy } from './study-schema.ts';

const count = z.int().min(0);
const requestSchema = z.strictObject({
  action: z.literal('study'),
  study: z.string(),
  by: organisationId,
  date,
  rows: z.record(z.string(), z.record(organisationId, count)),
  runsSoFar: count,
});

/** What someone asks of an agreement: one of its studies, over tables with these numbers of rows by holder, on this day (UTC), after so many runs. */
export type StudyRequest = z.output<typeof requestSchema>;

/** What may be done, copied from the agreement. */
export interface StudyPermission {
  readonly grant: true;
  readonly study: FixedStudy;
  /** Runs of this study that remain after this one. */
  readonly runsLeft: number;
}

/**
 * Whether an agreement covers a study. Give it agreements that `requireSigned` has passed. A malformed request throws
 * `request-invalid`; anything the agreement does not cover is a {@link Refusal}.
 */
export function allowsStudy(agreement: StudyAgreement, request: StudyRequest): StudyPermission | Refusal {
  const asked = checked(requestSchema, request, 'request-invalid', 'request');
  const { studies, parties } = agreement;
  if (!parties.some(({ id }) => id === asked.by)) {
    return refuse(agreement, 'agreement-party', `Only its parties may ask for a study; ${asked.by} asked.`);
  }
  const late = outsideTerm(agreement, asked.date);
  if (late !== undefined) return late;
  const study = studies.list.find(({ name }) => name === asked.study);
  if (study === undefined) {
    const known = studies.list.map(({ name }) => name).join(', ');
    return refuse(agreement, 'agreement-limit', `It lists no study '${asked.study}', only ${known}.`);
  }
  for (const [name, holders] of Object.entries(asked.rows)) {
    const table = Object.hasOwn(studies.tables, name) ? studies.tables[name] : undefined;
    if (table === undefined) return refuse(agreement, 'agreement-limit', `It lists no table '${name}'.`);
    for (const [party, rows] of Object.entries(holders)) {
      if (!table.holders.some((holder) => holder.party === party)) {
        return refuse(agreement, 'agreement-party', `${party} holds no rows of ${name}.`);
      }
      if (rows > table.maxRows) {
        const most = `at most ${table.maxRows} are allowed`;
        return refuse(agreement, 'agreement-limit', `The table ${name} of ${party} has ${rows} rows; ${most}.`);
      }
    }
  }
  if (asked.runsSoFar >= study.maxRuns) {
    const used = `All ${study.maxRuns} runs of the study '${study.name}' have been used.`;
    return refuse(agreement, 'agreement-limit', used);
  }
  return { grant: true, study, runsLeft: study.maxRuns - asked.runsSoFar - 1 };
}
