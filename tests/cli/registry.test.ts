import { expect, test } from 'vitest';
import { ModuleNetwork } from '../../apps/registry/test/module/network.ts';
import { hosted } from '../support/hosted.ts';

const anna = { lastName: 'Müller', firstName: 'Anna', birthDate: '1950-03-12', insurance: 'A123' };

test('administrators of a module vet a physician, review who is known twice, and look at alarms', async () => {
  const network = await ModuleNetwork.open({ maxFailuresPerHour: 1 });
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await hosted(network.folder, ['registry', ...words, '--home', 'hips'], {});
    return { code, stderr, text: stdout };
  };
  const json = async (...words: string[]) => JSON.parse((await run(...words, '--json')).text) as never;
  const card = await network.professional('Dr North');
  const at = network.at('north');
  const { physician } = await at.apply(card, 'Nora North');
  expect((await run('physician', 'list', '--state', 'waiting')).text).toMatch(/Nora North +waiting/);
  expect((await run('physician', 'show', physician)).text).toContain('CN=Dr North');
  expect(await json('physician', 'vet', physician)).toMatchObject({ id: physician, state: 'vetted' });
  const wrong = await run('physician', 'list', '--state', 'strange');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('is no state of a physician')]);
  await at.logIn(card);
  for (const person of [anna, { ...anna, birthDate: '1950-03-21' }]) {
    await at.ticket((await at.relation(person)).relation, 'relate');
  }
  await expect.poll(async () => (await run('review', 'list')).text).toMatch(/birthDate 1950-03-21/);
  const [{ people }] = (await json('review', 'list')) as [{ people: { patient: number }[] }];
  const [one, other] = people.map(({ patient }) => String(patient));
  expect((await run('review', 'merge', other!, one!)).text).toContain(`patient ${other} is patient ${one}`);
  expect((await run('review', 'undo', '1')).text).toMatch(/Change 2: patient/);
  expect((await run('review', 'history')).text).toMatch(/taken back by 2/);
  expect((await run('patient', 'find', '--field', 'lastName=Muler', 'firstName=Anna')).text).toContain('Müller');
  expect((await run('patient', 'show', one!)).text).toContain(physician);
  expect((await run('patient', 'show', '99')).code).toBe(1);
  await expect(at.ticket((await at.relation(anna)).relation, 'enrol')).rejects.toMatchObject({
    code: 'person-unverified',
  });
  expect((await run('alarms')).text).toContain('many-failures');
  await run('seen', '1', '--note', 'talked to Dr North');
  expect((await run('alarms')).stderr).toContain('No alarms.');
  await run('institution', 'add', 'eastern', '--name', 'The Eastern');
  await run('installation', 'add', 'north', '--institution', 'eastern');
  expect((await run('installation', 'list')).text).toMatch(/north +eastern/);
  expect((await run('installation', 'add', 'nobody', '--institution', 'eastern')).stderr).toContain(
    'unknown-organisation',
  );
  expect((await run('ticket-key', '2027')).text.trim()).toMatch(/^[\w-]{43}$/);
  const status = await run('status');
  expect(status.text).toMatch(/patients +2/);
  expect((await run('physician', 'suspend', physician)).text).toContain('suspended');
});
