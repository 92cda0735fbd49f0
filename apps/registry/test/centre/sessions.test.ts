import { deployedPairs, signAnswer, slots, transcriptHash } from '@symbolon/consent';
import { base64url, hex, hpkeSeal, utf8 } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test } from 'vitest';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import { replayErasures } from '../../src/centre/rights.ts';
import { Statements } from './crashes.ts';
import { connection, groups, Stage } from './stage.ts';

const refused = (code: string) => expect.objectContaining({ code });

onBothDatabases(() => {
  describe('consent', () => {
    test('a patient enrols, consents at another physician and back, each time with new pairs; windows close', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      expect(await stage.visit('anna', first, 'enrol', card)).toMatchObject({ state: 'done', grant: null });
      expect(await stage.visit('anna', second, 'reidentify', card, { said: { groups } })).toEqual({
        operation: 'reidentify',
        state: 'done',
        relation: stage.relation('anna', second),
        grant: { kind: 'consent', groups, until: stage.clock.now + 24 * 3_600_000 },
      });
      expect(await stage.readable('anna', second)).toEqual(groups);
      expect(await stage.readable('anna', first)).toEqual([]);
      expect((await stage.visit('anna', first, 'reidentify', card)).grant?.kind).toBe('consent');
      const pairs = await stage.context.database.selectFrom('centre_pair').selectAll().execute();
      expect(pairs).toHaveLength(3 * deployedPairs);
      const retired = pairs.filter(({ state }) => state === 'retired');
      expect(retired.map(({ envelope }) => envelope)).toEqual([null, null]);
      expect(new Set(pairs.map(({ fingerprint }) => hex(fingerprint))).size).toBe(pairs.length);
      stage.hoursLater(24);
      expect(await stage.readable('anna', second)).toEqual([]);
      expect(stage.alarms).toEqual([]);
    });

    test('a challenge is answerable after a restart, once, for ten minutes', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      await stage.visit('anna', first, 'enrol', card);
      const answer = await stage.answered('anna', second, 'reidentify', card);
      const late = await stage.answered('anna', stage.physician('third'), 'reidentify', card);
      stage.clock.now += 9.9 * 60_000;
      const restarted = await stage.restarted();
      expect((await restarted.finish(second, answer)).state).toBe('done');
      stage.clock.now += 0.1 * 60_000;
      await expect(restarted.finish(stage.physician('third'), late)).rejects.toEqual(refused('consent-refused'));
    });

    test('the same answer again, signed for another connection, is told the same; another is not', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      await stage.visit('anna', first, 'enrol', card);
      const { challenge } = await stage.start('anna', second, 'reidentify');
      const draft = await stage.draft('anna', second, { operation: 'reidentify', card }, challenge);
      const signed = (exporter: Uint8Array) => signAnswer(draft, second.card, exporter);
      const outcome = await stage.finish(second, await signed(connection));
      const elsewhere = new Uint8Array(32);
      expect(await stage.finish(second, await signed(elsewhere), elsewhere)).toEqual(outcome);
      const other = await stage.draft('anna', second, { operation: 'reidentify', card }, challenge);
      const again = await signAnswer(other, second.card, connection);
      await expect(stage.finish(second, again)).rejects.toEqual(refused('consent-refused'));
      expect(await stage.readable('anna', second)).toEqual(['general']);
      const thief = stage.physician('thief');
      await expect(stage.finish(thief, await signed(connection))).rejects.toEqual(refused('consent-refused'));
    });

    test('the same answer twice at once counts once', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      await stage.visit('anna', first, 'enrol', card);
      const answer = await stage.answered('anna', second, 'reidentify', card);
      const outcomes = await Promise.all([1, 2, 3].map(() => stage.finish(second, answer)));
      expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
      const { database } = stage.context;
      expect(await database.selectFrom('centre_grant').selectAll().execute()).toHaveLength(1);
      expect(await database.selectFrom('centre_pair').selectAll().execute()).toHaveLength(2 * deployedPairs);
    });

    test('one pair in two open sessions is used by whoever answers first; the other begins again', async () => {
      const stage = await Stage.open();
      const [first, second, third] = ['first', 'second', 'third'].map((name) => stage.physician(name));
      const card = playedCard('P-256');
      await stage.visit('anna', first!, 'enrol', card);
      const { database } = stage.context;
      const all = await database.selectFrom('centre_pair').select('id').orderBy('id').execute();
      const ids = all.slice(1).map(({ id }) => id);
      await database.updateTable('centre_pair').set({ state: 'retired' }).where('id', 'in', ids).execute();
      const answers = await Promise.all([second!, third!].map((by) => stage.answered('anna', by, 'reidentify', card)));
      const [one, other] = await Promise.allSettled([
        stage.finish(second!, answers[0]!),
        stage.finish(third!, answers[1]!),
      ]);
      expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
      const loser = one.status === 'rejected' ? second! : third!;
      expect([one, other].find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'consent-refused' },
      });
      expect((await stage.visit('anna', loser, 'reidentify', card)).grant?.kind).toBe('consent');
    });

    test('own pairs alone reopen what was open before, and nothing that came later', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      await stage.visit('anna', first, 'enrol', card);
      await stage.visit('anna', second, 'reidentify', card);
      const end = stage.clock.now + 24 * 3_600_000;
      stage.hoursLater(48);
      const { database } = stage.context;
      await database.updateTable('centre_pair').set({ state: 'retired' }).where('physician', '=', 'first').execute();
      const { grant } = await stage.visit('anna', second, 'reidentify', card, { said: { groups } });
      expect(grant).toMatchObject({ kind: 'reopened', groups: ['general'] });
      const { windows } = await stage.grants.scope(await stage.grants.relation(second, stage.relation('anna', second)));
      expect(windows).toMatchObject([{ group: 'general', recordsUntil: new Date(end).toISOString() }]);
    });

    test('a second card is added with the first, and each answers', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const [card, newCard] = [playedCard('P-256'), playedCard('rsa-2048')];
      await stage.visit('anna', first, 'enrol', card);
      await stage.visit('anna', second, 'add-card', card, { newCard });
      expect((await stage.visit('anna', first, 'reidentify', newCard)).grant?.kind).toBe('consent');
      expect((await stage.visit('anna', stage.physician('third'), 'reidentify', card)).grant?.kind).toBe('consent');
      for (const name of ['a', 'b']) await stage.visit('anna', stage.physician(name), 'add-card', card, { newCard });
      const more = stage.visit('anna', stage.physician('c'), 'add-card', card, { newCard });
      await expect(more).rejects.toEqual(refused('conflict'));
    });
  });

  describe('enrolment', () => {
    test('of two at once one is first; the other is a draft until it re-identifies', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      const answers = await Promise.all([first, second].map((by) => stage.answered('anna', by, 'enrol', card)));
      const outcomes = await Promise.all([stage.finish(first, answers[0]!), stage.finish(second, answers[1]!)]);
      expect(outcomes.map(({ state }) => state).sort()).toEqual(['done', 'draft']);
      const loser = outcomes[0]!.state === 'draft' ? first : second;
      const relation = () => stage.grants.relation(loser, stage.relation('anna', loser));
      expect(await relation()).toMatchObject({ draft: true, writes: true });
      expect(stage.alarms).toMatchObject([{ alarm: 'second-enrolment', physician: loser.physician }]);
      expect(await stage.context.database.selectFrom('centre_pair').selectAll().execute()).toHaveLength(deployedPairs);
      await stage.visit('anna', loser, 'reidentify', card);
      expect(await relation()).toMatchObject({ draft: false });
    });

    test('a second enrolment with another card changes nothing', async () => {
      const stage = await Stage.open();
      const [first, thief] = [stage.physician('first'), stage.physician('thief')];
      const [card, other] = [playedCard('P-256'), playedCard('P-256')];
      await stage.visit('anna', first, 'enrol', card);
      expect((await stage.visit('anna', thief, 'enrol', other)).state).toBe('draft');
      await expect(stage.visit('anna', thief, 'reidentify', other)).rejects.toEqual(refused('consent-unanswered'));
      expect((await stage.visit('anna', thief, 'reidentify', card)).grant?.kind).toBe('consent');
    });
  });

  describe('another card', () => {
    test('counts when a physician of another institution has seen it; then the lost one is of no use', async () => {
      const stage = await Stage.open();
      const [first, colleague] = [stage.physician('first', 'clinic'), stage.physician('colleague', 'clinic')];
      const second = stage.physician('second');
      const [lost, card] = [playedCard('P-256'), playedCard('P-256')];
      await stage.visit('anna', first, 'enrol', lost);
      expect((await stage.visit('anna', first, 'replace', card)).state).toBe('waits');
      await expect(stage.visit('anna', second, 'reidentify', card)).rejects.toEqual(refused('consent-unanswered'));
      expect((await stage.visit('anna', colleague, 'replace', card)).state).toBe('waits');
      expect((await stage.visit('anna', stage.physician('x'), 'reidentify', lost)).state).toBe('done');
      expect((await stage.visit('anna', second, 'replace', card)).state).toBe('done');
      await expect(stage.visit('anna', stage.physician('y'), 'reidentify', lost)).rejects.toEqual(
        refused('consent-unanswered'),
      );
      expect((await stage.visit('anna', stage.physician('z'), 'reidentify', card)).grant?.kind).toBe('consent');
      expect(stage.alarms.map(({ alarm, tellPatient }) => [alarm, tellPatient])).toEqual(
        Array(3).fill(['card-replaced', true]),
      );
    });
  });

  describe('without a card', () => {
    test('in an emergency: read-only, four hours, an alarm, a review that is missed in time', async () => {
      const stage = await Stage.open();
      const [first, doctor] = [stage.physician('first'), stage.physician('doctor')];
      await stage.visit('anna', first, 'enrol', playedCard('P-256'));
      const said = { purpose: 'unconscious after a fall', groups };
      const { grant } = await stage.visit('anna', doctor, 'break-glass', undefined, { said });
      expect(grant).toEqual({ kind: 'break-glass', groups, until: stage.clock.now + 4 * 3_600_000 });
      expect(await stage.readable('anna', doctor)).toEqual(groups);
      expect((await stage.grants.relation(doctor, stage.relation('anna', doctor))).writes).toBe(false);
      expect(stage.alarms).toMatchObject([{ alarm: 'break-glass', tellPatient: true }]);
      stage.hoursLater(4);
      expect(await stage.readable('anna', doctor)).toEqual([]);
    });

    test('a laboratory relates to a patient whom nobody knows: its own records, and nothing else', async () => {
      const stage = await Stage.open();
      const laboratory = stage.physician('laboratory');
      expect(await stage.visit('anna', laboratory, 'relate')).toMatchObject({ state: 'done', grant: null });
      expect(await stage.readable('anna', laboratory)).toEqual([]);
      expect((await stage.grants.relation(laboratory, stage.relation('anna', laboratory))).writes).toBe(true);
    });
  });

  describe('what is open and not answered', () => {
    test('lapses, is an alarm, and uses up chances of whoever asked, not those of others', async () => {
      const stage = await Stage.open();
      const [first, greedy, third] = ['first', 'greedy', 'third'].map((name) => stage.physician(name));
      const card = playedCard('P-256');
      await stage.visit('anna', first!, 'enrol', card);
      for (let i = 0; i < deployedPairs; i++) {
        await stage.start('anna', greedy!, 'reidentify');
        stage.clock.now += 10 * 60_000;
        await stage.sessions.tick();
      }
      expect(stage.alarms.map(({ alarm }) => alarm)).toEqual(Array(deployedPairs).fill('offer-lapsed'));
      await expect(stage.visit('anna', greedy!, 'reidentify', card)).rejects.toEqual(refused('consent-unanswered'));
      expect((await stage.visit('anna', third!, 'reidentify', card)).state).toBe('done');
      // The challenge without a pair is open until now.
      stage.clock.now += 10 * 60_000;
      expect((await stage.visit('anna', greedy!, 'reidentify', card)).grant?.kind).toBe('consent');
    });

    test('is given again to whoever asked, so that a lost reply or a client that crashed uses up nothing', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      await stage.visit('anna', first, 'enrol', card);
      const ticket = stage.ticket('anna', second, 'reidentify');
      const begun = await stage.sessions.open(second, ticket);
      expect(await stage.sessions.open(second, ticket)).toEqual(begun);
      for (let i = 0; i < 10; i++) expect(await stage.start('anna', second, 'reidentify')).toEqual(begun);
      const atOnce = await Promise.all(
        [1, 2, 3].map(() => stage.start('anna', stage.physician('third'), 'reidentify')),
      );
      expect(new Set(atOnce.map(({ challenge }) => base64url(challenge.session))).size).toBe(1);
      expect((await stage.visit('anna', second, 'reidentify', card)).state).toBe('done');
      await expect(stage.sessions.open(second, ticket)).rejects.toEqual(refused('consent-ticket'));
    });
  });

  describe('rights', () => {
    test('withdrawal closes windows and retires pairs; the patient may enrol again', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      await stage.visit('anna', first, 'enrol', card);
      await stage.visit('anna', second, 'reidentify', card);
      await stage.visit('anna', first, 'withdraw');
      expect(await stage.readable('anna', second)).toEqual([]);
      await expect(stage.visit('anna', second, 'reidentify', card)).rejects.toEqual(refused('consent-unanswered'));
      expect((await stage.visit('anna', second, 'enrol', card)).state).toBe('done');
      // What was open before the withdrawal does not come back.
      stage.clock.now += 10 * 60_000;
      expect((await stage.visit('anna', second, 'reidentify', card)).grant).toMatchObject({
        kind: 'reopened',
        groups: [],
      });
    });

    test('the patient looks with the card, also where the answer could be known without it', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      await stage.visit('anna', first, 'enrol', card);
      await stage.visit('anna', first, 'view', card);
      const present = (by: typeof first, kind: 'view' | 'export') =>
        stage.grants
          .relation(by, stage.relation('anna', by))
          .then((relation) => stage.grants.patientPresent(relation, kind));
      expect(await present(first, 'view')).toMatchObject({ independent: false });
      await stage.visit('anna', second, 'export', card);
      expect(await present(second, 'export')).toMatchObject({ independent: true });
      await expect(present(second, 'view')).rejects.toEqual(refused('forbidden'));
      stage.hoursLater(1);
      await expect(present(second, 'export')).rejects.toEqual(refused('forbidden'));
    });

    test('erasure leaves nothing of the patient; a backup that brings it back is erased again', async () => {
      const stage = await Stage.open();
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      const card = playedCard('P-256');
      await stage.visit('anna', first, 'enrol', card);
      await stage.visit('bert', first, 'enrol', playedCard('P-256'));
      await stage.visit('anna', second, 'reidentify', card);
      const { database } = stage.context;
      const patient = await database.selectFrom('centre_patient').selectAll().orderBy('id').executeTakeFirstOrThrow();
      const pseudonyms = await database
        .selectFrom('centre_pseudonym')
        .selectAll()
        .where('patient', '=', patient.id)
        .execute();
      const open = await stage.answered('anna', stage.physician('third'), 'reidentify', card);
      expect((await stage.visit('anna', first, 'erase')).state).toBe('done');
      const count = async () => {
        const counts = [];
        for (const table of [
          'centre_patient',
          'centre_pseudonym',
          'centre_relation',
          'centre_consent',
          'centre_grant',
        ] as const)
          counts.push((await database.selectFrom(table).selectAll().execute()).length);
        const pairs = await database.selectFrom('centre_pair').selectAll().execute();
        const sessions = await database.selectFrom('centre_session').selectAll().execute();
        return [...counts, pairs.length, sessions.filter((row) => row.pseudonym === stage.pseudonym('anna')).length];
      };
      const after = await count();
      expect(after).toEqual([1, 1, 1, 1, 0, deployedPairs, 0]);
      // The module is told, and keeps nothing either.
      expect(await database.selectFrom('registry_notice').select('to').execute()).toEqual([{ to: 'hips' }]);
      await expect(stage.finish(stage.physician('third'), open)).rejects.toEqual(refused('consent-refused'));
      await database.insertInto('centre_patient').values(patient).execute();
      await database.insertInto('centre_pseudonym').values(pseudonyms).execute();
      expect(await replayErasures((await stage.restarted()).context)).toBe(1);
      expect(await count()).toEqual(after);
      expect((await stage.visit('anna', second, 'enrol', card)).state).toBe('done');
    });
  });
});

