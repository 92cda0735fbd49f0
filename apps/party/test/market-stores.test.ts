import { signStudyStatement } from '@symbolon/agreement';
import { addSignature, documentBytes, parseCanonical, type SignedDocument } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { openContext } from '../src/context.ts';
import { marketNetwork, membersOffer, publishAll, visitsOffer, wish } from './market-network.ts';
import { eventsOf, quiet } from './network.ts';

onBothDatabases(() => {
  test('the catalogue: one entry a name, signed, the newest in the place of the one before, each change in the log', async () => {
    const network = await marketNetwork();
    onTestFinished(() => network.close());
    await network.as('hospital', async ({ market, log }) => {
      const { size } = log;
      const titles = async () => (await market.offers()).map(({ offer }) => offer.title);
      await market.publish(visitsOffer());
      const refused = market.publish(visitsOffer({ columns: { none: { type: 'text', policy: 'join' } } }));
      await expect(refused).rejects.toMatchObject({ code: 'agreement-invalid' });
      const lost = async () => Promise.reject(new Error('power is lost'));
      await expect(market.publish(visitsOffer({ title: 'Lost' }), undefined, lost)).rejects.toThrow('power is lost');
      expect(await titles()).toEqual(['Visits to the hospital']);
      await market.publish(visitsOffer({ title: 'Again' }));
      expect(await titles()).toEqual(['Again']);
      await market.withdraw('visits');
      await expect(market.withdraw('visits')).rejects.toMatchObject({ code: 'not-found' });
      expect(await titles()).toEqual([]);
      expect(log.size).toBe(size + 3);
    });
    // Of another organisation there is nothing in it.
    await network.as('insurer', async ({ market }) => {
      await market.publish(membersOffer());
      expect((await market.offers()).map(({ offer }) => offer.name)).toEqual(['members']);
    });
  });

  test('what a laptop fetches, once; runs by their statements, each with its entry in the log; the month that follows from them', async () => {
    const network = await marketNetwork({ laptop: true });
    onTestFinished(() => network.close());
    await publishAll(network);
    await network.start();
    const { as, homes } = network;
    const { hash } = await as('researcher', ({ market }) => market.request(wish()));
    for (const party of ['hospital', 'insurer'] as const) await as(party, ({ market }) => market.approve(hash));
    const fetched = () => as('researcher', async ({ market }) => [await market.fetch(), await market.fetch()]);
    expect(await fetched()).toEqual([[hash], []]);
    await as('hospital', async ({ agreements }) => {
      await agreements.suspend(hash, { reason: 'Audit', person: 'ann' });
      expect((await agreements.show(hash)).untold).toContain('researcher');
      expect(await fetched()).toEqual([[hash], []]);
      expect((await agreements.show(hash)).untold).not.toContain('researcher');
    });

    const runs = [used(hash, 'one', null), used(hash, 'two', 'PUBHLTH')].map((statement) =>
      [homes.insurer, homes.researcher].reduce(
        (document, { signingKey }) => addSignature(document, signingKey),
        signStudyStatement(statement, homes.hospital.signingKey),
      ),
    );
    for (const party of ['hospital', 'researcher'] as const) await keepRuns(homes[party].path, hash, runs);
    const file = await as('hospital', async (hospital) => {
      expect(await hospital.market.uses()).toMatchObject([
        { purpose: 'PUBHLTH', to: ['researcher'], log: { epoch: 1, index: expect.any(Number) } },
        { purpose: null, initiator: 'researcher', licensee: 'researcher' },
      ]);
      const stated = await hospital.market.state(hash, month);
      expect(await eventsOf(hospital, 'licence-stated')).toMatchObject([{ licence: hash, month, total: '180.5' }]);
      return stated;
    });
    expect(file.runs.map(({ proof }) => proof)).not.toContain(null);
    expect(await as('researcher', ({ market }) => market.verify(file))).toMatchObject({
      statement: { total: '180.5', split: { hospital: '120.5', insurer: '60' }, issuer: 'hospital' },
      unknown: [],
      missing: [],
    });
  });
});

const month = new Date().toISOString().slice(0, 7);

/** What a run of the researcher's says of itself. */
function used(agreement: string, attempt: string, purpose: 'PUBHLTH' | null): Parameters<typeof signStudyStatement>[0] {
  const some = 'A'.repeat(43);
  const parties = ['hospital', 'insurer', 'researcher'];
  const named = { agreement, attempt, parties, study: 'by-region', studyHash: some };
  const session = { session: some, sessions: 1, programs: some, transcript: some, released: null };
  const date = `${new Date().toISOString().slice(0, 19)}Z`;
  return { ...named, ...session, to: ['researcher'], initiator: 'researcher', purpose, rows: {}, date };
}

/** Keeps runs as done, and as logged. */
async function keepRuns(path: string, hash: string, documents: readonly SignedDocument[]): Promise<void> {
  const { studyRuns, log, close } = await openContext(path, { logger: quiet });
  for (const [i, document] of documents.entries()) {
    const id = await studyRuns.start(hash, `attempt ${i}`, 'by-region', 'researcher');
    const statement = documentBytes(document);
    await studyRuns.done(id, { released: null, statement, keeping: async () => undefined, details: {} as never });
    const event = { kind: 'study-done', statement: parseCanonical(statement) };
    await log.append(event, (transaction, index) => studyRuns.logged(transaction, id, log.epoch, index));
  }
  await close();
}
