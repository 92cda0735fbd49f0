import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { apiClient, homePaths, localClient } from '@symbolon/service';
import { expect, test, vi } from 'vitest';
import { centreApi } from '../../src/index.ts';
import * as api from '../../src/module/api/contracts.ts';
import { both, told } from './both.ts';

test('a central server whose database was put back does not serve: the module knows how long its log was', async () => {
  const { network, centre, start } = await both();
  const paths = homePaths(centre.path);
  const config = JSON.parse(readFileSync(paths.config, 'utf8')) as object;
  writeFileSync(paths.config, JSON.stringify({ ...config, witnessSeconds: 1 }));
  const at = await network.physician();
  const first = await start();
  await told(network);
  await first.close();
  copyFileSync(paths.database, `${paths.database}.backup`);

  const second = await start();
  await network.admin.call(api.decidePhysician, {
    params: { physician: at.physicianId },
    body: { state: 'suspended' },
  });
  await told(network);
  const administrator = localClient(centre);
  await vi.waitFor(
    async () => {
      const { logSize, witnesses } = await apiClient(administrator).call(centreApi.getCentre, {});
      expect(witnesses).toMatchObject([{ witness: 'hips', size: logSize }]);
    },
    { interval: 300 },
  );
  await administrator.close();
  await second.close();

  for (const end of ['-wal', '-shm']) rmSync(`${paths.database}${end}`, { force: true });
  copyFileSync(`${paths.database}.backup`, paths.database);
  await expect(start()).rejects.toMatchObject({
    code: 'store-behind',
    message: expect.stringMatching(/^hips holds a checkpoint of the log of centre/),
  });
});
