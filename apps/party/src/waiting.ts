import { approvalRule } from '@symbolon/agreement';
import type { PartyContext } from './context.ts';
import { pendingErasures } from './erase-entry.ts';
import { SealedRuns, sealedRunsName } from './outsource/runs.ts';
import { countReleases } from './release.ts';

/** A result that others of this organisation get once more people here have looked at it. */
export interface WaitingRelease {
  /** Of a link, of a study, or of a question to an encrypted table: each has numbers of its own. */
  readonly kind: 'link' | 'study' | 'sealed';
  readonly run: number;
  readonly agreement: string;
  /** Null of all others. */
  readonly study: string | null;
  readonly by: readonly string[];
  readonly needed: number;
}

/** An entry of the own log that somebody has asked to erase. */
export interface WaitingErasure {
  readonly index: number;
  readonly by: readonly string[];
}

/** What waits for more people of this organisation, whichever agreement it is under. */
export async function waitingForPeople(
  context: PartyContext,
): Promise<{ releases: WaitingRelease[]; erasures: WaitingErasure[] }> {
  return { releases: await waitingReleases(context), erasures: await pendingErasures(context) };
}

async function waitingReleases(context: PartyContext): Promise<WaitingRelease[]> {
  const { agreements, home, runs, studyRuns } = context;
  const { id: self } = home.card;
  const asking = (await agreements.list()).filter(
    ({ agreement }) => approvalRule(agreement, 'release', self).people > 0,
  );
  if (asking.length === 0) return [];
  const hashes = new Set(asking.map(({ hash }) => hash));
  const sealed = new SealedRuns(context);
  const received = [
    ...(await runs.list()).map((run) => ({ ...run, kind: 'link' as const, study: null, store: runs })),
    ...(await studyRuns.list())
      .filter(({ details }) => details?.to.includes(self))
      .map((run) => ({ ...run, kind: 'study' as const, store: studyRuns })),
    ...(await sealed.releasable()).map((run) => ({ ...run, kind: 'sealed' as const, study: null, store: sealed })),
  ].filter(({ state, agreement }) => state === 'done' && hashes.has(agreement));
  const waiting: WaitingRelease[] = [];
  for (const { id, kind, agreement, study, store } of received) {
    const { given, needed, by } = await countReleases(context, {
      ...(kind === 'sealed' ? { of: sealedRunsName } : {}),
      ...{ id, agreement, statement: await store.statement(id) },
    });
    if (given < needed) waiting.push({ kind, run: id, agreement, study, by, needed });
  }
  return waiting;
}
