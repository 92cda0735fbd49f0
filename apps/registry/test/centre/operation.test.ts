import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { overlaps, signAnswer } from '@symbolon/consent';
import { base64url, insecureTestRng } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import { Reviews } from '../../src/centre/reviews.ts';
import { prune } from '../../src/centre/sessions/lapse.ts';
import { connection, Stage } from './stage.ts';

const refused = (code: string) => expect.objectContaining({ code });
const seed = process.env.PROPERTY_SEED === 'random' ? String(Math.random()) : 'independence';

onBothDatabases(() => {
  test('a new key: what was sealed to the one before counts for the agreed days, then its file is gone', async () => {
    const stage = await Stage.open();
    const [first, second] = [stage.physician('first'), stage.physician('second')];
    const card = playedCard('P-256');
    const before = stage.centreKey();
    await stage.visit('anna', first, 'enrol', card);
    const old = { ticket: stage.ticket('anna', second, 'reidentify'), late: stage.ticket('anna', first, 'relate') };
    await stage.context.keys.change();
    expect(stage.centreKey()).not.toEqual(before);
    const { challenge } = await stage.sessions.open(second, old.ticket);
    const draft = await stage.draft('anna', second, { operation: 'reidentify', card }, challenge, before);
    const answer = await signAnswer(draft, second.card, connection);
    const restarted = await stage.restarted();
    expect((await restarted.finish(second, answer)).grant?.kind).toBe('consent');
    expect(restarted.context.keys.valid().map(({ number }) => number)).toEqual([2, 1]);
    stage.hoursLater(14 * 24);
    await restarted.sessions.tick();
    await expect(restarted.sessions.open(first, old.late)).rejects.toEqual(refused('consent-ticket'));
    const file = (number: number) => existsSync(join(stage.context.home.path, 'keys', `consent-${number}.key`));
    expect([file(1), file(2)]).toEqual([false, true]);
    expect((await (await stage.restarted()).visit('anna', first, 'reidentify', card)).state).toBe('done');
  });

  test('an access without a card waits for a review; nobody looks in time: an alarm, once', async () => {
    const stage = await Stage.open();
    const reviews = new Reviews(stage.context);
    for (const patient of ['anna', 'bert']) {
      await stage.visit(patient, stage.physician('doctor'), 'break-glass', undefined, {
        said: { purpose: 'unconscious' },
      });
    }
    const [one, other] = await reviews.list({ all: false });
    expect(one).toMatchObject({ reason: 'unconscious', physician: 'doctor', overdue: false, finding: null });
    await reviews.finish(one!.session, { finding: 'justified', note: 'called the ward', by: 'ana' });
    const again = reviews.finish(one!.session, { finding: 'abuse', note: '', by: 'ben' });
    await expect(again).rejects.toEqual(refused('conflict'));
    await expect(reviews.finish('x', { finding: 'abuse', note: '', by: 'ben' })).rejects.toEqual(refused('not-found'));
    stage.hoursLater(72);
    await reviews.watch();
    await reviews.watch();
    const late = stage.alarms.filter(({ alarm }) => alarm === 'review-overdue');
    expect(late).toHaveLength(1);
    expect(await reviews.list({ all: false })).toMatchObject([{ session: other!.session, overdue: true }]);
    expect(await reviews.list({ all: true })).toHaveLength(2);
  });

  test('many refusals of one physician are an alarm once an hour; all are in the log', async () => {
    const stage = await Stage.open();
    const doctor = stage.physician('doctor');
    const { size } = stage.context.log;
    for (let i = 0; i < 25; i++) {
      const ticket = stage.ticket('anna', doctor, 'relate', { institution: 'elsewhere' });
      await expect(stage.sessions.open(doctor, ticket)).rejects.toEqual(refused('consent-ticket'));
    }
    expect(stage.context.log.size).toBe(size + 25);
    expect(stage.alarms.map(({ alarm }) => alarm)).toEqual(['many-failures']);
  });

  test('what is over is forgotten after a day; what was offered to whom is not, while a pair is in use', async () => {
    const stage = await Stage.open();
    const [first, greedy] = [stage.physician('first'), stage.physician('greedy')];
    const card = playedCard('P-256');
    await stage.visit('anna', first, 'enrol', card);
    await stage.start('anna', greedy, 'reidentify');
    stage.hoursLater(1);
    await stage.sessions.tick();
    stage.hoursLater(25);
    await prune(stage.context);
    const { database } = stage.context;
    expect(await database.selectFrom('centre_session').selectAll().execute()).toEqual([]);
    expect(await database.selectFrom('centre_ticket').selectAll().execute()).toEqual([]);
    const offers = await database.selectFrom('centre_offer').selectAll().execute();
    expect(offers).toMatchObject([{ physician: 'greedy' }]);
  });
});

test(`no challenge uses a pair that whoever asks may know the answer of, unless it reopens only what was open (${seed})`, async () => {
  const stage = await Stage.open({ seed });
  const rng = insecureTestRng(seed);
  const draw = (below: number) => rng(1)[0]! % below;
  const doctors = Array.from({ length: 6 }, (_, i) => stage.physician(`doctor ${i}`, `clinic ${i % 4}`, `pc ${i % 5}`));
  const card = playedCard('P-256');
  await stage.visit('anna', doctors[0]!, 'enrol', card);
  const { database } = stage.context;
  const seen = { independent: 0, own: 0 };
  for (let i = 0; i < 60; i++) {
    // The first two: who deployed all pairs, and who deployed none.
    const doctor = doctors[i < 2 ? i : draw(doctors.length)]!;
    const before = await database.selectFrom('centre_offer').selectAll().execute();
    const { challenge } = await stage.start('anna', doctor, 'reidentify');
    const offers = await database
      .selectFrom('centre_offer as o')
      .innerJoin('centre_pair as p', 'p.id', 'o.pair')
      .select(['p.id', 'o.independent', 'p.physician', 'p.institution', 'p.installation', 'o.session'])
      .execute();
    const session = base64url(challenge.session);
    for (const { id, independent, ...deployer } of offers.filter((offer) => offer.session === session)) {
      if (before.some((offer) => offer.session === session)) continue;
      expect(independent === 0).toBe(overlaps(deployer, doctor));
      expect(before.some((offer) => offer.pair === id && overlaps(offer, doctor))).toBe(false);
      seen[independent === 1 ? 'independent' : 'own']++;
    }
    if (i > 1 && draw(3) === 0) {
      stage.clock.now += 600_000;
      await stage.sessions.tick();
      continue;
    }
    const offered = await stage.secretIn('anna', doctor, card, challenge).catch(() => undefined);
    if (offered === undefined) stage.clock.now += 600_000;
    else await stage.visit('anna', doctor, 'reidentify', card);
  }
  // Both kinds came up, so that neither claim is empty.
  expect(Math.min(seen.independent, seen.own)).toBeGreaterThan(0);
});
