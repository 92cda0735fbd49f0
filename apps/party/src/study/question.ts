import {
  type FixedStudy,
  fillTemplate,
  type Studies,
  type StudyAgreement,
  type StudyQuestion,
  type StudyTemplate,
  sampleValues,
  studyMethods,
  type TemplateValues,
} from '@symbolon/agreement';
import {
  type Bound,
  type BoundMethod,
  type BoundStudy,
  bindMethod,
  bindStudy,
  checkSchema,
  checkStudy,
  methodHash,
  ownRowsOf,
  parseStudyFile,
  planBound,
  type Rows,
  type Schema,
  type Study,
  studyHash,
  studyTextHash,
} from '@symbolon/analytics';
import { base64url, fault } from '@symbolon/crypto';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import type { Asked } from './asked.ts';

/** A study as this party's own copy of an agreement has it, bound to the agreed data. */
export type BoundQuestion = QuestionTerms &
  (
    | { readonly method: null; readonly bound: BoundStudy; readonly whole: BoundStudy }
    /** `bound`: the aggregates that the method is reduced to; null where rows go into it. */
    | { readonly method: BoundMethod; readonly bound: BoundStudy | null; readonly whole: BoundMethod }
  );

/** What of an agreement a study is bound to. */
type AgreedData = Pick<StudyAgreement, 'studies'>;

interface QuestionTerms {
  /** As the agreement lists it, or would, if somebody asks it beyond that. */
  readonly listed: FixedStudy;
  /** How it was asked; null for a listed study. */
  readonly asked: Asked | null;
  /** What it is to its agreement. */
  readonly question: StudyQuestion;
  /** What it asks. */
  readonly study: Study;
  /** What owners give of their rows. */
  readonly rows: Rows;
  readonly release: BoundStudy['release'];
  /** What is approved is what is run. */
  readonly studyHash: string;
  /** Ids of those who take part, in order: the holders of the hub, of the other tables, then who only receives. */
  readonly parties: readonly string[];
}

/**
 * Reads a listed study: the text of its file, or of a study that is its SELECT that alone. Throws `study-invalid` naming the field, or where the file
 * says another name or other receivers than the agreement.
 */
export function readListed({ name, text, to }: Pick<FixedStudy, 'name' | 'text' | 'to'>): Study {
  const plain = /^\s*select\b/i.test(text);
  const study = plain
    ? checkStudy({ name: name.replaceAll('_', '-'), title: name, agreement: name, to: [...to], sql: text })
    : parseStudyFile(text);
  const differs =
    !plain && study.name !== name ? 'name' : study.to.toSorted().join() !== to.toSorted().join() ? 'to' : undefined;
  if (differs === undefined) return study;
  throw fault('study-invalid', `the study '${name}' has another ${differs} in its text than in the agreement`, {
    culprit: name,
  });
}

/** A template with a value for each parameter: its study, under the template's name. Throws `study-invalid` naming the parameter. */
export function readFilled(template: StudyTemplate, values: TemplateValues): Study {
  const study = readListed(template);
  return { ...study, sql: fillTemplate(study.sql, template.parameters, values) };
}

/** The study that an agreement lists and that asks what a study file asks, of the same receivers; undefined where it lists none. */
export function findListed(agreement: StudyAgreement, study: Study): FixedStudy | undefined {
  const wanted = base64url(studyTextHash(study));
  return agreement.studies.list.find((listed) => base64url(studyTextHash(readListed(listed))) === wanted);
}

/** What an agreement says of the data of its studies. Throws `agreement-invalid` naming table and column. */
export function schemaOf({ tables, joins, minPatients, allowEmptyParty }: Studies): Schema {
  const schema: Schema = {
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, { holders, rowsPerPatient: _, ...table }]) => [
        name,
        { ...table, parties: holders.map(({ party }) => party) },
      ]),
    ),
    joins,
    minPatients,
    ...(allowEmptyParty === undefined ? {} : { allowEmptyParty }),
  };
  checkSchema(schema);
  return schema;
}

/** Binds a listed study. Opens a DuckDB for the parser unless it is given one. Throws `study-…`, `plan-range`, `agreement-invalid`. */
export function bindListed(agreement: AgreedData, listed: FixedStudy, parser?: DuckDb): Promise<BoundQuestion> {
  return bindQuestion(agreement, listed, readListed(listed), parser);
}