test('whether a patient is known or not, a challenge has one size, and the same is asked of the database; for the refusal too', async () => {
  const stage = await Stage.open();
  const [first, second] = [stage.physician('first'), stage.physician('second')];
  await stage.visit('anna', first, 'enrol', playedCard('P-256'));
  const seen = [];
  for (const patient of ['anna', 'nobody']) {
    const statements = new Statements();
    const watched = await stage.restarted(stage.context.database.withPlugin(statements));
    statements.asked.length = 0;
    const { challenge } = await watched.start(patient, second, 'reidentify');
    expect(challenge.envelopes).toHaveLength(slots);
    const wrong = await watched.draft(
      'x',
      second,
      { operation: 'enrol', card: playedCard('P-256') },
      { ...challenge, envelopes: [] },
    );
    const centre = { kem: 'X25519' as const, publicKey: watched.centreKey() };
    const context = { info: utf8('symbolon consent answer'), aad: new Uint8Array() };
    const answer = { ...wrong.answer, secret: hpkeSeal(centre, new Uint8Array(32), context, stage.rng) };
    const { session, nonce, serverKey, envelopes: offered } = challenge;
    const { clientKey, pairs } = answer;
    const transcript = transcriptHash(watched.terms(second, 'reidentify'), {
      session,
      nonce,
      serverKey,
      clientKey,
      offered,
      pairs,
    });
    const signed = await signAnswer({ answer, transcript }, second.card, connection);
    await expect(watched.finish(second, signed)).rejects.toThrow('no registered card of this patient answered');
    seen.push([...statements.asked]);
  }
  expect(seen[0]!.length).toBeGreaterThan(10);
  expect(seen[1]).toEqual(seen[0]);
});

test.each(['relate', 'break-glass'] as const)(
  'whether a patient is known or not, %s asks the same of the database',
  async (operation) => {
    const stage = await Stage.open();
    const [first, second] = [stage.physician('first'), stage.physician('second')];
    await stage.visit('anna', first, 'enrol', playedCard('P-256'));
    const seen = [];
    for (const patient of ['anna', 'nobody']) {
      const statements = new Statements();
      const watched = await stage.restarted(stage.context.database.withPlugin(statements));
      statements.asked.length = 0;
      expect(await watched.visit(patient, second, operation)).toMatchObject({ state: 'done' });
      seen.push([...statements.asked]);
    }
    expect(seen[0]!.length).toBeGreaterThan(5);
    expect(seen[1]).toEqual(seen[0]);
  },
);
