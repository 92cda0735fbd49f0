import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { makeStage, person } from './stage.ts';

onBothDatabases(() => {
  test("a card is one patient's, in a slot of its own; it ends, and is not taken again", async () => {
    const { visit, cards } = await makeStage();
    const { relation } = await visit('ana', person('Meyer', 'Ida'));
    const slots = [];
    for (const card of ['c0', 'c1', 'c2', 'c3']) slots.push((await cards.add(relation, card)).slot);
    expect(slots).toEqual([0, 1, 2, 3]);
    expect(await cards.add(relation, 'c2')).toMatchObject({ slot: 2, state: 'active' });
    await expect(cards.add(relation, 'c4')).rejects.toMatchObject({ code: 'conflict', culprit: 'card' });
    await cards.end('c1', 'replaced');
    await expect(cards.end('c1', 'revoked')).rejects.toMatchObject({ code: 'not-found' });
    await expect(cards.add(relation, 'c1')).rejects.toMatchObject({
      code: 'conflict',
      message: 'this card was replaced',
    });
    expect(await cards.add(relation, 'c4')).toMatchObject({ slot: 1 });
    expect((await cards.of(relation)).map(({ state }) => state)).toEqual([
      'active',
      'replaced',
      'active',
      'active',
      'active',
    ]);
  });

  test('a card that two people show brings them before an administrator; merged, it is the card of both', async () => {
    const { relations, visit, cards, duplicates, changes } = await makeStage();
    const { relation } = await visit('ana', person('Meyer', 'Ida'));
    await cards.add(relation, 'card');
    // Married, and typed in for the first time: no ticket was asked for yet.
    const other = await relations.of('ben', person('Lindqvist', 'Ida Maria'));
    await expect(cards.add(other.relation, 'card')).rejects.toMatchObject({ code: 'consent-identity' });
    expect(await cards.of(other.relation)).toEqual([]);
    const [open] = await duplicates.list({ limit: 10 });
    expect(open).toMatchObject({ score: 1000, reasons: { card: 'same' } });
    const [to, from] = open!.people.map(({ patient }) => patient);
    await changes.merge({ from: from!, to: to!, by: 'ada' });
    expect(await cards.add(other.relation, 'card')).toMatchObject({ slot: 0, state: 'active' });
    expect(await cards.of(other.relation)).toEqual(await cards.of(relation));
  });
});
