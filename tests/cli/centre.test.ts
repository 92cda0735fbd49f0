import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordStored } from '@symbolon/consent';
import { base64url } from '@symbolon/crypto';
import { expect, onTestFinished, test } from 'vitest';
import { Network } from '../../apps/registry/test/centre/network.ts';
import { visitSchema } from '../../apps/registry/test/centre/records/archive.ts';
import { playedCard } from '../../packages/consent/test/cards.ts';
import { hosted } from '../support/hosted.ts';

test('administrators of a centre add record types, look at alarms, review, study and export', async () => {
  const network = await Network.make({ policy: { records: { minPatients: 3 } } });
  onTestFinished(() => network.close());
  await network.start();
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await hosted(network.folder, ['centre', ...words, '--home', 'centre'], {});
    return { code, stderr, text: stdout };
  };
  const json = async (...words: string[]) => JSON.parse((await run(...words, '--json')).text);
  const file = (name: string, text: string) => {
    const path = join(network.folder, name);
    writeFileSync(path, text);
    return path;
  };
  const schema = file('visit.json', JSON.stringify(visitSchema));
  expect((await run('type', 'list', 'hips')).stderr).toContain('has no record types');
  expect(await json('type', 'add', 'hips', 'visit', schema)).toMatchObject({ name: 'visit', version: 1 });
  expect((await run('type', 'list', 'hips')).text).toMatch(/visit +1/);
  const wrong = await run('type', 'add', 'hips', 'visit', file('wrong.json', '{"type":"object"}'));
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('additionalProperties')]);

  const [first, emergency] = [await network.client('first'), await network.client('emergency')];
  await first.logIn();
  await emergency.logIn();
  for (const patient of ['anna', 'bert', 'carl']) {
    await first.visit(patient, 'enrol', playedCard('P-256'));
    const record = {
      record: base64url(network.rng(16)),
      type: 'visit',
      typeVersion: 1,
      group: 'general',
      signature: null,
    };
    const path = `/v1/relations/${network.relation(patient, first.physician)}/records`;
    await first.call('POST', path, recordStored, { ...record, body: '{"score":4}' });
  }
  await emergency.visit('anna', 'break-glass', undefined, { purpose: 'unconscious' });
  expect((await run('review', 'list')).text).toContain('unconscious');
  const [{ session }] = await json('review', 'list');
  await run('review', 'finish', session, '--finding', 'justified', '--note', 'ambulance report');
  expect((await run('review', 'list')).stderr).toContain('Nothing waits');
  expect((await run('alarms')).text).toContain('break-glass');
  await run('seen', '1', '--note', 'reviewed');
  expect((await run('alarms')).stderr).toContain('No alarms.');

  const sql = file('scores.sql', 'SELECT SUM(score) AS total FROM visit\n');
  const { id } = await json('research', 'ask', 'hips', sql, '--title', 'Scores', '--purpose', 'to know');
  expect((await run('research', 'list')).text).toMatch(/proposed +owner/);
  // Nobody approves their own: the owner of the folder is one person.
  expect((await run('research', 'approve', id)).stderr).toContain('forbidden');
  expect((await run('research', 'run', id)).stderr).toContain('unapproved');
  expect((await run('research', 'show', id)).text).toContain('SELECT SUM(score)');

  const made = await json('export', 'make', 'hips', '--purpose', 'a reason that is told', '--format', 'ndjson');
  expect(made).toMatchObject({ records: 3, files: [{ name: 'visit.ndjson' }] });
  const to = join(network.folder, 'fetched');
  expect((await run('export', 'fetch', made.id, '--to', to)).text).toContain('visit.ndjson');
  expect(readFileSync(join(to, 'visit.ndjson'), 'utf8').trimEnd().split('\n')).toHaveLength(3);
  await run('export', 'delete', made.id);
  expect(await json('export', 'list')).toMatchObject([{ id: made.id, files: [] }]);
  expect((await run('status')).text).toMatch(/module hips +3 patients/);
  expect((await run('change-key')).text.trim().split('\n').length).toBeGreaterThan(2);
});
