import { insecureTestRng } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import { CrashingServer } from './crashes.ts';
import { Stage } from './stage.ts';

const seed = process.env.PROPERTY_SEED === 'random' ? String(Math.random()) : 'crashes';

onBothDatabases(() => {
  test(`a server that is killed at any statement (${seed}): nobody is locked out, and no pair is used twice`, async () => {
    const stage = await Stage.open({ seed });
    const server = new CrashingServer(stage, insecureTestRng(seed));
    const doctors = ['first', 'second', 'third'].map((name) => stage.physician(name));
    const patients = ['anna', 'bert'].map((name) => ({ name, card: playedCard('P-256') }));
    for (const { name, card } of patients) {
      expect((await server.visit(name, doctors[0]!, 'enrol', card)).state).toBe('done');
    }
    let visits = 0;
    while (server.kills < 60) {
      const { name, card } = patients[visits % 2]!;
      const { state, grant } = await server.visit(name, doctors[++visits % 3]!, 'reidentify', card);
      expect([state, grant?.kind]).toEqual(['done', 'consent']);
      stage.clock.now += 60_000;
    }
    expect(server.used.size).toBe(visits);
    const { database } = stage.context;
    const grants = await database.selectFrom('centre_grant').select('session').execute();
    expect(new Set(grants.map(({ session }) => session)).size).toBe(grants.length);
    expect(grants.length).toBe(visits);
  });
});
