import type { FixedStudy, Studies, StudyAgreement } from '@symbolon/agreement';
import {
  type BoundMethod,
  type BoundStudy,
  bindMethod,
  bindStudy,
  checkSchema,
  checkStudy,
  type Method,
  methodHash,
  type Schema,
  type Study,
  studyHash,
  studyTextHash,
} from '@symbolon/analytics';
import { base64url, fault } from '@symbolon/crypto';
import { type DuckDb, openDuckDb } from '@symbolon/service';

/** What a listed study asks: a SELECT, and what is made of it. */
export interface Question {
  readonly sql: string;
  readonly method: Method | null;
}

/** A study as this party's own copy of an agreement has it, bound to the agreed data. */
export interface BoundQuestion {
  readonly listed: FixedStudy;
  readonly question: Question;
  /** What is computed; where there is a method, what it is reduced to. */
  readonly bound: BoundStudy;
  readonly method: BoundMethod | null;
  /** What is approved is what is run. */
  readonly studyHash: string;
  /** Ids of those who take part, in order: the holders of the hub, of the other tables, then who only receives. */
  readonly parties: readonly string[];
}

/** The text by which an agreement lists a study: its SELECT, or JSON of SELECT, method and parameters. */
export function listedText({ sql, method }: Question): string {
  if (method === null) return sql;
  const { name, ...parameters } = method;
  return JSON.stringify({ method: name, parameters, sql });
}

/** Reads a listed study. Throws `study-invalid` naming the field. */
export function readListed({ name, text, to }: FixedStudy): Study {
  const isJson = text.trimStart().startsWith('{');
  const fields = isJson ? (json(name, text) as object) : { sql: text };
  return checkStudy({ name: name.replaceAll('_', '-'), title: name, agreement: name, to: [...to], ...fields });
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
export async function bindListed(
  agreement: StudyAgreement,
  listed: FixedStudy,
  parser?: DuckDb,
): Promise<BoundQuestion> {
  const { sql, method } = readListed(listed);
  const schema = schemaOf(agreement.studies);
  const duck = parser ?? (await openDuckDb({ threads: 1 }));
  try {
    const boundMethod = method === null ? null : await bindMethod({ sql, method }, schema, duck);
    const bound = boundMethod === null ? await bindStudy(sql, schema, duck) : reduced(boundMethod);
    const hash = boundMethod === null ? studyHash(bound) : methodHash(boundMethod);
    const holders = bound.tables.flatMap(({ parties }) => parties);
    return {
      listed,
      question: { sql, method },
      bound,
      method: boundMethod,
      studyHash: base64url(hash),
      parties: [...new Set([...holders, ...listed.to])],
    };
  } finally {
    if (parser === undefined) duck.close();
  }
}

function reduced({ work, method }: BoundMethod): BoundStudy {
  if (work.kind === 'study') return work.study;
  throw fault('study-unsupported', `the method '${method.name}' is not run by servers yet`);
}

function json(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault('study-invalid', `the study '${name}' begins like JSON and is none`, { culprit: name });
  }
}
