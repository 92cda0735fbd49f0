import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectSource } from '@symbolon/party';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cleanup } from '../apps/cli/src/cleanup.ts';
import { withOrganisation } from '../apps/cli/src/organisation.ts';
import { asked, HospitalsRehearsal } from '../apps/cli/src/rehearsal/hospitals.ts';
import { compareClear } from '../apps/cli/src/rehearsal/study-clear.ts';
import { dataSource } from '../apps/cli/src/source.ts';

/*
 * Three hospitals, a key service and a compute server, each a process with a folder of its own.
 */

const hospitals = ['hospital-1', 'hospital-2', 'hospital-3'];
const cleanup = new Cleanup();
let folder: string;
let rehearsal: HospitalsRehearsal;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-hospitals-'));
  const sources = [210, 180, 240].map((rows, of) => {
    const path = join(folder, `${of}.csv`);
    const lines = Array.from(
      { length: rows },
      (_, i) => `p${i},${20 + ((i * 7 + of) % 60)},${(i + of) % 3 === 0},${i % 90}`,
    );
    writeFileSync(path, ['pid,age,treated,cost', ...lines].join('\n'));
    return dataSource(path);
  });
  const script = {
    ...{ sources, name: 'patients', patient: 'pid', minPatients: 5, cuts: { age: ['40'] } },
    question: 'SELECT treated, COUNT(*) AS n, SUM(cost) AS cost FROM patients WHERE age >= 40 GROUP BY treated',
  };
  const inspections = await Promise.all(sources.map((source) => inspectSource(source)));
  rehearsal = await HospitalsRehearsal.of(script, inspections, join(folder, 'roles'), cleanup);
  rehearsal.exchangeCards(await rehearsal.makeHomes());
  await rehearsal.addData();
  await rehearsal.start();
  await rehearsal.draft();
  await rehearsal.sign();
  await rehearsal.approve();
  await rehearsal.seal(() => {});
});
afterAll(async () => {
  await cleanup.run();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

const newest = (id: string) =>
  withOrganisation(rehearsal.homes[id]!, async ({ studies }) => {
    const run = (await studies.runs()).at(-1)!;
    return { ...run, result: await studies.result(run.id) };
  });

test('what opens is what all rows come to, and every log verifies', async () => {
  const run = await rehearsal.run(asked, () => {});
  const released = await rehearsal.released(run);
  expect(released.rows).toHaveLength(2);
  expect(await compareClear(rehearsal, asked, released)).toMatchObject({ equalsClear: true });
  expect(await rehearsal.audit()).toBe(true);
  const kept = readdirSync(join(rehearsal.homes.compute!, 'tables'));
  expect(kept.sort()).toEqual(hospitals);
});

test('a server that answers one hospital from other ciphertexts is found by that one, and nothing opens anywhere', async () => {
  const own = join(rehearsal.homes.compute!, 'tables', 'hospital-2');
  const table = join(own, readdirSync(own)[0]!);
  const columns = readdirSync(table).filter((file) => file.endsWith('.column')).length;
  const copy = (from: string, to: string): void => {
    for (let column = 0; column < columns; column++)
      copyFileSync(join(table, `${column}.${from}`), join(table, `${column}.${to}`));
  };
  copy('column', 'kept');
  for (let column = 1; column < columns; column++)
    copyFileSync(join(table, `${column}.column`), join(table, `${column - 1}.column`));
  await expect(rehearsal.run(asked, () => {})).rejects.toMatchObject({ code: 'fhe-check' });
  for (const id of hospitals) expect(await newest(id)).toMatchObject({ state: 'failed', result: null });
  // The table is as it was, but its key is retired: the server may not try again.
  copy('kept', 'column');
  await expect(rehearsal.run(asked, () => {})).rejects.toBeDefined();
  expect(await newest('hospital-2')).toMatchObject({ state: 'failed', result: null });
});

test('a hospital that is killed (SIGKILL) in the middle of it: nothing opens at the others', async () => {
  await rehearsal.seal(() => {});
  const killed = Promise.withResolvers<void>();
  const running = rehearsal.run(asked, ({ phase }) => {
    if (phase === 'keys') rehearsal.kill('hospital-3').then(killed.resolve, killed.reject);
  });
  await expect(running).rejects.toMatchObject({ code: 'peer-gone' });
  await killed.promise;
  for (const id of ['hospital-1', 'hospital-2'])
    expect(await newest(id)).toMatchObject({ state: 'failed', result: null });
  await rehearsal.startOne('hospital-3');
  expect(await newest('hospital-3')).toMatchObject({ state: 'aborted', result: null });
  // The secret key was in that process's memory alone.
  await expect(rehearsal.run(asked, () => {})).rejects.toMatchObject({ code: 'seal-key' });
  expect(await rehearsal.audit()).toBe(true);
});
