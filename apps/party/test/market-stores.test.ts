import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { marketNetwork, membersOffer, visitsOffer } from './market-network.ts';

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
});
