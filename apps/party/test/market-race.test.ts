import { SymbolonError } from '@symbolon/crypto';
import { apiClient, localClient } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { getStatus } from '../src/api/jobs.ts';
import { runStudy } from '../src/api/studies.ts';
import { followRun } from '../src/run/follow.ts';
import { marketNetwork, publishAll, wish } from './market-network.ts';
import { eventsOf } from './network.ts';

const quota = 2;
const clients = 50;

test('of 50 clients that ask for a run at once, as many get one as the quota says, and the others are refused by its name', async () => {
  const network = await marketNetwork();
  onTestFinished(() => network.close());
  await publishAll(network);
  await network.start();
  const { as, homes } = network;
  const { hash } = await as('researcher', ({ market }) => market.request(wish({ quota: { perMonth: quota } })));
  for (const party of ['hospital', 'insurer'] as const) {
    await as(party, ({ market }) => market.approve(hash, { studies: true }));
  }
  const plain = localClient(homes.researcher);
  const client = apiClient(plain);
  onTestFinished(() => client.close());
  const begin = () =>
    plain.call('POST', '/v1/study-runs', { body: { agreement: hash, study: 'by-region' }, answer: runStudy.answer });

  let waiting: Promise<void> | undefined;
  /** All who wait ask again at the same moment, when the server is done with another run. */
  function free(): Promise<void> {
    waiting ??= expect
      .poll(async () => (await client.call(getStatus, {})).running, { timeout: 60_000 })
      .toEqual([])
      .finally(() => {
        waiting = undefined;
      });
    return waiting;
  }

  /** Asks as often as the server is busy with another run. @returns the number of the run, or why there is none */
  async function ask(): Promise<number | SymbolonError> {
    for (;;) {
      try {
        return await followRun(client, begin, {});
      } catch (error) {
        if (!(error instanceof SymbolonError)) throw error;
        if (error.code !== 'conflict') return error;
        await free();
      }
    }
  }
  const outcomes = await Promise.all(Array.from({ length: clients }, ask));
  const runs = outcomes.filter((one) => typeof one === 'number');
  const refused = outcomes.filter((one) => typeof one !== 'number');
  expect(new Set(runs).size).toBe(quota);
  expect(refused).toHaveLength(clients - quota);
  for (const { code, message } of refused) {
    expect({ code, message }).toEqual({
      code: 'agreement-limit',
      message: expect.stringContaining('researcher has used all 2 runs'),
    });
  }
  // Each refusal is in the log of the server that was asked; at every party as many runs count as the quota says.
  const logged = await as('researcher', (researcher) => eventsOf(researcher, 'study-refused'));
  expect(logged).toHaveLength(clients - quota);
  for (const event of logged)
    expect(event).toMatchObject({ agreement: hash, by: 'researcher', code: 'agreement-limit' });
  for (const party of ['hospital', 'insurer', 'researcher'] as const) {
    const { used } = await as(party, ({ market }) => market.show(hash));
    expect(used.month).toBe(quota);
    expect(await as(party, (one) => eventsOf(one, 'study-done'))).toHaveLength(quota);
  }
});
