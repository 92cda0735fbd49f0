import { systemRng } from '@symbolon/crypto';
import { createLogger, type Home, openDatabase } from '@symbolon/service';
import { expect, onTestFinished, test, vi } from 'vitest';
import { NoticeOutbox } from '../../src/common/notices.ts';
import * as api from '../../src/module/api/contracts.ts';
import { both, read, told } from './both.ts';

const anna = { lastName: 'Müller', firstName: 'Anna', birthDate: '1950-03-12', insurance: 'A123' };
const twin = { ...anna, birthDate: '1950-03-21', insurance: 'B123' };

/** What a notice that waits says. */
async function waiting(home: Home, subject: string): Promise<Record<string, string>> {
  const row = await read(home, (database) =>
    database.selectFrom('registry_notice').select('document').where('subject', '=', subject).executeTakeFirstOrThrow(),
  );
  const { payload } = JSON.parse(Buffer.from(row.document!).toString()) as { payload: string };
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { what: Record<string, string> }).what;
}

test('who is erased by one card, and was merged before the central server knows: it erases the whole patient, then the module does', async () => {
  const { network, centre, start } = await both();
  const { admin } = network;
  const { hips } = network.homes;
  const at = await network.physician();
  const patients: number[] = [];
  for (const person of [anna, twin]) {
    await at.ticket((await at.relation(person)).relation, 'relate');
    patients.push(
      await vi.waitFor(async () => {
        const found = await admin.call(api.searchPatients, { body: { person, limit: 5 } });
        return found.find((one) => one.person.insurance === person.insurance)!.patient;
      }),
    );
  }
  const [to, from] = patients as [number, number];
  const { id } = await admin.call(api.mergePatients, { params: { patient: from }, body: { into: to } });
  const merge = await vi.waitFor(() => waiting(hips, `change:${id}`));

  const database = await openDatabase(centre);
  onTestFinished(() => database.destroy());
  const logger = createLogger({ id: 'test', logLevel: 'silent' });
  const outbox = new NoticeOutbox({ home: centre, database, logger, rng: systemRng, now: () => new Date() });
  onTestFinished(() => outbox.close());
  await outbox.write(database, 'hips', { about: 'right', right: 'erase', pseudonym: merge.from }, { concerns: [] });
  outbox.wake('hips');
  await vi.waitFor(async () => expect(await outbox.waiting()).toEqual([]));

  expect(await waiting(hips, `erase:${to}`)).toMatchObject({ right: 'erase', pseudonym: merge.to });
  const identities = () => read(hips, (of) => of.selectFrom('identity').select('id').orderBy('id').execute());
  expect(await identities()).toHaveLength(2);
  await start();
  await told(network);
  expect(await identities()).toEqual([]);
});
