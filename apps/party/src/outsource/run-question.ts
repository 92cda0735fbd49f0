import { type Purpose, type SealedStatement, signSealedStatement } from '@symbolon/agreement';
import { base64url, documentBytes, documentHash, fault, hashLabelled, SymbolonError, utf8 } from '@symbolon/crypto';
import { answer, Checks, type Circuit, type Part, specOf } from '@symbolon/fhe';
import { openDuckDb } from '@symbolon/service';
import type { OutsourceGrant } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { phasesOf, type Report, rounded } from '../run/progress.ts';
import { evaluateSealed, releasedCells } from './ask.ts';
import { decideSealed } from './decide-sealed.ts';
import type { OpenKey, SealKeys } from './keys.ts';
import { type BoundSealed, bindSealed, methodOf, type SealedQuestions, sealedSchema } from './questions.ts';
import { readingOf } from './reading.ts';
import type { SealedResult, SealedRunInfo, SealedRuns } from './runs.ts';
import { inSealProcess } from './seal-child.ts';
import { ComputeServer } from './server.ts';
import { type KnownTable, layoutOf, type SealedTables } from './tables.ts';

/** What a run needs of the gateway. */
export interface RunStores {
  readonly keys: SealKeys;
  readonly tables: SealedTables;
  readonly questions: SealedQuestions;
  readonly runs: SealedRuns;
}

const phase = phasesOf({ evaluate: 'The server computes', finish: 'Decrypted, checked, and computed again' });

/**
 * Asks the compute server, opens what it returns, and keeps what the release rules let show. Whatever is wrong with what the server returned retires the
 * key. Runs at: the owner of the table.
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
  const duckDb = await openDuckDb({ threads: 1 });
  try {
    let returned: readonly Part[] = [];
    const asking = {
      schema: sealedSchema(grant.agreement),
      duckDb,
      clock: () => performance.now(),
      server: {
        ask: async (name: string, circuit: Circuit): Promise<Part[]> => {
          const asked = (await stores.runs.asked(id)) ?? (await server.begin(name, circuit));
          await stores.runs.keepAsked(id, asked);
          const progress = (done: number, of: number): void => phase(report, 'evaluate', of)(done);
          const parts = await server.results(asked, circuit, progress, signal);
          // Nothing is decrypted for an agreement, or an approval, that is over by now.
          await decide();
          await stores.runs.opening(id, grant.terms.maxRuns);
          returned = parts;
          return parts;
        },
      },
    };
    const evaluated = await evaluateSealed(question, sealedOf(table, key, await stores.keys.pair(table.key)), asking);
    const { bound, study, translated, totals, seconds } = evaluated;
    phase(report, 'finish')(0);
    const recomputed = await compare(context, grant, table, { key, circuit: translated.circuit, totals, signal });
    const shown = await releasedCells(bound, answer(study, translated, totals), duckDb);
    const result: SealedResult = {
      ...shown.result,
      method: shown.method,
      salt: base64url(context.rng(32)),
      recomputed,
      seconds: { evaluate: rounded(seconds.evaluate), open: rounded(seconds.open) },
    };
    const terms = termsOf(grant, table, question, { circuit: translated.circuit, returned, result });
    const statement = signSealedStatement(
      {
        ...terms,
        key: (await stores.keys.show(table.key)).key,
        purpose: run.purpose as Purpose | null,
        date: now(context),
      },
      context.home.signingKey,
    );
    await stores.runs.done(id, result, documentBytes(statement));
    phase(report, 'finish')(1);
  } catch (error) {
    if (error instanceof SymbolonError && error.code === 'fhe-check')
      await stores.keys.retire(table.key, error.message);
    throw error;
  } finally {
    duckDb.close();
    await server.close();
  }
}

interface Prepared {
  readonly question: BoundSealed;
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
  const question = await bindSealed((await context.agreements.get(run.agreement)).agreement, text);
  const table = await tables.find(run.table);
  if (table.state !== 'uploaded') throw fault('conflict', `table ${table.id} cannot be asked: it is ${table.state}`);
  return { question, askedBy, table, key: await keys.opened(table.key) };
}

function decided(
  context: PartyContext,
  { agreement, person, purpose, question: number }: SealedRunInfo,
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
  );
}

const now = ({ now: clock }: PartyContext): string => `${clock().toISOString().slice(0, 19)}Z`;

/** A table as it is asked. */
function sealedOf(table: KnownTable, key: OpenKey, { evaluation }: { readonly evaluation: Uint8Array }) {
  const layout = layoutOf(table.described, table.rows!);
  const checks = new Checks(layout, key.seed(table.table));
  const keys = { secret: key.secret, evaluation };
  const { described: outsourced, manifest } = table;
  return { id: table.table, outsourced, layout, checks, keys, rows: table.rows!, manifest: manifest! };
}

/** Computes the same from the rows, where they are still those that were encrypted. Throws `fhe-check` where it comes to something else. */
async function compare(
  context: PartyContext,
  { agreement }: OutsourceGrant,
  { described, digest, table }: KnownTable,
  of: { key: OpenKey; circuit: Circuit; totals: readonly number[]; signal: AbortSignal },
): Promise<SealedResult['recomputed']> {
  if (digest === null) return 'rows-gone';
  const { key, circuit, totals, signal } = of;
  let clear: { readonly digest: string; readonly totals: readonly number[] };
  try {
    const { reading } = await readingOf(context, agreement, described);
    const specs = described.columns.map(specOf);
    clear = await inSealProcess({ kind: 'recompute', reading, specs, circuit, seed: key.seed(table) }, { signal });
  } catch (error) {
    if (!(error instanceof SymbolonError) || signal.aborted) throw error;
    return error.code.startsWith('data-') ? 'rows-changed' : 'rows-gone';
  }
  if (clear.digest !== digest) return 'rows-changed';
  if (clear.totals.every((total, i) => total === totals[i])) return 'same';
  throw fault('fhe-check', 'what the server returned is not what the rows come to');
}

/** What is stated of a run, but when, and what for. */
function termsOf(
  { hash: agreement, terms: { owner, compute } }: OutsourceGrant,
  { name, table, rows, manifest }: KnownTable,
  { hash: question }: BoundSealed,
  of: { circuit: Circuit; returned: readonly Part[]; result: SealedResult },
): Omit<SealedStatement, 'kind' | 'version' | 'key' | 'purpose' | 'date'> {
  const { circuit, returned, result } = of;
  const words = returned.flatMap(({ results }) => results.map((one) => one.words));
  const hashed = (label: string, ...parts: Uint8Array[]): string => base64url(hashLabelled(label, ...parts));
  return {
    ...{ agreement, owner, compute, name, table, question },
    manifest: base64url(documentHash(manifest!)),
    rows: rows!,
    circuit: hashed('symbolon circuit', utf8(JSON.stringify(circuit))),
    returned: hashed('symbolon results of a circuit', ...words),
    released: hashed('symbolon sealed result', utf8(JSON.stringify(result))),
    recomputed: result.recomputed === 'same',
  };
}
