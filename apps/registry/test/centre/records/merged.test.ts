import { type Draft, signAnswer, signNotice, type ToCentre } from '@symbolon/consent';
import { systemRng } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { Notices } from '../../../src/centre/notices/notices.ts';
import { Physicians } from '../../../src/common/physicians.ts';
import { connection, type Physician } from '../stage.ts';
import { Archive } from './archive.ts';

/** Two who are one patient, whom the module knows by two names, and who is not told yet. */
async function scene() {
  const archive = await Archive.open();
  const { stage } = archive;
  const notices = new Notices(stage.context, new Physicians(stage.context));
  const tell = (what: ToCentre) => {
    const notice = { from: 'hips', to: 'centre', at: stage.clock.now, what };
    return notices.take(stage.module.card, signNotice(notice, stage.module.signingKey, systemRng).document);
  };
  const [first, second, third] = await Promise.all(['first', 'second', 'third'].map((name) => archive.physician(name)));
  await stage.visit('anna', first!, 'enrol', archive.card('anna'));
  await stage.visit('anan', third!, 'relate');
  const [known, other] = [await archive.add('anna', first!), await archive.add('anan', third!)];
  const merge = () => tell({ about: 'merge', from: stage.pseudonym('anan'), to: stage.pseudonym('anna') });
  /** Uses up all that others deployed. */
  const ownPairsOnly = async (by: Physician) => {
    const update = stage.context.database.updateTable('centre_pair').set({ state: 'retired' });
    await update.where('physician', '!=', by.physician).execute();
  };
  return {
    ...{ archive, stage, tell, merge, ownPairsOnly, first: first!, second: second!, third: third! },
    ...{ known: known.record, other: other.record },
  };
}

const signed = (draft: Draft, by: Physician) => signAnswer(draft, by.card, connection);

onBothDatabases(() => {
  test('what is reopened after a merge is what was open before: nothing of the other', async () => {
    const { archive, stage, merge, ownPairsOnly, second, known, other } = await scene();
    const card = archive.card('anna');
    await stage.visit('anna', second, 'reidentify', card);
    expect(await archive.seen('anna', second)).toEqual([known]);
    stage.hoursLater(48);
    await merge();
    await ownPairsOnly(second);
    expect((await stage.visit('anna', second, 'reidentify', card)).grant?.kind).toBe('reopened');
    expect(await archive.seen('anna', second)).toEqual([known]);
    await expect(archive.reader.read(second, archive.relation('anna', second), other)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('a consent of whoever was merged into another reopens what it opened', async () => {
    const { archive, stage, tell, ownPairsOnly, second, known, other } = await scene();
    const card = archive.card('anna');
    await stage.visit('anna', second, 'reidentify', card);
    stage.hoursLater(48);
    await tell({ about: 'merge', from: stage.pseudonym('anna'), to: stage.pseudonym('anan') });
    await ownPairsOnly(second);
    await stage.visit('anna', second, 'reidentify', card);
    expect(await archive.seen('anna', second)).toEqual([known]);
    expect(await archive.seen('anna', second)).not.toContain(other);
  });

  test('a window that was open when they were merged reopens both', async () => {
    const { archive, stage, merge, ownPairsOnly, second, known, other } = await scene();
    const card = archive.card('anna');
    await stage.visit('anna', second, 'reidentify', card);
    stage.clock.now += 1000;
    await merge();
    stage.hoursLater(48);
    await ownPairsOnly(second);
    await stage.visit('anna', second, 'reidentify', card);
    expect(await archive.seen('anna', second)).toEqual([other, known]);
  });

  test('what was a draft then is not reopened', async () => {
    const { archive, stage, ownPairsOnly, first, second, third, known } = await scene();
    const card = archive.card('anna');
    await stage.visit('anna', third, 'enrol', archive.card('anan'));
    await archive.add('anna', third);
    await stage.visit('anna', second, 'reidentify', card);
    stage.hoursLater(48);
    await stage.visit('anna', third, 'reidentify', card);
    await ownPairsOnly(second);
    await stage.visit('anna', second, 'reidentify', card);
    expect(await archive.seen('anna', second)).toEqual([known]);
    await stage.visit('anna', first, 'reidentify', card);
    expect(await archive.seen('anna', first)).toHaveLength(2);
  });

  test('an emergency is not held up while a merge is on its way: both are read, and nothing is written', async () => {
    const { archive, stage, merge, third, known, other } = await scene();
    const relation = archive.relation('anan', third);
    const emergency = async () => {
      const { challenge } = await stage.sessions.open(third, stage.ticket('anna', third, 'break-glass', { relation }));
      const draft = await stage.draft('anna', third, { operation: 'break-glass', card: undefined }, challenge);
      return stage.finish(third, await signed(draft, third));
    };
    expect((await emergency()).grant?.kind).toBe('break-glass');
    expect(await archive.seen('anan', third)).toEqual([other, known]);
    await merge();
    expect(await archive.seen('anan', third)).toEqual([other, known]);
    expect((await stage.grants.relation(third, relation)).writes).toBe(true);
  });

  test('nor while a split is: what is of the one that the ticket names is read at once when it is there', async () => {
    const { archive, stage, tell, first, second, known } = await scene();
    await stage.visit('anna', second, 'relate');
    const relation = archive.relation('anna', second);
    const ticket = stage.ticket('bert', second, 'break-glass', { relation });
    const { challenge } = await stage.sessions.open(second, ticket);
    const draft = await stage.draft('bert', second, { operation: 'break-glass', card: undefined }, challenge);
    expect((await stage.finish(second, await signed(draft, second))).state).toBe('done');
    expect(await archive.seen('anna', second)).toEqual([known]);
    // From then on it is known whose it is: what was opened for both is over.
    await tell({
      ...{ about: 'split', from: stage.pseudonym('anna'), to: stage.pseudonym('bert'), relations: [relation] },
    });
    expect(await archive.seen('anna', second)).toEqual([]);
    const own = stage.ticket('bert', first, 'break-glass', { relation });
    const stolen = await stage.sessions.open(first, own);
    const answer = await stage.draft('bert', first, { operation: 'break-glass', card: undefined }, stolen.challenge);
    await expect(stage.finish(first, await signed(answer, first))).rejects.toMatchObject({ code: 'consent-refused' });
  });
});
