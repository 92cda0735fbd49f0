import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Purpose, type SealedStatement, signSealedStatement } from '@symbolon/agreement';
import { base64url, documentBytes, documentHash, fault, hashLabelled, utf8 } from '@symbolon/crypto';
import { answer, type Circuit, type Part, type ScoreModel } from '@symbolon/fhe';
import { openDuckDb } from '@symbolon/service';
import type { OutsourceGrant } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { phasesOf, type Report, rounded } from '../run/progress.ts';
import { evaluateSealed, releasedCells } from './ask.ts';
import { askedTable, recompute, retireAfter } from './checked.ts';
import { decideSealed } from './decide-sealed.ts';
import type { SealKeys } from './keys.ts';
import type { OpenKey } from './open-key.ts';
import { scoresFile } from './own-files.ts';
import { type BoundSealed, bindAsked, methodOf, type SealedQuestions, sealedSchema } from './questions.ts';
import { runScores } from './run-scores.ts';
import type { ScoredResult, SealedResult, SealedRunInfo, SealedRuns } from './runs.ts';
import type { BoundScores } from './score-model.ts';
import { ComputeServer, type Progress } from './server.ts';
import type { KnownTable, SealedTables } from './tables.ts';

/** What a run needs of the gateway. */
export interface RunStores {
  readonly keys: SealKeys;
  readonly tables: SealedTables;
  readonly questions: SealedQuestions;
  readonly runs: SealedRuns;
}

/** What a run came to, and what the server was asked and returned. */
export interface Outcome<Result> {
  readonly result: Result;
  readonly asked: Circuit | ScoreModel;
  /** Bytes of its ciphertexts. */
  readonly returned: readonly Uint8Array[];
}

/** A run as it goes on. */
export interface Running<Asked> {
  readonly id: number;
  readonly question: Asked;
  readonly table: KnownTable;
  readonly key: OpenKey;
  readonly grant: OutsourceGrant;
  readonly server: ComputeServer;
  readonly signal: AbortSignal;
  /** How far the server is. */
  readonly onEvaluated: Progress;
  /** How far decryption is. */
  readonly onOpened: (done: 0 | 1) => void;
  /** Asks the server, and holds that what it returns may be opened. @param results of the question with this number there */
  ask<Results>(asked: Circuit | ScoreModel, results: (asked: number) => Promise<Results>): Promise<Results>;
}

const phase = phasesOf({ evaluate: 'The server computes', finish: 'Decrypted, checked, and computed again' });

/**
 * Asks the compute server, opens what it returns, and keeps what the release rules let show; of scores nothing is shown but how many there are. Whatever
 * is wrong with what the server returned retires the key. Runs at: the owner of the table.
 *
 * Throws `seal-key`, `circuit`, `compute-…`, `fhe-check`, `agreement-…`, `unapproved`.
 */
export async function runQuestion(
  context: PartyContext,
  stores: RunStores,
  id: number,
  { signal, report }: { signal: AbortSignal; report: Report },
): Promise<void> {
  const run = await stores.runs.show(id);
  const prepared = await prepare(context, stores, run);
  const { question, table, key } = prepared;
  const decide = () => decided(context, run, prepared);
  const grant = await decide();
  const server = new ComputeServer(context.home, context.home.partners.find(grant.terms.compute)!);
  const running = {
    ...{ id, table, key, grant, server, signal },
    onEvaluated: (done: number, of: number): void => phase(report, 'evaluate', of)(done),
    onOpened: phase(report, 'finish'),
    async ask<Results>(asked: Circuit | ScoreModel, results: (asked: number) => Promise<Results>): Promise<Results> {
      const number = (await stores.runs.asked(id)) ?? (await server.begin(table.table, asked));
      await stores.runs.keepAsked(id, number);
      const returned = await results(number);
      // Nothing is decrypted for an agreement, or an approval, that is over by now.
      await decide();
      await stores.runs.opening(id, grant.terms.maxRuns);
      return returned;
    },
  };
  try {
    const outcome =
      question.kind === 'scores'
        ? await runScores(context, { ...running, question }, stores.tables.own(table))
        : await runTotals(context, { ...running, question });
    const statement = signSealedStatement(
      {
        ...termsOf(grant, table, question, outcome),
        key: (await stores.keys.show(table.key)).key,
        purpose: run.purpose as Purpose | null,
        date: now(context),
      },
      context.home.signingKey,
    );
    await stores.runs.done(id, outcome.result, documentBytes(statement));
    running.onOpened(1);
  } catch (error) {
    // A run that is taken up again gives its scores again.
    rmSync(join(stores.tables.own(table), scoresFile(id)), { force: true });
    await retireAfter(error, stores.keys, table.key);
    throw error;
  } finally {
    await server.close();
  }
}

