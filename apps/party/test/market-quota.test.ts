import { draftLicence, memberOf, parseLicenceRequest } from '@symbolon/agreement';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { openContext, type PartyContext } from '../src/context.ts';
import { runsUsed } from '../src/market/quota.ts';
import { liveGate } from '../src/run/live.ts';
import { marketNetwork, membersOffer, visitsOffer, wish } from './market-network.ts';
import { quiet } from './network.ts';

/** An owner's folder with a licence of so many runs. */
async function licensed(
  quota: object | undefined,
  clock: () => Date,
): Promise<{ context: PartyContext; hash: string }> {
  const network = await marketNetwork();
  onTestFinished(() => network.close());
  const { as, homes } = network;
  const offers = [
    await as('hospital', ({ market }) => market.publish(visitsOffer({ quota: { perTerm: 1000 } }))),
    await as('insurer', ({ market }) => market.publish(membersOffer())),
  ];
  const licence = draftLicence(parseLicenceRequest(wish(quota === undefined ? {} : { quota })), offers, {
    licensee: memberOf(homes.researcher.card),
    owners: [homes.hospital, homes.insurer].map(({ card }) => memberOf(card)),
    keyService: memberOf(homes.keys.card),
  });
  const context = await openContext(homes.hospital.path, { logger: quiet, now: clock });
  onTestFinished(() => context.close());
  return { context, hash: await context.agreements.addDraft(licence) };
}

/** So many runs at the moment where they begin to count, all at once. @returns codes of those that may not go on */
async function race(context: PartyContext, hash: string, runs: number, by = 'researcher'): Promise<string[]> {
  const { log, studyRuns } = context;
  const ids: number[] = [];
  for (let i = 0; i < runs; i++) {
    ids.push(await studyRuns.start(hash, `${by} ${context.now().getTime()} ${i}`, 'by-region', by));
  }
  const outcomes = await Promise.allSettled(
    ids.map((id) =>
      log.append({ kind: 'test' }, (transaction) => liveGate(context, hash, id, []).signing(transaction, true)),
    ),
  );
  return outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code ?? String(one.reason)] : []));
}

onBothDatabases(() => {
  test('of 50 runs at once no more than the quota open, whatever the day', async () => {
    let now = new Date('2026-05-30T12:00:00Z');
    const { context, hash } = await licensed({ perDay: 7, perMonth: 10, perTerm: 15 }, () => now);
    const licence = await context.agreements.get(hash);
    const used = () => runsUsed(context.database, licence, 'researcher', now);
    expect(await race(context, hash, 50)).toEqual(Array(43).fill('agreement-limit'));
    expect(await used()).toEqual({ day: 7, month: 7, term: 7 });
    // Those of others are not counted.
    expect(await race(context, hash, 5, 'insurer')).toEqual([]);
    now = new Date('2026-05-31T12:00:00Z');
    expect(await race(context, hash, 50)).toHaveLength(47);
    expect(await used()).toEqual({ day: 3, month: 10, term: 10 });
    now = new Date('2026-06-01T00:00:00Z');
    expect(await race(context, hash, 50)).toHaveLength(45);
    expect(await used()).toEqual({ day: 5, month: 5, term: 15 });
  });

  test('without that quota all 50 open', async () => {
    const { context, hash } = await licensed(undefined, () => new Date());
    expect(await race(context, hash, 50)).toEqual([]);
  });
});
