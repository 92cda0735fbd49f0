import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import { decideReplacement } from '../../src/centre/sessions/replacement.ts';
import { Stage } from './stage.ts';

/** Two physicians of one institution, one of another, and a patient who is known. */
async function scene() {
  const stage = await Stage.open();
  const [first, colleague] = [stage.physician('first', 'clinic'), stage.physician('colleague', 'clinic')];
  const [second, card] = [stage.physician('second'), playedCard('P-256')];
  await stage.visit('anna', first, 'enrol', card);
  const answers = (by: string, shown: typeof card) =>
    stage.visit('anna', stage.physician(by), 'reidentify', shown).then(
      () => true,
      () => false,
    );
  return { stage, first, colleague, second, card, answers };
}

onBothDatabases(() => {
  test('with a pair of the own institution, nobody shows others what was added without a card', async () => {
    const { stage, colleague, second, card } = await scene();
    expect((await stage.visit('anna', colleague, 'enrol', playedCard('P-256'))).state).toBe('draft');
    const isDraft = async () => (await stage.grants.relation(colleague, stage.relation('anna', colleague))).draft;
    expect((await stage.visit('anna', colleague, 'reidentify', card)).grant?.kind).toBe('reopened');
    expect(await isDraft()).toBe(true);
    await stage.visit('anna', second, 'reidentify', card);
    expect((await stage.visit('anna', colleague, 'reidentify', card)).grant?.kind).toBe('consent');
    expect(await isDraft()).toBe(false);
  });

  test("a colleague's request for another card leaves one's own waiting", async () => {
    const { stage, first, colleague, card: lost, answers } = await scene();
    const card = playedCard('P-256');
    await stage.visit('anna', first, 'replace', card);
    await stage.visit('anna', colleague, 'replace', lost);
    await stage.context.database.transaction().execute((within) =>
      decideReplacement(stage.context, within, {
        ...{ module: 'hips', relation: stage.relation('anna', first), decision: 'confirm' },
      }),
    );
    expect([await answers('x', card), await answers('y', lost)]).toEqual([true, false]);
  });

  test('where several wait, the card that confirms counts alone; an own newer request takes the place of the older', async () => {
    const { stage, first, colleague, second, card: lost, answers } = await scene();
    const [card, mistaken] = [playedCard('P-256'), playedCard('P-256')];
    await stage.visit('anna', first, 'replace', mistaken);
    await stage.visit('anna', first, 'replace', card);
    await stage.visit('anna', colleague, 'replace', lost);
    const waiting = stage.context.database.selectFrom('centre_replacement').select('physician');
    const rows = await waiting.where('state', '=', 'waiting').orderBy('physician').execute();
    expect(rows.map(({ physician }) => physician)).toEqual(['colleague', 'first']);
    expect((await stage.visit('anna', second, 'replace', card)).state).toBe('done');
    expect([await answers('x', card), await answers('y', lost), await answers('z', mistaken)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
