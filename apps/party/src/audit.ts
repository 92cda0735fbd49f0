import { verifyStatement } from '@symbolon/agreement';
import { base64url, equalBytes, fromBase64url, fromUtf8, parseDocument, SymbolonError } from '@symbolon/crypto';
import { type Checkpoint, parseCheckpoint, verifyLog } from '@symbolon/ledger';
import { keptCheckpoint } from './checkpoint.ts';
import type { PartyContext } from './context.ts';

/** What the verification of an organisation's own log came to. */
export interface AuditReport {
  readonly ok: boolean;
  /** Entries of the log. */
  readonly entries: number;
  /** Root of the tree, base64url; null where the log is not sound. */
  readonly root: string | null;
  /** Entries whose event was erased. */
  readonly erased: readonly number[];
  /** Statements of runs whose signatures and place in the log were verified. */
  readonly statements: number;
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
}

/**
 * Verifies the whole log: every leaf against its event, the tree against the checkpoint that was signed last, the statement of every
 * finished run against its agreement's signatures and against the log.
 * @param checkpoints signed notes of this log that others hold, if there are any
 */
export async function verifyAudit(context: PartyContext, checkpoints: readonly string[] = []): Promise<AuditReport> {
  const { log, home } = context;
  const faults: string[] = [];
  const trusted: Checkpoint[] = [];
  const kept = await keptCheckpoint(context);
  for (const note of [...(kept === undefined ? [] : [kept]), ...checkpoints]) {
    try {
      trusted.push(parseCheckpoint(note, log.origin, fromBase64url(home.card.logKey)));
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      faults.push(`a checkpoint: ${error.message}`);
    }
  }
  const verdict = await verifyLog(log.store, trusted);
  if (!verdict.ok) faults.push(`entries ${verdict.index} to ${verdict.until - 1}: ${verdict.reason}`);
  const { statements, wrong } = await verifyStatements(context);
  faults.push(...wrong);
  return {
    ok: faults.length === 0,
    entries: await log.store.size(),
    root: verdict.ok ? base64url(verdict.root) : null,
    erased: verdict.ok ? verdict.erased : [],
    statements,
    faults,
  };
}

async function verifyStatements({
  runs,
  agreements,
  log,
}: PartyContext): Promise<{ statements: number; wrong: string[] }> {
  const wrong: string[] = [];
  let statements = 0;
  for (const { id, agreement, state, logIndex, details } of await runs.list()) {
    if (state !== 'done') continue;
    try {
      const bytes = await runs.statement(id);
      if (bytes === null) throw new Missing('has no statement');
      const statement = verifyStatement(parseDocument(bytes), await agreements.get(agreement));
      if (details !== null && statement.matches !== details.matches) throw new Missing('has another number of matches');
      if (logIndex === null) throw new Missing('has no entry in the log');
      const { event } = await log.store.entry(logIndex);
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
