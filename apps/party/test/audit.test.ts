import { DatabaseSync } from 'node:sqlite';
import { homePaths } from '@symbolon/service';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Organisation, requestLink } from '../src/index.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
  await requestLink(network.homes.fred.path, { agreement: await agree(network) });
  await network.stop('fred');
});
afterEach(() => network.close());

const change = (sql: string): void => {
  const sqlite = new DatabaseSync(homePaths(network.homes.fred.path).database);
  sqlite.exec(sql);
  sqlite.close();
};
const verify = () => network.fred(({ audit }) => audit.verify());

describe('audit verify', () => {
  test('passes over a log that nobody touched', async () => {
    expect(await verify()).toMatchObject({ ok: true, statements: 1, faults: [] });
  });

  test.each([
    [
      'an event that was changed',
      'UPDATE log_entry SET event = replace(event, \'"agreement\', \'"Agreement\') WHERE "index" = 0',
    ],
    [
      'an entry and its event taken from another place',
      'UPDATE log_entry SET entry = (SELECT entry FROM log_entry WHERE "index" = 1), event = (SELECT event FROM log_entry WHERE "index" = 1), salt = (SELECT salt FROM log_entry WHERE "index" = 1) WHERE "index" = 0',
    ],
    ['a log that was cut', 'DELETE FROM log_entry WHERE "index" >= 2'],
    [
      'a statement that was changed',
      'UPDATE run SET statement = replace(statement, \'"payload":"ey\', \'"payload":"fy\')',
    ],
    ['a statement that is gone', 'UPDATE run SET statement = NULL'],
    ['another number of matches', "UPDATE run SET details = json_set(details, '$.matches', 4)"],
  ])('finds %s', async (_, sql) => {
    change(sql);
    const report = await verify();
    expect(report.ok).toBe(false);
    expect(report.faults.length).toBeGreaterThan(0);
  });
});

test('the folder of a key service is not opened as an organisation', async () => {
  await expect(Organisation.open(network.homes.keys.path)).rejects.toMatchObject({ code: 'config-invalid' });
});