/** A template with some allowed values, to see whether it can be computed. Throws as {@link bindListed}. */
export function bindSample(agreement: AgreedData, template: StudyTemplate, parser?: DuckDb): Promise<BoundQuestion> {
  return bindQuestion(agreement, template, readFilled(template, sampleValues(template.parameters)), parser);
}

/** Binds a study under the name and with the receivers of `listed`. @param asked how, where it is not listed */
export async function bindQuestion(
  agreement: AgreedData,
  listed: FixedStudy,
  study: Study,
  parser?: DuckDb,
  asked: Asked | null = null,
): Promise<BoundQuestion> {
  const { sql, method } = study;
  const schema = schemaOf(agreement.studies);
  const duck = parser ?? (await openDuckDb({ threads: 1 }));
  try {
    const whole =
      method === null ? await bindStudy(sql, schema, duck) : await bindMethod({ sql, method }, schema, duck);
    const rows = ownRowsOf(whole);
    requireTowards(whole.kind === 'study/1' ? whole : whole.rows, agreement.studies, listed.to);
    const holders = rows.tables.flatMap(({ parties }) => parties);
    const parties = [...new Set([...holders, ...listed.to])];
    const question = questionOf(listed, study, rows, asked);
    requireSums(agreement.studies, whole, rows, parties);
    const common = { listed, asked, question, study, rows, parties };
    if (whole.kind === 'study/1') {
      const { release } = whole;
      return { ...common, method: null, bound: whole, whole, release, studyHash: base64url(studyHash(whole)) };
    }
    const bound = whole.work.kind === 'study' ? whole.work.study : null;
    const { release } = whole.rows;
    return { ...common, method: whole, bound, whole, release, studyHash: base64url(methodHash(whole)) };
  } finally {
    if (parser === undefined) duck.close();
  }
}

/** What a server computes on ciphertexts is what each holder's rows come to, alone. Throws `circuit`. */
function requireSums({ tables }: Studies, whole: Bound, rows: Rows, parties: readonly string[]): void {
  const encrypted = rows.tables.find(({ name }) => tables[name]!.holders.some(({ compute }) => compute !== undefined));
  if (encrypted === undefined) return;
  const one = { rows: 1, patients: 1 };
  const sizes = Object.fromEntries(
    rows.tables.map((table) => [table.alias, Object.fromEntries(table.parties.map((party) => [party, one]))]),
  );
  const { units } = planBound(whole, sizes, { to: parties });
  const known = whole.kind === 'study/1' ? whole : whole.work.kind === 'study' ? whole.work.study : null;
  if (known !== null && known.cells !== null && units.every(({ kind }) => kind === 'own')) return;
  throw fault('circuit', `${encrypted.name} is encrypted, and the study needs more than sums of known groups`, {
    hint: 'Ask for counts, sums, averages or variances, by values that the agreement lists; or let its holders read their rows themselves.',
  });
}

function questionOf(listed: FixedStudy, study: Study, rows: Rows, asked: Asked | null): StudyQuestion {
  if (asked === null) return { kind: 'study' };
  if (asked.kind === 'template') return { kind: 'template', template: asked.template };
  const tables = [...new Set(rows.tables.map(({ name }) => name))];
  const method = studyMethods.find((one) => one === (study.method?.name ?? 'select'))!;
  return { kind: 'free', text: asked.text, tables, method, to: [...listed.to] };
}

/** Who receives a result may receive one of every column in it. Throws `study-policy` naming the column. */
function requireTowards(
  { tables, uses }: Pick<BoundStudy, 'tables' | 'uses'>,
  studies: Studies,
  to: readonly string[],
): void {
  for (const { table, column, clause } of uses) {
    const { name } = tables.find(({ alias }) => alias === table)!;
    const { towards } = studies.tables[name]!.columns[column]!;
    const stranger = towards === undefined ? undefined : to.find((id) => !towards.includes(id));
    if (stranger === undefined) continue;
    throw fault(
      'study-policy',
      `${name}.${column} stands in ${clause}, and results in which it is used are for ${towards!.join(', ')}, not for ${stranger}`,
      { culprit: `${name}.${column}` },
    );
  }
}
