import type { CardKind } from '@symbolon/testkit/smartcards';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Desks } from './support/desks.ts';
import { anna, holderOf } from './support/registry.ts';
import { softHsmIsHere, softPin } from './support/softhsm.ts';

describe.skipIf(!softHsmIsHere())('symbolon card, with cards of SoftHSM, at real servers', () => {
  let desks: Desks;

  beforeAll(async () => {
    desks = await Desks.open();
    await desks.vet();
    for (const kind of ['P-256', 'rsa-2048'] satisfies CardKind[]) {
      await desks.readers.insert(`anna-${kind}`, await desks.registry.authority.card(holderOf(anna), { kind }));
    }
  });
  afterAll(() => desks.close());

  const run: Desks['run'] = (at, words, pins) => desks.run(at, words, pins);
  const patient = (card?: string) => desks.patient(card);

  test('lists the cards', async () => {
    const cards = await run('clinic', ['list']);
    expect(cards).toEqual(expect.arrayContaining([expect.objectContaining({ label: 'hpc-a', pinPad: false })]));
  });

  test('enrols, adds a second card, consents, and shows the patient', async () => {
    const enrolled = await run('clinic', ['enrol', '--purpose', 'first visit', ...patient('anna-P-256')]);
    expect(enrolled).toMatchObject({ state: 'done', card: 'good' });
    const read = ['unlock', '--group', 'general', '--purpose', 'second opinion', ...patient('anna-P-256')];
    expect(await run('practice', read)).toMatchObject({ grant: { kind: 'consent', groups: ['general'] } });
    const second = ['enrol', '--beside', 'anna-P-256', '--purpose', 'second card', ...patient('anna-rsa-2048')];
    expect(await run('clinic', second)).toMatchObject({ operation: 'add-card', state: 'done' });
    const view = await run('practice', ['view', ...patient('anna-rsa-2048')]);
    const operations = (view.consents as { operation: string }[]).map(({ operation }) => operation);
    expect(operations.sort()).toEqual(['add-card', 'enrol', 'reidentify', 'view']);
  });

  test('breaks the glass, and replaces a card, which waits for somebody else', async () => {
    const forced = await run('practice', ['break-glass', '--purpose', 'unconscious', ...patient()]);
    expect(forced).toMatchObject({ grant: { kind: 'break-glass' }, card: null });
    const replaced = await run('clinic', ['replace', '--purpose', 'card lost', ...patient('anna-rsa-2048')]);
    expect(replaced).toMatchObject({ operation: 'replace', state: 'waits' });
  });

  test('says what is wrong', async () => {
    const unlock = ['unlock', '--group', 'general', '--purpose', 'x', ...patient()];
    expect(await run('practice', unlock)).toMatchObject({ error: { code: 'card-missing' } });
    const wrong = await run('practice', [...unlock, '--patient', 'anna-P-256'], [softPin, '0000']);
    expect(wrong).toMatchObject({ error: { code: 'card-pin' } });
    const other = await run('practice', [...unlock, '--patient', 'hpc-a']);
    expect(other).toMatchObject({ error: { code: 'card-refused' } });
  });
});
