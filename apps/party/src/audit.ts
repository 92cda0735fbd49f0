import { verifyStatement } from '@symbolon/agreement';
import { equalBytes, fromUtf8, parseDocument, SymbolonError } from '@symbolon/crypto';
import { auditLog, DatabaseLogStore, type EpochAudit } from '@symbolon/service';
import type { PartyContext } from './context.ts';

/** What the verification of an organisation's own log came to. The newest epoch stands at the top. */
export interface AuditReport extends EpochAudit {
  readonly ok: boolean;
  /** Epochs that `symbolon store recover` ended, the oldest first. */
  readonly earlier: readonly EpochAudit[];
  /** Statements of runs whose signatures and place in the log were verified. */
  readonly statements: number;
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
}

/**
 * Verifies the whole log, every epoch of it, and the statement of every finished run against its agreement's signatures and against the log.
 * @param checkpoints signed notes of this log that others hold, if there are any
 */
export async function verifyAudit(context: PartyContext, checkpoints: readonly string[] = []): Promise<AuditReport> {
  const { newest, earlier, faults } = await auditLog(context, checkpoints);
  const { statements, wrong } = await verifyStatements(context);
  const all = [...faults, ...wrong];
  return { ok: all.length === 0, ...newest, earlier, statements, faults: all };
}

async function verifyStatements({
  runs,
  agreements,
  database,
}: PartyContext): Promise<{ statements: number; wrong: string[] }> {
  const wrong: string[] = [];
  let statements = 0;
  for (const { id, agreement, state, logEpoch, logIndex, details } of await runs.list()) {
    if (state !== 'done') continue;
    try {
      const bytes = await runs.statement(id);
      if (bytes === null) throw new Missing('has no statement');
      const statement = verifyStatement(parseDocument(bytes), await agreements.get(agreement));
      const { matches } = statement;
      if (details !== null && matches !== null && matches !== details.matches)
        throw new Missing('has another number of matches');
      if (logEpoch === null || logIndex === null) throw new Missing('has no entry in the log');
      const { event } = await new DatabaseLogStore(database, logEpoch).entry(logIndex);
      const expected = `{"kind":"link-done","statement":${fromUtf8(bytes)}}`;
      if (event === null || !equalBytes(event, new TextEncoder().encode(expected))) {
        throw new Missing(`stands otherwise in entry ${logIndex} of the log`);
      }
      statements++;
    } catch (error) {
      if (error instanceof Missing) wrong.push(`run ${id} ${error.message}`);
      else if (error instanceof SymbolonError) wrong.push(`run ${id}: ${error.message}`);
      else throw error;
    }
  }
  return { statements, wrong };
}

class Missing extends Error {}
