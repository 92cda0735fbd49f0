import type { GrantShown } from '@symbolon/consent';
import { type Database, insertRows } from '@symbolon/service';
import type { GrantedGroups } from '../grants.ts';
import type { SessionRow } from './rows.ts';

/** Opens a window. */
export async function openWindow(
  within: Database,
  { id: session, module, relation, physician }: SessionRow,
  window: {
    readonly patient: number;
    readonly kind: 'consent' | 'reopened' | 'break-glass' | 'view' | 'export';
    readonly independent: boolean;
    readonly groups: GrantedGroups;
    readonly now: Date;
    readonly hours: number;
  },
): Promise<{ readonly until: Date }> {
  const { patient, kind, independent, groups, now, hours } = window;
  const until = new Date(now.getTime() + hours * 3_600_000);
  await insertRows(within, 'centre_grant', [
    {
      ...{ session, module, patient, relation, physician, kind },
      independent: independent ? 1 : 0,
      groups: JSON.stringify(groups),
      granted_at: now.toISOString(),
      until_at: until.toISOString(),
      closed_at: null,
    },
  ]);
  return { until };
}

/**
 * What consent of a patient opens: groups, all of their records. Where the card's answer may have been known without the card, only records that were open to
 * this physician before, by a consent that was not withdrawn.
 */
export async function openConsent(
  within: Database,
  row: SessionRow,
  consent: { patient: number; independent: boolean; groups: readonly string[]; now: Date; hours: number },
): Promise<GrantShown> {
  const { independent } = consent;
  const groups: GrantedGroups = independent
    ? consent.groups.map((group) => [group, null])
    : await openBefore(within, row, consent);
  const kind = independent ? 'consent' : 'reopened';
  const { until } = await openWindow(within, row, { ...consent, groups, kind });
  return { kind, groups: groups.map(([group]) => group), until: until.getTime() };
}

async function openBefore(
  within: Database,
  { module, relation }: SessionRow,
  { groups, now }: { groups: readonly string[]; now: Date },
): Promise<GrantedGroups> {
  const rows = await within
    .selectFrom('centre_grant')
    .select(['groups', 'until_at'])
    .where('module', '=', module)
    .where('relation', '=', relation)
    .where('kind', '=', 'consent')
    .where('closed_at', 'is', null)
    .execute();
  const present = now.toISOString();
  return groups.flatMap((group): [string, string][] => {
    const ends = rows
      .filter((row) => (JSON.parse(row.groups) as GrantedGroups).some(([name]) => name === group))
      .map(({ until_at }) => [until_at, present].toSorted()[0]!);
    return ends.length === 0 ? [] : [[group, ends.toSorted().at(-1)!]];
  });
}
