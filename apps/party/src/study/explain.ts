import { encryptedWords, type StudyAgreement } from '@symbolon/agreement';
import {
  expectedSeconds,
  explainMethod,
  explainStudy,
  planBound,
  type Rows,
  type Said,
  type Sizes,
  type StudyRun,
  said,
  studyProtocol,
  type TableSize,
} from '@symbolon/analytics';
import { SymbolonError } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import type { BoundQuestion } from './question.ts';

/** A session of a study, and its cost. */
export interface ExplainedUnit {
  readonly parties: readonly string[];
  /** Of frames, one after the other. */
  readonly rounds: number;
  /** Payload from one party to another, by their places: `sentBytes[from][to]`. */
  readonly sentBytes: readonly (readonly number[])[];
  /** Bytes that the key service sends to the first party. */
  readonly answerKeyBytes: number;
  /** About how long it takes, where the network is fast. */
  readonly seconds: number;
}

/** What a study will compute and cost, and who will learn what, before it runs. */
export interface StudyExplanation {
  /** Hash of the agreement. */
  readonly agreement: string;
  readonly title: string;
  readonly study: string;
  readonly studyHash: string;
  readonly parties: readonly string[];
  readonly to: readonly string[];
  /** What is local at whom, what is computed under encryption, what opens. */
  readonly words: readonly Said[];
  /** Sizes that the numbers are for. */
  readonly sizes: Sizes;
  /** Holders whose size is not known here: the agreement's limit stands for it. */
  readonly atMost: readonly string[];
  /** Each with one-time keys of its own. None where it is too large at the sizes that stand for unknown ones: `words` say so. */
  readonly units: readonly ExplainedUnit[];
}

/** @param rows by table and holder, as far as they are known; for others, the own data set, or the most that the agreement allows */
export async function explainListed(
  context: PartyContext,
  { hash, agreement }: { readonly hash: string; readonly agreement: StudyAgreement },
  own: BoundQuestion,
  rows: Readonly<Record<string, Readonly<Record<string, number>>>> = {},
): Promise<StudyExplanation> {
  const { listed } = own;
  const { sizes, atMost } = await guessed(context, agreement, own.rows, rows);
  const to = own.parties.filter((id) => listed.to.includes(id));
  const { units, refused } = planned(own, sizes, { to, atMost });
  return {
    agreement: hash,
    title: agreement.title,
    study: listed.name,
    studyHash: own.studyHash,
    parties: own.parties,
    to,
    words: [
      ...(own.method === null ? explainStudy(own.bound) : explainMethod(own.method)),
      ...own.rows.tables.flatMap(({ name }) =>
        encryptedWords(name, agreement.studies.tables[name]!).map((words) => said('rows', words)),
      ),
      ...refused,
    ],
    sizes,
    atMost,
    units: units.map(({ parties, program }) => {
      const cost = studyProtocol.cost(program);
      const { rounds, sentBytes, answerKeyBytes } = cost;
      return { parties, rounds, sentBytes, answerKeyBytes, seconds: expectedSeconds(cost) };
    }),
  };
}

/** Tables that are smaller than the agreement allows may run what those limits do not: then it is said, and the rest explained all the same. */
function planned(
  { whole }: BoundQuestion,
  sizes: Sizes,
  { to, atMost }: { readonly to: readonly string[]; readonly atMost: readonly string[] },
): { readonly units: StudyRun['units']; readonly refused: readonly Said[] } {
  try {
    return { units: planBound(whole, sizes, { to }).units, refused: [] };
  } catch (error) {
    if (!(error instanceof SymbolonError) || error.code !== 'study-unsupported' || atMost.length === 0) throw error;
    return {
      units: [],
      refused: [said('refused', `At the most rows that are agreed it cannot run, with fewer it may: ${error.message}`)],
    };
  }
}

async function guessed(
  { home, datasets }: PartyContext,
  { studies }: StudyAgreement,
  { tables }: Rows,
  rows: Readonly<Record<string, Readonly<Record<string, number>>>>,
): Promise<{ sizes: Sizes; atMost: string[] }> {
  const known = new Map((await datasets.list()).map((dataset) => [dataset.name, dataset.rows]));
  const atMost = new Set<string>();
  const sizes: Record<string, Record<string, TableSize>> = {};
  for (const [place, { alias, name }] of tables.entries()) {
    const { holders, maxRows, rowsPerPatient } = studies.tables[name]!;
    const few = place === 0 && rowsPerPatient !== undefined ? { rowsPerPatient } : {};
    sizes[alias] = Object.fromEntries(
      holders.map(({ party, dataset }) => {
        const own = party === home.card.id ? known.get(dataset) : undefined;
        const count = rows[name]?.[party] ?? own;
        if (count === undefined) atMost.add(`${name} of ${party}`);
        const size = Math.max(1, count ?? maxRows);
        return [party, { rows: size, patients: size, ...few }];
      }),
    );
  }
  return { sizes, atMost: [...atMost] };
}
