import { signAnswer } from '@symbolon/consent';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test } from 'vitest';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import { connection, Stage } from './stage.ts';

onBothDatabases(() => {
  describe('a patient with two cards', () => {
    test('who uses one of them often can use the other still', async () => {
      const stage = await Stage.open();
      const first = stage.physician('first');
      const [card, other] = [playedCard('P-256'), playedCard('P-256')];
      await stage.visit('anna', first, 'enrol', card);
      await stage.visit('anna', stage.physician('adder'), 'add-card', card, { newCard: other });
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        expect((await stage.visit('anna', stage.physician(name), 'reidentify', card)).grant?.kind).toBe('consent');
      }
      expect((await stage.visit('anna', stage.physician('last'), 'reidentify', other)).grant?.kind).toBe('consent');
    });

    test('who asked is never asked with a pair again that was offered beside the one that answered', async () => {
      const stage = await Stage.open();
      const [adder, doctor] = [stage.physician('adder'), stage.physician('doctor')];
      const [card, other] = [playedCard('P-256'), playedCard('P-256')];
      await stage.visit('anna', stage.physician('first'), 'enrol', card);
      await stage.visit('anna', adder, 'add-card', card, { newCard: other });
      const seen = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const { challenge } = await stage.start('anna', doctor, 'reidentify');
        const second = Buffer.from(challenge.envelopes[1]!).toString('base64');
        expect(seen.has(second)).toBe(false);
        seen.add(second);
        const draft = await stage.draft('anna', doctor, { operation: 'reidentify', card }, challenge);
        await stage.finish(doctor, await signAnswer(draft, doctor.card, connection));
      }
    });
  });
});
