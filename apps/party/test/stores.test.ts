import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault, systemRng } from '@symbolon/crypto';
import { type Database, type DatabaseSchema, openDatabase, openServerLog, type ServerLog } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import type { Transaction } from 'kysely';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ApprovalStore } from '../src/approvals.ts';
import { Datasets } from '../src/datasets/datasets.ts';
import { Uploads } from '../src/datasets/uploads.ts';
import { type RunDetails, RunStore } from '../src/link/runs.ts';
import { recoverParty } from '../src/recover.ts';
import { endedJob, keepEnd } from '../src/run/ended-jobs.ts';
import { Jobs } from '../src/run/jobs.ts';
import { AskedStudies } from '../src/study/asked-store.ts';
import { type ReleasedStudy, type StudyRunDetails, StudyRunStore } from '../src/study/runs.ts';
import { LegalHolds } from '../src/subjects/holds.ts';
import { addUser, agree, quiet, type TestNetwork, testNetwork } from './network.ts';

const now = () => new Date('2026-11-22T10:00:00Z');
const statement = Uint8Array.of(1, 2, 3);
const keeping = async () => undefined;

onBothDatabases(() => {
  let network: TestNetwork;
  beforeEach(async () => {
    network = await testNetwork();
    onTestFinished(() => network.close());
  });

  test('agreements: kept with their signatures, found by the beginning of their hash, forgotten', async () => {
    const hash = await agree(network, { signed: false });
    await network.fred(async ({ agreements }) => {
      expect(await agreements.show(hash.slice(0, 8))).toMatchObject({ hash, signedBy: [] });
      await expect(agreements.show(hash.slice(0, 5))).rejects.toMatchObject({ code: 'request-invalid' });
      await expect(agreements.show('zzzzzzzz')).rejects.toMatchObject({ code: 'not-found' });
      await agreements.sign(hash);
      await agreements.sign(hash).catch(() => undefined);
      expect(await agreements.list()).toMatchObject([{ hash, signedBy: ['fred'] }]);
    });
  });

  test('notices: kept once with their entry in the log, in their order, until all have heard', async () => {
    const hash = await agree(network, { signed: false });
    await network.fred(async ({ agreements, log }) => {
      await agreements.sign(hash);
      const saying = { reason: 'Audit', person: 'ann' };
      await Promise.all(Array.from({ length: 5 }, () => agreements.suspend(hash, saying)));
      await agreements.resume(hash, saying);
      const infos = await Promise.all(Array.from({ length: 5 }, () => agreements.revoke(hash, saying)));
      expect(infos.every(({ state }) => state === 'revoked')).toBe(true);
      expect(await agreements.show(hash)).toMatchObject({
        untold: ['sally'],
        notices: [{ by: 'fred', action: 'revoke' }],
      });
      const changes = (await agreements.history(hash)).filter((change) => change.log !== null);
      expect(changes.map(({ what, person, log: at }) => [what, person, at!.index])).toEqual([
        ['signed', null, 0],
        ['suspended', 'ann', 1],
        ['resumed', 'ann', 2],
        ['revoked', 'ann', 3],
      ]);
      expect(log.size).toBe(4);
    });
  });

  describe('of an agreement', () => {
    let database: Database;
    beforeEach(async () => {
      database = await openDatabase(network.homes.fred);
      onTestFinished(() => database.destroy());
      const agreement = { hash: 'h', title: 't', predecessor: null, document: statement, added_at: 'now' };
      await database.insertInto('agreement').values(agreement).execute();
    });

    test('links: an attempt once, a session once; they count from the opening, and end with all their pages', async () => {
      const runs = new RunStore(database, now);
      const first = await runs.start('h', 'one');
      await expect(runs.start('h', 'one')).rejects.toMatchObject({ code: 'frame-order' });
      const second = await runs.start('h', 'two');
      expect(second).toBeGreaterThan(first);
      await runs.burn(first, 's');
      await expect(runs.burn(second, 's')).rejects.toMatchObject({ code: 'session-burned' });
      expect(await runs.show(second)).toMatchObject({ session: null, state: 'running' });
      expect(await runs.opens('h')).toBe(0);
      await runs.opened(first);
      const { openedAt } = await runs.show(first);
      await runs.opened(first);
      expect([openedAt, await runs.opens('h')]).toEqual(['2026-11-22T10:00:00.000Z', 1]);
      const pages = ['{"row":[1],"a":[0],"b":[2],"key":["k"]}', '{"row":[2],"a":[1],"b":[0],"key":[null]}'];
      const ended = { pages, statement, details: () => ({ shards: 0 }) as RunDetails };
      const refusing = async () => Promise.reject(new Error('revoked'));
      await expect(runs.done(first, { ...ended, keeping: refusing })).rejects.toThrow('revoked');
      expect(await runs.show(first)).toMatchObject({ state: 'running' });
      await runs.done(first, { ...ended, keeping });
      await runs.failed(first, new Error('late'));
      await runs.failed(second, new Error('x'));
      expect((await runs.list()).map(({ id, state, error }) => [id, state, error])).toEqual([
        [first, 'done', null],
        [second, 'failed', 'internal'],
      ]);
      expect(await runs.statement(first)).toStrictEqual(statement);
      const rows: unknown[] = [];
      for await (const { row, key } of runs.matches(first, 'a')) rows.push([row, key]);
      expect(rows).toEqual([
        [1, 'k'],
        [2, null],
      ]);
      await expect(runs.show(99)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('an attempt and its entry in the log: both or neither', async () => {
      const log = await openServerLog(network.homes.fred, database);
      const [runs, studies] = [new RunStore(database, now), new StudyRunStore(database, now)];
      const { size } = log;
      const event = { kind: 'test' };
      const lost = new Error('power is lost');
      for (const start of [
        (within: Transaction<DatabaseSchema>) => runs.start('h', 'one', null, within),
        (within: Transaction<DatabaseSchema>) => studies.start('h', 'one', 's', null, within),
      ]) {
        const dying = log.append(event, async (transaction) => {
          await start(transaction);
          throw lost;
        });
        await expect(dying).rejects.toBe(lost);
      }
      expect([await runs.list(), await studies.list(), log.size]).toEqual([[], [], size]);
      await log.append(event, async (transaction) => void (await runs.start('h', 'one', null, transaction)));
      const again = log.append(event, async (transaction) => void (await runs.start('h', 'one', null, transaction)));
      await expect(again).rejects.toMatchObject({ code: 'frame-order' });
      expect([(await runs.list()).length, log.size]).toEqual([1, size + 1]);
    });

    test('studies: named once all have chosen, with what they released', async () => {
      const runs = new StudyRunStore(database, now);
      const [first, second] = [await runs.start('h', 'one', 's'), await runs.start('h', 'two', 's')];
      await expect(runs.name(second, 'one')).rejects.toMatchObject({ code: 'frame-order' });
      await runs.name(second, 'three');
      const released: ReleasedStudy = { columns: ['n'], rows: [['7']], cells: [], totals: [null], method: null };
      const details = { initiator: 'fred' } as StudyRunDetails;
      await runs.done(first, { released, statement, keeping, details });
      await runs.done(second, { released: null, statement, keeping, details });
      expect([await runs.result(first), await runs.result(second)]).toEqual([released, null]);
      await runs.opened(first);
      expect([await runs.counts('h', ['s']), await runs.counts('h', ['other'])]).toEqual([1, 0]);
      expect((await runs.list()).map(({ attempt, study, state }) => [attempt, study, state])).toEqual([
        ['one', 's', 'done'],
        ['three', 's', 'done'],
      ]);
    });

    test('approvals: one of each person, until all are withdrawn', async () => {
      const log: Pick<ServerLog, 'append'> = {
        append: async (_event, within) => {
          await database.transaction().execute(async (transaction) => within?.(transaction, 0));
          return 0;
        },
      };
      const approvals = new ApprovalStore(database, log, now);
      const study = { action: 'study', agreement: 'h', name: 's' } as const;
      const ann = { kind: 'user', id: 'ann', roles: ['data-steward'] } as const;
      await addUser(database, 'ann', 'data-steward');
      await addUser(database, 'bob', 'data-steward', 'privacy-officer');
      await approvals.approve(study, '1', ann);
      await approvals.approve(study, '2', { ...ann, id: 'bob', roles: ['privacy-officer'] });
      await approvals.approve(study, '2', ann);
      const kept = await approvals.list(study);
      expect(kept.map(({ by, hash, roles }) => [by, hash, roles]).sort()).toEqual([
        ['ann', '2', ['data-steward']],
        ['bob', '2', ['privacy-officer']],
      ]);
      expect(await approvals.list({ ...study, name: 'other' })).toEqual([]);
      // Of users who lost the role, or may not log in any more, it does not count.
      await database.deleteFrom('account_role').where('role', '=', 'privacy-officer').execute();
      await database.updateTable('account').set({ disabled: 1 }).where('id', '=', 'ann').execute();
      expect((await approvals.list(study)).map(({ roles }) => roles)).toEqual([[], []]);
      await approvals.withdraw(study, 'bob');
      expect(await approvals.list(study)).toEqual([]);
    });

    test('studies that were asked: one of each name, each with its entry in the log, the oldest first', async () => {
      const log = await openServerLog(network.homes.fred, database);
      let day = 20;
      const asked = new AskedStudies(database, log, () => new Date(`2026-11-${day}T10:00:00Z`));
      const free = { agreement: 'h', asked: { kind: 'free', text: 'SELECT' }, by: 'sally', person: null } as const;
      const filled = { kind: 'template', template: 'by-age', values: { from: '40' } } as const;
      const { size } = log;
      await Promise.all(['b', 'b', 'b'].map((name) => asked.keep({ ...free, name })));
      await asked.keep({ ...free, name: 'b' });
      day = 19;
      await asked.keep({ ...free, name: 'a', asked: filled, by: 'fred', person: 'ann' });
      const lost = async () => Promise.reject(new Error('power is lost'));
      await expect(asked.keep({ ...free, name: 'c' }, lost)).rejects.toThrow('power is lost');
      expect((await asked.list('h')).map(({ name, person }) => [name, person])).toEqual([
        ['a', 'ann'],
        ['b', null],
      ]);
      expect(await asked.find('h', 'a')).toMatchObject({
        asked: filled,
        by: 'fred',
        askedAt: '2026-11-19T10:00:00.000Z',
      });
      expect([await asked.find('h', 'c'), await asked.find('other', 'a')]).toEqual([undefined, undefined]);
      expect([await asked.names('h', null), await asked.names('h', 'by-age')]).toEqual([['b'], ['a']]);
      expect(log.size).toBeGreaterThan(size + 1);
    });

    test('jobs: how they ended is known when their process is gone', async () => {
      const job = { agreement: 'h', study: null, initiator: 'fred', begun_at: 'now' };
      for (const id of [1, 2, 3])
        await database
          .insertInto('job')
          .values({ id, ...job })
          .execute();
      await keepEnd({ database, logger: quiet }, 1, { run: 7 });
      await keepEnd({ database, logger: quiet }, 2, { error: fault('peer-silent', 'no answer', { culprit: 'sally' }) });
      expect(await Promise.all([1, 2, 3].map((id) => endedJob(database, id)))).toMatchObject([
        { id: 1, state: 'done', run: 7, error: null },
        { id: 2, state: 'failed', run: null, error: { code: 'peer-silent', culprit: 'sally' } },
        { id: 3, state: 'failed', run: null, error: { code: 'peer-gone' } },
      ]);
      await expect(endedJob(database, 4)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('jobs: begun with what their asker keeps, or not at all; no number is given twice', async () => {
      const context = { home: network.homes.fred, database, now, logger: quiet };
      const task = { agreement: 'h', initiator: 'fred' };
      const jobs = await Jobs.open(context);
      const lost = async () => Promise.reject(new Error('power is lost'));
      await expect(jobs.take({ ...task, study: 's' }, lost)).rejects.toThrow('power is lost');
      expect(await database.selectFrom('job').selectAll().execute()).toEqual([]);
      const done = await jobs.take({ ...task, study: 's' }, async (transaction, id) => {
        const run = { agreement: 'h', attempt: `${id}`, state: 'running' as const, started_at: 'now' };
        await transaction.insertInto('run').values(run).execute();
      });
      await expect(jobs.take(task)).rejects.toMatchObject({ code: 'conflict' });
      const [encrypting, asking] = [
        await jobs.take({ ...task, sealed: 'encrypt' }),
        await jobs.take({ ...task, sealed: 'run' }),
      ];
      expect(jobs.current).toEqual([done, encrypting, asking]);
      await expect(jobs.take({ ...task, sealed: 'upload' })).rejects.toMatchObject({ code: 'conflict' });
      jobs.release(encrypting);
      await expect(jobs.take({ ...task, sealed: 'rotate' })).rejects.toMatchObject({ code: 'conflict' });
      jobs.release(asking);
      jobs.release(await jobs.take({ ...task, sealed: 'rotate' }));
      done.run(async () => ({ id: 7 }));
      await done.result;
      jobs.release(done);
      const cut = await jobs.take(task);
      await jobs.close();
      const again = await Jobs.open(context);
      expect([await again.info(done.id), await again.info(cut.id)]).toMatchObject([
        { state: 'done', study: 's', run: 7 },
        { state: 'failed', study: null, error: { code: 'peer-gone' } },
      ]);
      expect((await again.take(task)).id).toBe(cut.id + 1);
      expect(await new RunStore(database, now).list()).toHaveLength(1);
    });

    test('recovery: what was unfinished has failed, agreements are used up, nothing is approved', async () => {
      const runs = new RunStore(database, now);
      const [over, unfinished] = [await runs.start('h', 'one'), await runs.start('h', 'two')];
      await runs.done(over, { pages: [], statement, keeping, details: () => ({ shards: 0 }) as RunDetails });
      const approval = { action: 'study', agreement: 'h', name: 's', hash: '1', by: 'ann', kind: 'user', roles: '[]' };
      await database
        .insertInto('approval')
        .values({ ...approval, approved_at: 'now' } as never)
        .execute();
      const recover = (confirm: boolean) =>
        recoverParty({
          ...{ homePath: network.homes.fred.path, logger: quiet, now },
          ...{ offline: true, confirm: async () => confirm },
        });
      const state = async () => {
        const exhausted = await database.selectFrom('agreement').select('exhausted').execute();
        const approvals = await database.selectFrom('approval').select('name').execute();
        const states = (await runs.list()).map((run) => [run.id, run.state]);
        return [exhausted[0]!.exhausted, approvals.length, states];
      };
      expect(await recover(false)).toBeUndefined();
      const before = [
        [over, 'done'],
        [unfinished, 'running'],
      ];
      expect(await state()).toEqual([0, 1, before]);
      expect(await recover(true)).toMatchObject({ epoch: 2 });
      expect(await state()).toEqual([1, 0, [before[0], [unfinished, 'failed']]]);
      expect(await openServerLog(network.homes.fred, database)).toMatchObject({ epoch: 2, size: 1 });
    });

    test('data sets: by name, in order; again with another source', async () => {
      const datasets = new Datasets({
        database,
        uploads: new Uploads(network.folder, systemRng),
        holds: new LegalHolds({
          database,
          log: await openServerLog(network.homes.fred, database),
          rng: systemRng,
          now,
        }),
        now,
      });
      const path = join(network.folder, 'x.csv');
      writeFileSync(path, 'id\n1\n2\n');
      for (const name of ['b', 'a-b', 'a_b', 'a']) await datasets.add(name, { kind: 'csv', path });
      writeFileSync(path, 'id\n1\n');
      await datasets.add('a', { kind: 'csv', path });
      const list = await datasets.list();
      expect(list.map(({ name, rows }) => [name, rows])).toEqual([
        ['a', 1],
        ['a-b', 2],
        ['a_b', 2],
        ['b', 2],
      ]);
      await expect(datasets.show('c')).rejects.toMatchObject({ code: 'not-found' });
    });
  });
});
