import { type Agreement, approvalRule, askedTables, studyMethods } from '@symbolon/agreement';
import {
  type Bound,
  bindMethod,
  bindStudy,
  explainMethod,
  explainStudy,
  type Method,
  methodHash,
  parseStudyFile,
  type Said,
  type Schema,
  studyHash,
} from '@symbolon/analytics';
import { base64url, fault } from '@symbolon/crypto';
import {
  type Also,
  type DatabaseSchema,
  type DuckDb,
  isDuplicate,
  keepCheckpoint,
  openDuckDb,
  type Person,
} from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { Approval, ApprovalSubject } from '../approvals.ts';
import { authorizePerson, type OutsourcedQuestion } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { duckOf } from './ask.ts';
import { type BoundScores, bindScores, scoreWords } from './score-model.ts';

/** A question to encrypted tables, as this organisation sees it. */
export interface SealedQuestionInfo {
  readonly id: number;
  /** Hash of the agreement. */
  readonly agreement: string;
  /** `scores`: a score of each patient, for the owner's eyes alone. */
  readonly kind: 'question' | 'scores';
  /** A SELECT, a study file, or a model for scores. */
  readonly text: string;
  /** Of what it comes to here: this is approved, and run. */
  readonly hash: string;
  readonly table: string;
  /** What is computed and shown, for people. */
  readonly words: readonly Said[];
  readonly askedBy: string;
  readonly askedAt: string;
  readonly approvals: readonly Approval[];
  /** How many people must approve it. */
  readonly approvalsNeeded: number;
}

/** A question, bound to what the agreement says of the table. */
export interface BoundSealed {
  readonly kind: 'question';
  /** Of a study file. */
  readonly title: string | null;
  readonly sql: string;
  readonly method: Method | null;
  readonly bound: Bound;
  readonly hash: string;
  /** The table's name in the agreement. */
  readonly table: string;
  readonly uses: OutsourcedQuestion['uses'];
}

type Outsourcing = NonNullable<Agreement['outsourcing']>;

/**
 * Binds a question to the tables of an agreement that are encrypted: a SELECT of aggregates, or a study file with a method. Throws `study-…`,
 * `agreement-limit`, `plan-range`.
 */
export async function bindSealed(agreement: Agreement, text: string, parser?: DuckDb): Promise<BoundSealed> {
  const { sql, method, title } = /^\s*select\b/i.test(text)
    ? { sql: text, method: null, title: null }
    : parseStudyFile(text);
  const schema = sealedSchema(agreement);
  const duckDb = parser ?? (await openDuckDb({ threads: 1 }));
  try {
    const duck = duckOf(duckDb);
    const bound =
      method === null ? await bindStudy(sql, schema, duck) : await bindMethod({ sql, method }, schema, duck);
    const { tables, uses } = bound.kind === 'study/1' ? bound : bound.rows;
    const [table, ...others] = tables;
    if (others.length > 0) {
      throw fault('circuit', 'a question to an encrypted table is of one table; these are joined', {
        hint: 'Join them before they are encrypted, or ask it as a study of several parties.',
      });
    }
    const hash = base64url(bound.kind === 'study/1' ? studyHash(bound) : methodHash(bound));
    const { name } = table!;
    return {
      kind: 'question',
      title,
      sql,
      method,
      bound,
      hash,
      table: name,
      uses: uses.map((use) => ({ ...use, table: name })),
    };
  } finally {
    if (parser === undefined) duckDb.close();
  }
}

/** Binds what is asked of an encrypted table: a model for scores, or a question. Throws as {@link bindScores} and {@link bindSealed}. */
export async function bindAsked(agreement: Agreement, text: string): Promise<BoundScores | BoundSealed> {
  return bindScores(agreement, text) ?? bindSealed(agreement, text);
}

/** What questions are bound to. Throws `agreement-limit`. */
export function sealedSchema({ outsourcing, title }: Agreement): Schema {
  if (outsourcing === undefined) {
    throw fault('agreement-limit', `the agreement "${title}" lets nobody compute on encrypted tables`);
  }
  const { owner, minPatients } = outsourcing;
  const described = Object.entries(askedTables(outsourcing)).map(
    ([name, { dataset: _, rowsPerPatient: __, ...table }]) => [name, { ...table, parties: [owner] }],
  );
  return { tables: Object.fromEntries(described) as Schema['tables'], joins: [], minPatients };
}

/** Name of what is computed, as agreements list methods. */
export function methodOf(asked: BoundScores | BoundSealed): Outsourcing['methods'][number] {
  if (asked.kind === 'scores') return 'score';
  return studyMethods.find((one) => one === (asked.method?.name ?? 'select'))!;
}

