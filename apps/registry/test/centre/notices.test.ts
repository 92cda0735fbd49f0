import { signNotice, type ToCentre } from '@symbolon/consent';
import { base64url, hashLabelled, systemRng, utf8 } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import { Notices } from '../../src/centre/notices/notices.ts';
import { Physicians } from '../../src/common/physicians.ts';
import { Stage } from './stage.ts';

const refused = (code: string) => expect.objectContaining({ code });

/** A stage with a module that tells. */
async function told(policy: object = {}) {
  const stage = await Stage.open({ policy });
  const notices = new Notices(stage.context, new Physicians(stage.context));
  const sign = (what: ToCentre) =>
    signNotice({ from: 'hips', to: 'centre', at: stage.clock.now, what }, stage.module.signingKey, systemRng).document;
  const take = (document: ReturnType<typeof sign>) => notices.take(stage.module.card, document);
  return { stage, notices, sign, take, tell: (what: ToCentre) => take(sign(what)) };
}

const renamed = (patient: string) => base64url(hashLabelled('new pseudonym', utf8(patient)));

onBothDatabases(() => {
  test('a notice counts once, and only from the module that signed it, for this server', async () => {
    const { stage, notices, sign, take } = await told();
    const { database, log, home } = stage.context;
    const notice = sign({ about: 'installation', installation: 'ws', institution: 'clinic' });
    await Promise.all([take(notice), take(notice)]);
    const { size } = log;
    await take(notice);
    expect(log.size).toBe(size);
    expect(await database.selectFrom('centre_installation').selectAll().execute()).toHaveLength(1);
    await expect(notices.take({ ...stage.module.card, id: 'knees' }, notice)).rejects.toEqual(refused('bad-document'));
    await expect(notices.take(home.card, notice)).rejects.toEqual(refused('forbidden'));
    const strange = { about: 'installation', installation: 'ws' } as unknown as ToCentre;
    await expect(take(sign(strange))).rejects.toEqual(refused('bad-document'));
    const payload = `${notice.payload.slice(0, -4)}AAAA`;
    await expect(take({ ...notice, payload })).rejects.toThrow();
    await take(sign({ about: 'installation', installation: 'ws', institution: null }));
    expect(await database.selectFrom('centre_installation').selectAll().execute()).toEqual([]);
  });

  test('merge: both cards answer for the one patient, windows stay; what was told twice is one', async () => {
    const { stage, tell } = await told();
    const [first, second, third] = ['first', 'second', 'third'].map((name) => stage.physician(name));
    const [annas, ananas] = [playedCard('P-256'), playedCard('P-256')];
    await stage.visit('anna', first!, 'enrol', annas);
    await stage.visit('anan', second!, 'enrol', ananas);
    await stage.visit('anan', third!, 'reidentify', ananas);
    await tell({ about: 'merge', from: stage.pseudonym('anan'), to: stage.pseudonym('anna') });
    const { patient } = await stage.grants.relation(first!, stage.relation('anna', first!));
    expect(await stage.grants.relation(third!, stage.relation('anan', third!))).toMatchObject({ patient });
    expect(await stage.readable('anan', third!)).toEqual(['general']);
    for (const [name, card] of [
      ['x', annas],
      ['y', ananas],
    ] as const) {
      // The module gives W by the patient, whom it names by `to` now.
      const by = stage.physician(name);
      const { challenge } = await stage.start('anna', by, 'reidentify');
      expect(challenge.envelopes).toHaveLength(4);
      const opened = await stage.secretIn(card === annas ? 'anna' : 'anan', by, card, challenge);
      expect(opened).toHaveLength(64);
    }
    const rows = await stage.context.database.selectFrom('centre_pair').select(['patient', 'slot']).execute();
    expect(new Set(rows.map((row) => row.patient))).toEqual(new Set([patient]));
    expect(new Set(rows.map(({ slot }) => slot))).toEqual(new Set([0, 1]));
    await tell({ about: 'merge', from: stage.pseudonym('nobody'), to: stage.pseudonym('anna') });
    await tell({ about: 'right', right: 'erase', pseudonym: stage.pseudonym('nobody') });
    expect(await stage.context.database.selectFrom('centre_patient').selectAll().execute()).toEqual([]);
  });

  test('split: relations go where the module says; cards and windows of both end', async () => {
    const { stage, tell } = await told();
    const [first, second] = [stage.physician('first'), stage.physician('second')];
    const card = playedCard('P-256');
    await stage.visit('anna', first, 'enrol', card);
    await stage.visit('anna', second, 'reidentify', card);
    const relations = [stage.relation('anna', second)];
    await tell({ about: 'split', from: stage.pseudonym('anna'), to: stage.pseudonym('bert'), relations });
    const one = await stage.grants.relation(first, stage.relation('anna', first));
    const other = await stage.grants.relation(second, relations[0]!);
    expect(other.patient).not.toBe(one.patient);
    expect(await stage.readable('anna', second)).toEqual([]);
    await expect(stage.visit('anna', first, 'reidentify', card)).rejects.toEqual(refused('consent-unanswered'));
    expect((await stage.visit('anna', first, 'enrol', card)).state).toBe('done');
    const again = stage.visit('anna', second, 'relate');
    await expect(again).rejects.toEqual(refused('consent-refused'));
  });

  test('new pseudonyms: both count until the change is done, and nobody has to stop', async () => {
    const { stage, tell } = await told();
    const [first, second, third] = ['first', 'second', 'third'].map((name) => stage.physician(name));
    const card = playedCard('P-256');
    await stage.visit('anna', first!, 'enrol', card);
    const pairs = ['anna', 'nobody'].map((name) => ({ old: stage.pseudonym(name), new: renamed(name) }));
    const open = await stage.answered('anna', second!, 'reidentify', card);
    await tell({ about: 'pseudonyms', pairs });
    await tell({ about: 'pseudonyms', pairs });
    expect((await stage.finish(second!, open)).state).toBe('done');
    const { database } = stage.context;
    const known = () => database.selectFrom('centre_pseudonym').select('pseudonym').orderBy('replaced').execute();
    expect(await known()).toEqual([{ pseudonym: renamed('anna') }, { pseudonym: stage.pseudonym('anna') }]);
    const visit = async (by: typeof third, change: object) => {
      const { challenge } = await stage.sessions.open(by!, stage.ticket('anna', by!, 'reidentify', change));
      return stage.secretIn('anna', by!, card, challenge);
    };
    expect(await visit(third, {})).toHaveLength(64);
    expect(await visit(stage.physician('x'), { pseudonym: renamed('anna') })).toHaveLength(64);
    await tell({ about: 'pseudonyms-done' });
    expect(await known()).toEqual([{ pseudonym: renamed('anna') }]);
    const dump = JSON.stringify(
      await database.selectFrom('centre_session').select('pseudonym').where('state', '!=', 'open').execute(),
    );
    expect(dump).not.toContain(stage.pseudonym('anna'));
    await expect(visit(stage.physician('y'), {})).rejects.toThrow('the card opens nothing');
    expect(await visit(stage.physician('z'), { pseudonym: renamed('anna') })).toHaveLength(64);
    await stage.visit('bert', first!, 'relate');
    const clash = tell({ about: 'pseudonyms', pairs: [{ old: stage.pseudonym('bert'), new: renamed('anna') }] });
    await expect(clash).rejects.toEqual(refused('conflict'));
  });

  test('rights that were asked for at the module; who is not known yet has objected too', async () => {
    const { stage, tell } = await told();
    const [first, second] = [stage.physician('first'), stage.physician('second')];
    const card = playedCard('P-256');
    await stage.visit('anna', first, 'enrol', card);
    await stage.visit('anna', second, 'reidentify', card);
    await tell({ about: 'right', right: 'withdraw', pseudonym: stage.pseudonym('anna') });
    expect(await stage.readable('anna', second)).toEqual([]);
    for (const name of ['anna', 'bert']) {
      await tell({ about: 'right', right: 'object', pseudonym: stage.pseudonym(name) });
    }
    const { database } = stage.context;
    const patients = () => database.selectFrom('centre_patient').select(['objected_at']).execute();
    expect((await patients()).filter(({ objected_at }) => objected_at !== null)).toHaveLength(2);
    await tell({ about: 'right', right: 'erase', pseudonym: stage.pseudonym('anna') });
    await tell({ about: 'right', right: 'erase', pseudonym: stage.pseudonym('nobody') });
    expect(await patients()).toHaveLength(1);
  });

  test.each(['administrator', 'physician', 'either'] as const)(
    'a new card counts when confirmed by: %s',
    async (replacement) => {
      const [lost, card] = [playedCard('P-256'), playedCard('P-256')];
      const { stage, tell } = await told({ replacement });
      const [first, second] = [stage.physician('first'), stage.physician('second')];
      await stage.visit('anna', first, 'enrol', lost);
      const decide = (decision: 'confirm' | 'refuse') =>
        tell({ about: 'replacement', relation: stage.relation('anna', first), decision });
      const answers = (by: string, shown: typeof card) =>
        stage.visit('anna', stage.physician(by), 'reidentify', shown).then(
          () => true,
          () => false,
        );
      await stage.visit('anna', first, 'replace', card);
      await decide('refuse');
      await decide('confirm');
      expect(await answers('v', lost)).toBe(true);
      await stage.visit('anna', first, 'replace', card);
      stage.hoursLater(31 * 24);
      await decide('confirm');
      expect(await answers('w', lost)).toBe(true);
      await stage.visit('anna', first, 'replace', card);
      await stage.visit('anna', second, 'replace', card);
      expect(await answers('x', card)).toBe(replacement !== 'administrator');
      await decide('confirm');
      expect([await answers('y', card), await answers('z', lost)]).toEqual([true, false]);
    },
  );
});
