import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardSigned, certifiedKey, patientExport } from '@symbolon/consent';
import { fromBase64url, hashLabelled, utf8 } from '@symbolon/crypto';
import { centreApi, moduleApi } from '@symbolon/registry';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Desks } from '../../workstation/test/support/desks.ts';
import { anna, holderOf } from '../../workstation/test/support/registry.ts';
import { softHsmIsHere } from '../../workstation/test/support/softhsm.ts';

const schema = JSON.stringify({
  type: 'object',
  additionalProperties: false,
  properties: { side: { type: 'string', enum: ['left', 'right'] } },
});

// The commands as physicians run them, each a process of its own; visits are in `apps/workstation/test/command.test.ts`.
describe.skipIf(!softHsmIsHere())('symbolon card: from the application to the last record', () => {
  let desks: Desks;
  const file = (name: string, text: string): string => {
    const path = join(desks.registry.folder, name);
    writeFileSync(path, text);
    return path;
  };

  beforeAll(async () => {
    desks = await Desks.open();
    await desks.readers.insert('anna', await desks.registry.authority.card(holderOf(anna)));
    await desks.registry.atCentre((client) =>
      client.call(centreApi.addRecordType, { params: { module: 'hips' }, body: { name: 'surgery', schema } }),
    );
  });
  afterAll(() => desks.close());

  test('apply: who applies waits, and may nothing; again, it says so; the administrators admit', async () => {
    const apply = ['apply', '--name', 'hpc-a'];
    expect(await desks.run('clinic', apply)).toEqual({ state: 'waiting' });
    expect(await desks.run('clinic', apply)).toEqual({ state: 'waiting' });
    const read = await desks.run('clinic', ['read', ...desks.patient()]);
    expect(read).toMatchObject({ error: { code: 'physician-refused' } });
    expect(await desks.run('clinic', ['apply'])).toMatchObject({ error: { message: '--name is needed' } });
    await desks.vet();
    const { items } = await desks.registry.atModule((client) => client.call(moduleApi.listPhysicians, { query: {} }));
    expect(items.map(({ state }) => state)).toEqual(['vetted', 'vetted']);
    expect(await desks.run('clinic', apply)).toEqual({ state: 'vetted' });
  });

  test('sign: the signature is of the card, over the file', async () => {
    const signed = await desks.run('clinic', ['sign', file('report.txt', 'a report')]);
    const { signature, chain } = signed as { signature: string; chain: string[] };
    const certificate = fromBase64url(chain[0]!);
    expect(new X509Certificate(certificate).subject).toContain('hpc-a');
    const isOf = (text: string) =>
      cardSigned(
        certifiedKey(certificate),
        hashLabelled('symbolon card document', utf8(text)),
        fromBase64url(signature),
      );
    expect([isOf('a report'), isOf('another')]).toEqual([true, false]);
  });

  test('add and read: own records without the card; of others what the patient has consented to', async () => {
    const person = desks.patient();
    await desks.run('clinic', ['enrol', '--purpose', 'first visit', ...desks.patient('anna')]);
    const add = (content: string, group = 'general') =>
      desks.run('clinic', ['add', file('record.json', content), '--type', 'surgery', '--group', group, ...person]);
    expect(await add('{"side":"left"}')).toMatchObject({ version: 1, draft: false });
    expect(await add('{"side":"right"}', 'psychiatry')).toMatchObject({ version: 1 });
    expect(await add('{"side":"Anna"}')).toMatchObject({ error: { code: 'record-invalid' } });
    const read = async (at: 'clinic' | 'practice') =>
      (await desks.run(at, ['read', '--type', 'surgery', ...person])) as unknown as { body: string; signed: boolean }[];
    expect((await read('clinic')).map(({ body, signed }) => [body, signed])).toEqual([
      ['{"side":"right"}', true],
      ['{"side":"left"}', true],
    ]);
    expect(await read('practice')).toMatchObject({ error: { code: 'not-found' } });
    const unlock = ['unlock', '--group', 'general', '--purpose', 'follow-up', ...desks.patient('anna')];
    expect(await desks.run('practice', unlock)).toMatchObject({ grant: { kind: 'consent' } });
    expect((await read('practice')).map(({ body }) => body)).toEqual(['{"side":"left"}']);
  });

  test('object, export, withdraw: for the patient, with the card', async () => {
    const patient = desks.patient('anna');
    expect(await desks.run('practice', ['object', ...patient])).toEqual({ right: 'object', done: true });
    const out = join(desks.registry.folder, 'mine.json');
    expect(await desks.run('practice', ['export', out, ...patient])).toEqual({ file: out, records: 2 });
    const taken = patientExport.parse(JSON.parse(readFileSync(out, 'utf8')));
    expect(taken.objected).toBe(true);
    expect(taken.contents.map(({ body }) => body)).toEqual(['{"side":"left"}', '{"side":"right"}']);
    expect(await desks.run('practice', ['withdraw', ...patient])).toEqual({ right: 'withdraw', done: true });
    const read = (await desks.run('practice', ['read', ...desks.patient()])) as unknown as unknown[];
    expect(read).toEqual([]);
    const view = await desks.run('practice', ['view', ...patient]);
    expect(view).toMatchObject({ error: { code: 'consent-unanswered' } });
  });
});