async function runTotals(
  context: PartyContext,
  { question, table, key, grant, server, signal, onEvaluated, onOpened, ask }: Running<BoundSealed>,
): Promise<Outcome<SealedResult>> {
  const duckDb = await openDuckDb({ threads: 1 });
  try {
    let returned: readonly Part[] = [];
    const evaluated = await evaluateSealed(question, askedTable(table, key), {
      ...{ schema: sealedSchema(grant.agreement), duckDb, clock: () => performance.now() },
      server: {
        ask: async (_, circuit) => {
          const parts = await ask(circuit, (asked) => server.results(asked, circuit, onEvaluated, signal));
          returned = parts;
          return parts;
        },
      },
    });
    const { bound, study, translated, totals, seconds } = evaluated;
    onOpened(0);
    const { circuit } = translated;
    const recomputed = await recompute(context, grant.agreement, table, { key, circuit, totals, signal });
    const shown = await releasedCells(bound, answer(study, translated, totals), duckDb);
    const result: SealedResult = {
      ...shown.result,
      method: shown.method,
      salt: base64url(context.rng(32)),
      recomputed,
      seconds: { evaluate: rounded(seconds.evaluate), open: rounded(seconds.open) },
    };
    return { result, asked: circuit, returned: returned.flatMap(({ results }) => results.map(({ words }) => words)) };
  } finally {
    duckDb.close();
  }
}

interface Prepared {
  readonly question: BoundSealed | BoundScores;
  readonly askedBy: string;
  readonly table: KnownTable;
  readonly key: OpenKey;
}

async function prepare(
  context: PartyContext,
  { keys, tables, questions }: RunStores,
  run: SealedRunInfo,
): Promise<Prepared> {
  const { text, askedBy } = await questions.show(run.question);
  const question = await bindAsked((await context.agreements.get(run.agreement)).agreement, text);
  const table = await tables.find(run.table);
  if (table.state !== 'uploaded') throw fault('conflict', `table ${table.id} cannot be asked: it is ${table.state}`);
  return { question, askedBy, table, key: await keys.opened(table.key) };
}

function decided(
  context: PartyContext,
  { agreement, person, purpose, question: number, openedAt }: SealedRunInfo,
  { question, askedBy, table }: Prepared,
): Promise<OutsourceGrant> {
  const { hash, uses } = question;
  return decideSealed(
    context,
    {
      ...{ agreement, person, table: table.name, rows: table.rows ?? 0 },
      purpose: (purpose ?? undefined) as Purpose | undefined,
      question: { hash, method: methodOf(question), uses, askedBy },
    },
    number,
    openedAt !== null,
  );
}

const now = ({ now: clock }: PartyContext): string => `${clock().toISOString().slice(0, 19)}Z`;

/** What is stated of a run, but when, and what for. */
function termsOf(
  { hash: agreement, terms: { owner, compute } }: OutsourceGrant,
  { name, table, rows, manifest }: KnownTable,
  { hash: question }: BoundSealed | BoundScores,
  { asked, returned, result }: Outcome<SealedResult | ScoredResult>,
): Omit<SealedStatement, 'kind' | 'version' | 'key' | 'purpose' | 'date'> {
  const hashed = (label: string, ...parts: Uint8Array[]): string => base64url(hashLabelled(label, ...parts));
  return {
    ...{ agreement, owner, compute, name, table, question },
    manifest: base64url(documentHash(manifest!)),
    rows: rows!,
    circuit: hashed('symbolon circuit', utf8(JSON.stringify(asked))),
    returned: hashed('symbolon results of a circuit', ...returned),
    released: hashed('symbolon sealed result', utf8(JSON.stringify(result))),
    recomputed: result.recomputed === 'same',
  };
}
