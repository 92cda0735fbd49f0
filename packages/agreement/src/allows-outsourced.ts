import type { SealedMethod } from './methods.ts';
import { computing, outsourcedTo } from './outsourcing.ts';
import { outsideTerm, type Refusal, refuse } from './refusal.ts';
import type { Agreement } from './schema.ts';

/** What an owner wants of an agreement: that a table is encrypted for the server that it names, or that a question is computed there. */
export interface OutsourcedRequest {
  /** The organisation that asks. */
  readonly by: string;
  /** The table's name in the agreement; null of what is about all. */
  readonly table: string | null;
  /** How many rows it has, where that is known. */
  readonly rows?: number | undefined;
  /** Of a question; absent where none is asked. */
  readonly method?: SealedMethod | undefined;
  /** UTC. */
  readonly date: string;
  /** Runs of all questions that count. */
  readonly runsSoFar: number;
}

/** What may be done, copied from the agreement. */
export interface OutsourcedPermission {
  readonly grant: true;
  readonly terms: NonNullable<Agreement['outsourcing']>;
  /** Runs that remain after this one. */
  readonly runsLeft: number;
}

/** Whether an agreement covers it. Give it agreements that `requireSigned` has passed. */
export function allowsOutsourced(agreement: Agreement, asked: OutsourcedRequest): OutsourcedPermission | Refusal {
  const { by, table: name, rows = 0, method, runsSoFar } = asked;
  if (computing(agreement).size === 0) {
    return refuse(agreement, 'agreement-limit', 'It lets nobody compute on encrypted tables.');
  }
  const terms = outsourcedTo(agreement, by);
  if (terms === undefined) return refuse(agreement, 'agreement-party', `No encrypted table is that of ${by}.`);
  const late = outsideTerm(agreement, asked.date);
  if (late !== undefined) return late;
  if (name !== null) {
    const table = Object.hasOwn(terms.tables, name) ? terms.tables[name] : undefined;
    if (table === undefined)
      return refuse(agreement, 'agreement-limit', `It lists no table '${name}' to be encrypted.`);
    if (rows > table.maxRows) {
      const most = `at most ${table.maxRows} are allowed`;
      return refuse(agreement, 'agreement-limit', `The table ${name} has ${rows} rows; ${most}.`);
    }
  }
  if (method !== undefined) {
    if (!terms.methods.includes(method)) {
      const allowed = terms.methods.join(', ');
      return refuse(
        agreement,
        'agreement-limit',
        allowed === ''
          ? 'What is asked of these tables are its studies alone.'
          : `Questions to the server are as ${allowed}, not as ${method}.`,
      );
    }
    if (runsSoFar >= terms.maxRuns) {
      return refuse(agreement, 'agreement-limit', `All ${terms.maxRuns} runs on encrypted tables have been used.`);
    }
  }
  return { grant: true, terms, runsLeft: terms.maxRuns - runsSoFar - (method === undefined ? 0 : 1) };
}
