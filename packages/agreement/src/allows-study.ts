import { z } from 'zod';
import { checked, date, type Frozen, organisationId } from './fields.ts';
import { studyMethods } from './methods.ts';
import { computing } from './outsourcing.ts';
import { outsideTerm, type Refusal, refuse } from './refusal.ts';
import type { StudyAgreement } from './schema.ts';
import type { FixedStudy, FreeStudies } from './study-schema.ts';

const count = z.int().min(0);
const questionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('study') }),
  z.strictObject({ kind: z.literal('template'), template: z.string() }),
  z.strictObject({
    kind: z.literal('free'),
    /** The study in full. */
    text: z.string(),
    tables: z.array(z.string()),
    method: z.enum(studyMethods),
    to: z.array(organisationId),
  }),
]);
const requestSchema = z.strictObject({
  action: z.literal('study'),
  study: z.string(),
  question: questionSchema.exactOptional(),
  by: organisationId,
  date,
  rows: z.record(z.string(), z.record(organisationId, count)),
  runsSoFar: count,
});

/**
 * What a study is to its agreement: listed, if absent or `study`; a choice of the values of a template; or a free one over these tables, with
 * this method, for these receivers.
 */
export type StudyQuestion = z.output<typeof questionSchema>;

/**
 * What someone asks of an agreement: a study, over tables with these numbers of rows by holder, on this day (UTC), after so many runs: of the
 * listed study, of all choices of its template, of all free ones.
 */
export type StudyRequest = z.output<typeof requestSchema>;

/** What may be done, copied from the agreement. */
export interface StudyPermission {
  readonly grant: true;
  readonly study: FixedStudy;
  /** Runs that remain after this one. */
  readonly runsLeft: number;
}

/**
 * Whether an agreement covers a study. Give it agreements that `requireSigned` has passed. A malformed request throws
 * `request-invalid`; anything the agreement does not cover is a {@link Refusal}.
 */
export function allowsStudy(agreement: StudyAgreement, request: StudyRequest): StudyPermission | Refusal {
  const asked = checked(requestSchema, request, 'request-invalid', 'request');
  const { studies, parties } = agreement;
  if (!parties.some(({ id }) => id === asked.by) || computing(agreement).has(asked.by)) {
    return refuse(agreement, 'agreement-party', `Only its parties may ask for a study; ${asked.by} asked.`);
  }
  const late = outsideTerm(agreement, asked.date);
  if (late !== undefined) return late;
  const study = termsOf(agreement, asked);
  if ('grant' in study) return study;
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
    const used = `All ${study.maxRuns} runs of ${what(asked)} have been used.`;
    return refuse(agreement, 'agreement-limit', used);
  }
  return { grant: true, study, runsLeft: study.maxRuns - asked.runsSoFar - 1 };
}

function what({ study, question = { kind: 'study' } }: Frozen<StudyRequest>): string {
  if (question.kind === 'free') return 'free studies';
  return question.kind === 'template' ? `the template '${question.template}'` : `the study '${study}'`;
}

/** What is asked, under its own name, as a listed study. */
function termsOf(agreement: StudyAgreement, asked: Frozen<StudyRequest>): FixedStudy | Refusal {
  const { study: name, question = { kind: 'study' } } = asked;
  const { list, templates = [], free } = agreement.studies;
  if (question.kind === 'free') return freeTerms(agreement, free, name, asked.by, question);
  const [all, wanted] = question.kind === 'study' ? [list, name] : [templates, question.template];
  const found = all.find((one) => one.name === wanted);
  if (found !== undefined) return { name, text: found.text, to: found.to, maxRuns: found.maxRuns };
  const known = all.map((one) => one.name).join(', ') || 'none';
  const kind = question.kind === 'study' ? 'study' : 'template';
  return refuse(agreement, 'agreement-limit', `It lists no ${kind} '${wanted}', only ${known}.`);
}

function freeTerms(
  agreement: StudyAgreement,
  free: FreeStudies | undefined,
  name: string,
  by: string,
  { text, tables, method, to }: Frozen<Extract<StudyQuestion, { kind: 'free' }>>,
): FixedStudy | Refusal {
  if (free === undefined) return refuse(agreement, 'agreement-limit', 'It allows no free studies.');
  if (!free.by.includes(by)) {
    return refuse(agreement, 'agreement-party', `Only ${free.by.join(', ')} may ask free studies; ${by} asked.`);
  }
  const beyond = [
    [tables.find((table) => !free.tables.includes(table)), 'over', free.tables],
    [free.methods.includes(method) ? undefined : method, 'as', free.methods],
    [to.find((id) => !free.to.includes(id)), 'for', free.to],
  ] as const;
  for (const [found, word, allowed] of beyond) {
    if (found === undefined) continue;
    return refuse(
      agreement,
      'agreement-limit',
      `Free studies are ${word} ${allowed.join(', ')}, not ${word} ${found}.`,
    );
  }
  return { name, text, to, maxRuns: free.maxRuns };
}
