import {
  computing,
  type VerifiedAgreement,
  verifySealedStatement,
  verifyStatement,
  verifyStudyStatement,
} from '@symbolon/agreement';
import { equalBytes, fromUtf8, parseDocument, type SignedDocument, SymbolonError } from '@symbolon/crypto';
import { auditLog, DatabaseLogStore, type EpochAudit, logOrigin, witnessesOf } from '@symbolon/service';
import type { PartyContext } from './context.ts';
import { SealedRuns } from './outsource/runs.ts';
import type { AttemptInfo } from './run/attempts.ts';
import type { StatementKind } from './run/statement-log.ts';

/** What the verification of an organisation's own log came to. The newest epoch stands at the top. */
export interface AuditReport extends EpochAudit {
  readonly ok: boolean;
  /** Epochs that `symbolon store recover` ended, the oldest first. */
  readonly earlier: readonly EpochAudit[];
  /** Statements of runs whose signatures and place in the log were verified. */
  readonly statements: number;
  /** Runs whose statements do not count fully yet: by whom, of the other parties and the key service, they are still to be cosigned. */
  readonly unwitnessed: readonly { readonly run: number; readonly witnesses: readonly string[] }[];
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
}

/**
 * Verifies the whole log, every epoch of it, and the statement of every finished run against its agreement's signatures and against the log.
 * @param checkpoints signed notes of this log that others hold, if there are any
 */
export async function verifyAudit(context: PartyContext, checkpoints: readonly string[] = []): Promise<AuditReport> {
  const { newest, earlier, faults } = await auditLog(context, checkpoints);
  const { statements, unwitnessed, wrong } = await verifyStatements(context);
  const all = [...faults, ...wrong];
  return { ok: all.length === 0, ...newest, earlier, statements, unwitnessed, faults: all };
}

async function verifyStatements(
  context: PartyContext,
): Promise<{ statements: number; unwitnessed: { run: number; witnesses: string[] }[]; wrong: string[] }> {
  const { runs, studyRuns } = context;
  const wrong: string[] = [];
  let statements = 0;
  const unwitnessed: { run: number; witnesses: string[] }[] = [];
  const look = async (name: string, verify: () => Promise<void>): Promise<void> => {
    try {
      await verify();
      statements++;
    } catch (error) {
      if (error instanceof Missing) wrong.push(`${name} ${error.message}`);
      else if (error instanceof SymbolonError) wrong.push(`${name}: ${error.message}`);
      else throw error;
    }
  };
  const lookAt = (run: AttemptInfo<unknown>, verify: () => Promise<void>): Promise<void> =>
    look(`run ${run.id}`, async () => {
      await verify();
      const witnesses = await missingWitnesses(context, run);
      if (witnesses.length > 0) unwitnessed.push({ run: run.id, witnesses });
    });
  for (const run of await runs.list()) {
    if (run.state !== 'done') continue;
    await lookAt(run, async () => {
      const statement = verifyStatement(...(await signed(context, run, 'link-done', await runs.statement(run.id))));
      const { matches } = statement;
      if (run.details !== null && matches !== null && matches !== run.details.matches)
        throw new Missing('has another number of matches');
    });
  }
  for (const run of await studyRuns.list()) {
    if (run.state !== 'done') continue;
    await lookAt(run, async () => {
      const { study } = verifyStudyStatement(
        ...(await signed(context, run, 'study-done', await runs.statement(run.id))),
      );
      if (study !== run.study) throw new Missing('is of another study');
    });
  }
  const sealed = new SealedRuns(context);
  for (const run of await sealed.list()) {
    if (run.state !== 'done') continue;
    await look(`run ${run.id} on an encrypted table`, async () => {
      verifySealedStatement(...(await signed(context, run, 'sealed-done', await sealed.statement(run.id))));
    });
  }
  return { statements, unwitnessed, wrong };
}

/** A statement counts with the cosignatures of the run's parties and the key service (PROTOCOLS §8). */
async function missingWitnesses(
  { home, database, agreements }: PartyContext,
  { agreement: hash, logEpoch, logIndex }: AttemptInfo<unknown>,
): Promise<string[]> {
  const { agreement } = await agreements.get(hash);
  const cosigned = await witnessesOf(database, logOrigin(home.card.id, logEpoch!), logIndex!);
  const computers = computing(agreement);
  const wanted = [...agreement.parties.map(({ id }) => id), agreement.keyService.id];
  return wanted.filter((id) => id !== home.card.id && !computers.has(id) && !cosigned.includes(id));
}

/** The statement of a run, once it is known to stand in the log as it was kept, and its agreement. */
async function signed(
  { agreements, database }: PartyContext,
  { agreement, logEpoch, logIndex }: Pick<AttemptInfo<unknown>, 'agreement' | 'logEpoch' | 'logIndex'>,
  kind: StatementKind | 'sealed-done',
  bytes: Uint8Array | null,
): Promise<[SignedDocument, VerifiedAgreement]> {
  if (bytes === null) throw new Missing('has no statement');
  if (logEpoch === null || logIndex === null) throw new Missing('has no entry in the log');
  const { event } = await new DatabaseLogStore(database, logEpoch).entry(logIndex);
  const expected = `{"kind":"${kind}","statement":${fromUtf8(bytes)}}`;
  if (event === null || !equalBytes(event, new TextEncoder().encode(expected))) {
    throw new Missing(`stands otherwise in entry ${logIndex} of the log`);
  }
  return [parseDocument(bytes), await agreements.get(agreement)];
}

class Missing extends Error {}