/** Most questions of one agreement. */
const mostQuestions = 10_000;

/** What was asked of encrypted tables, and who approved it. */
export class SealedQuestions {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** Asks a question; the same again is the same. Who asks is not one of two who approve it. Throws as {@link bindSealed}. */
  async ask(agreement: string, text: string, person: Person, also?: Also<number>): Promise<SealedQuestionInfo> {
    const { agreements, log, database, now } = this.#context;
    const stored = await agreements.get(agreement);
    const { hash, table } = await bindAsked(stored.agreement, text);
    const known = await this.#of(stored.hash, hash);
    if (known !== undefined) return this.#info(known);
    const row = { agreement: stored.hash, text, hash, asked_by: person.id, asked_at: now().toISOString() };
    const event = { kind: 'sealed-question', agreement: stored.hash, table, question: hash, person: person.id };
    try {
      await log.append(event, async (transaction) => {
        const { id } = await transaction
          .insertInto('sealed_question')
          .values(row)
          .returning('id')
          .executeTakeFirstOrThrow();
        const { count } = await transaction
          .selectFrom('sealed_question')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('agreement', '=', stored.hash)
          .executeTakeFirstOrThrow();
        if (count > mostQuestions) throw fault('conflict', `${mostQuestions} questions were asked of this agreement`);
        await also?.(transaction, id);
      });
    } catch (error) {
      // Of two who ask the same at the same time, one finds it asked.
      if (!isDuplicate(error)) throw error;
    }
    await keepCheckpoint({ database, log });
    return this.#info((await this.#of(stored.hash, hash))!);
  }

  async list(): Promise<SealedQuestionInfo[]> {
    const rows = await this.#context.database.selectFrom('sealed_question').selectAll().orderBy('id').execute();
    return Promise.all(rows.map((row) => this.#info(row)));
  }

  /** Throws `not-found`. */
  async show(id: number): Promise<SealedQuestionInfo> {
    return this.#info(await this.#row(id));
  }

  /** Approves a question in the form that it has here now. */
  async approve(id: number, person: Person, also?: Also): Promise<void> {
    const { agreement, text } = await this.#row(id);
    const { hash } = await bindAsked((await this.#context.agreements.get(agreement)).agreement, text);
    authorizePerson(person, 'seal.approve');
    await this.#context.approvals.approve(subjectOf({ id, agreement }), hash, person, also);
    await keepCheckpoint(this.#context);
  }

  /** Takes all approvals back; what runs and has not opened its result ends. */
  async withdraw(id: number, person: Person): Promise<void> {
    const { agreement } = await this.#row(id);
    await this.#context.approvals.withdraw(subjectOf({ id, agreement }), person.id);
    await keepCheckpoint(this.#context);
  }

  #of(agreement: string, hash: string) {
    return this.#context.database
      .selectFrom('sealed_question')
      .selectAll()
      .where('agreement', '=', agreement)
      .where('hash', '=', hash)
      .executeTakeFirst();
  }

  async #row(id: number) {
    const row = await this.#context.database
      .selectFrom('sealed_question')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no question ${id} to encrypted tables here`);
    return row;
  }

  async #info(row: Selectable<DatabaseSchema['sealed_question']>): Promise<SealedQuestionInfo> {
    const { agreements, approvals, home } = this.#context;
    const { id, agreement, text, hash, asked_by: askedBy, asked_at: askedAt } = row;
    const terms = (await agreements.get(agreement)).agreement;
    const asked = await bindAsked(terms, text);
    const { kind, table } = asked;
    const given = await approvals.list(subjectOf(row));
    const { people: approvalsNeeded } = approvalRule(terms, 'outsource', home.card.id);
    return {
      id,
      agreement,
      kind,
      text,
      hash,
      table,
      words: wordsOf(asked, terms),
      askedBy,
      askedAt,
      approvals: given,
      approvalsNeeded,
    };
  }
}

function wordsOf(asked: BoundScores | BoundSealed, { outsourcing }: Agreement): readonly Said[] {
  if (asked.kind === 'scores') return scoreWords(asked, outsourcing!);
  return asked.bound.kind === 'study/1' ? explainStudy(asked.bound) : explainMethod(asked.bound);
}

/** What is approved of a question. */
export function subjectOf({ id, agreement }: Pick<SealedQuestionInfo, 'id' | 'agreement'>): ApprovalSubject {
  return { action: 'outsource', agreement, name: String(id) };
}
