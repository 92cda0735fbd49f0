import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseCard, findCards, type OpenCard, openCard, type Practice } from '../src/index.ts';
import { anna, holderOf, TestRegistry } from './support/registry.ts';
import { pinBytes, SoftReaders, softHsm, softHsmIsHere, softKinds } from './support/softhsm.ts';

describe.skipIf(!softHsmIsHere())('cards of SoftHSM at real servers', () => {
  let registry: TestRegistry;
  let readers: SoftReaders;
  let clinic: Practice;
  let practice: Practice;

  beforeAll(async () => {
    registry = await TestRegistry.start();
    readers = new SoftReaders(registry.folder);
    await readers.insert('hpc', await registry.authority.card({ commonName: 'Dr. A' }));
    const professional = await open('hpc');
    await registry.vet(professional, 'Dr. A');
    clinic = await registry.logIn(registry.clinic, professional);
    practice = await registry.logIn(registry.practice, await registry.professional('Dr. B'));
  });
  afterAll(() => registry.close());

  async function open(words: string): Promise<OpenCard> {
    const card = chooseCard((await findCards([softHsm], readers.env)).cards, { whose: 'the', words });
    return openCard({ driver: softHsm, card, pin: pinBytes(), env: readers.env });
  }

  test.each(softKinds)('%s: enrols, consents elsewhere, is replaced, and the new one waits', async (kind) => {
    const person = { ...anna, firstName: `Anna ${kind}` };
    for (const name of [`only ${kind}`, `new ${kind}`]) {
      await readers.insert(name, await registry.authority.card(holderOf(person), { kind }));
    }
    const [card, other] = [await open(`only ${kind}`), await open(`new ${kind}`)];
    try {
      const [own, others] = [clinic, practice].map((at) => at.relation(person));
      const [first, second] = [(await own!).relation, (await others!).relation];
      expect(await clinic.visit(first, { operation: 'enrol', card, purpose: 'first' })).toMatchObject({
        state: 'done',
      });
      const consent = { operation: 'reidentify', purpose: 'second', groups: ['general'] } as const;
      expect(await practice.visit(second, { ...consent, card })).toMatchObject({ grant: { kind: 'consent' } });
      const replaced = await clinic.visit(first, { operation: 'replace', card: other, purpose: 'lost' });
      expect(replaced).toMatchObject({ state: 'waits' });
      await expect(practice.visit(second, { ...consent, card: other })).rejects.toMatchObject({
        code: 'consent-unanswered',
      });
    } finally {
      card.close();
      other.close();
    }
  });

  test('a card that is taken out before its signature leaves is named', async () => {
    const card = await open('hpc');
    card.close();
    const person = { ...anna, firstName: 'Dora' };
    const { relation } = await clinic.relation(person);
    const visit = clinic.visit(relation, { operation: 'enrol', card, purpose: 'x' });
    await expect(visit).rejects.toMatchObject({ code: 'card-removed' });
  });
});
