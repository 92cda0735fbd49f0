import { approvalRule } from '@symbolon/agreement';
import type { PartyContext } from './context.ts';
import { pendingErasures } from './erase-entry.ts';
import { countReleases } from './release.ts';

/** A result that others of this organisation get once more people here have looked at it. */
export interface WaitingRelease {
  readonly run: number;
  readonly agreement: string;
  /** Null: a link's. */
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
  const received = [
    ...(await runs.list()).map((run) => ({ ...run, study: null, store: runs })),
    ...(await studyRuns.list())
      .filter(({ details }) => details?.to.includes(self))
      .map((run) => ({ ...run, store: studyRuns })),
  ].filter(({ state, agreement }) => state === 'done' && hashes.has(agreement));
  const waiting: WaitingRelease[] = [];
  for (const { id, agreement, study, store } of received) {
    const { given, needed, by } = await countReleases(context, {
      id,
      agreement,
      statement: await store.statement(id),
    });
    if (given < needed) waiting.push({ run: id, agreement, study, by, needed });
  }
  return waiting;
}
