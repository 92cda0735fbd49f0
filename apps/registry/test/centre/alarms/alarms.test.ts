import { toModule } from '@symbolon/consent';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { Alarms } from '../../../src/centre/alarms/alarms.ts';
import { ReadingWatch } from '../../../src/centre/alarms/reading.ts';
import type { NoticeOrder } from '../../../src/common/notices.ts';
import { Archive } from '../records/archive.ts';

/** A centre whose notices are kept here instead of being sent. */
async function scene(policy: object = {}) {
  const archive = await Archive.open({ policy });
  const { context } = archive.stage;
  const [notices, woken]: [unknown[], string[]] = [[], []];
  const outbox = {
    write: async (_: unknown, to: string, what: unknown, { subject }: NoticeOrder) =>
      void notices.push({ to, what: toModule.parse(what), subject }),
    wake: (to: string) => void woken.push(to),
  };
  const alarms = new Alarms({ ...context, outbox });
  const watch = new ReadingWatch(context, alarms);
  const open = async () => (await alarms.list({ limit: 100, open: true })).items;
  return { archive, alarms, watch, notices, woken, open };
}

onBothDatabases(() => {
  test('a case read and nothing added is an alarm once the window has ended, one time', async () => {
    const { archive, watch, open, alarms, notices } = await scene();
    const { stage, reader } = archive;
    const [first, reads, adds, looks] = await Promise.all(
      ['first', 'reads', 'adds', 'looks'].map((name) => archive.physician(name)),
    );
    await stage.visit('anna', first!, 'enrol', archive.card('anna'));
    const { record } = await archive.add('anna', first!);
    for (const physician of [reads!, adds!, looks!]) {
      await stage.visit('anna', physician, 'reidentify', archive.card('anna'));
      await archive.seen('anna', physician);
      if (physician !== looks) await reader.read(physician, archive.relation('anna', physician), record);
    }
    await archive.add('anna', adds!);
    await watch.tick();
    expect(await open()).toEqual([]);
    stage.hoursLater(25);
    await Promise.all([watch.tick(), watch.tick()]);
    await watch.tick();
    expect(await open()).toMatchObject([
      { alarm: 'read-without-record', physician: 'reads', module: 'hips', patient: expect.any(Number) },
    ]);
    expect(notices).toMatchObject([
      { to: 'hips', what: { about: 'alarm', physician: 'reads', pseudonym: stage.pseudonym('anna'), patient: false } },
    ]);
    await alarms.tick();
    // What is added later does not undo it, and does not make another.
    await archive.add('anna', reads!);
    await watch.tick();
    expect(await open()).toHaveLength(1);
  });

  test('a long window is looked at when it has ended, and one that was closed by then', async () => {
    const { archive, watch, open } = await scene({ windowHours: 24 * 200 });
    const { stage, reader } = archive;
    const [first, long, closed] = await Promise.all(['first', 'long', 'closed'].map((name) => archive.physician(name)));
    for (const [patient, physician] of [
      ['anna', long!],
      ['bert', closed!],
    ] as const) {
      await stage.visit(patient, first!, 'enrol', archive.card(patient));
      const { record } = await archive.add(patient, first!);
      await stage.visit(patient, physician, 'reidentify', archive.card(patient));
      await reader.read(physician, archive.relation(patient, physician), record);
    }
    await stage.visit('bert', first!, 'withdraw');
    await watch.tick();
    expect((await open()).map(({ physician }) => physician)).toEqual(['closed']);
    stage.hoursLater(24 * 201);
    await watch.tick();
    expect((await open()).map(({ physician }) => physician)).toEqual(['long', 'closed']);
  });

  test('more than usual is an alarm once a day; what is usual is the physician’s own past', async () => {
    const { archive, watch, open } = await scene();
    const { database, now } = archive.stage.context;
    const read = async (by: string, days: number, count: number) => {
      const at = new Date(now().getTime() - days * 24 * 3_600_000).toISOString();
      const row = {
        module: 'hips',
        relation: 'r',
        by,
        institution: 'x',
        what: 'read',
        record: null,
        session: null,
        basis: 'consent',
        purpose: '',
        at,
      } as const;
      for (let i = 0; i < count; i++) await database.insertInto('record_access').values(row).execute();
    };
    await read('busy', 1, 40);
    await read('busy', 2, 20);
    await read('busy', 0, 60);
    await read('new', 0, 51);
    await read('quiet', 1, 2);
    await read('quiet', 0, 50);
    await watch.tick();
    await watch.tick();
    expect(await open()).toMatchObject([{ alarm: 'unusual-volume', physician: 'new', patient: null }]);
  });

  test('an alarm is a row, a notice with the newest pseudonym, an entry in the log, and is looked at once', async () => {
    const { archive, alarms, open, notices, woken } = await scene();
    const { stage } = archive;
    const first = await archive.physician('first');
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    const { patient } = await stage.grants.relation(first, archive.relation('anna', first));
    const raise = (tellPatient: boolean, of: number | null) =>
      stage.context.database.transaction().execute((within) =>
        alarms.raise(
          {
            alarm: 'break-glass',
            module: 'hips',
            patient: of,
            physician: 'first',
            installation: 'pc',
            text: 'words',
            tellPatient,
          },
          within,
        ),
      );
    await raise(true, patient);
    await raise(true, null);
    expect(notices).toMatchObject([
      { what: { pseudonym: stage.pseudonym('anna'), patient: true }, subject: 'alarm 1' },
      { what: { pseudonym: null, patient: false }, subject: 'alarm 2' },
    ]);
    const before = stage.context.log.size;
    await alarms.tick();
    await alarms.tick();
    expect([stage.context.log.size - before, woken]).toEqual([2, ['hips', 'hips']]);
    const entries = await stage.context.log.store.entries(before, before + 1);
    const event = JSON.parse(Buffer.from(entries[0]!.event!).toString());
    expect(event).toEqual({
      kind: 'alarm',
      id: 1,
      module: 'hips',
      alarm: 'break-glass',
      physician: 'first',
      installation: 'pc',
      at: expect.any(String),
    });
    await alarms.see(1, 'owner', 'was right');
    await alarms.see(1, 'somebody', 'too late');
    expect((await alarms.list({ limit: 1 })).next).toBe('2');
    expect((await alarms.list({ limit: 1, after: '2' })).items).toMatchObject([
      { id: 1, seenBy: 'owner', note: 'was right' },
    ]);
    expect((await open()).map(({ id }) => id)).toEqual([2]);
    await expect(alarms.see(3, 'owner', null)).rejects.toMatchObject({ code: 'not-found' });
    expect((await alarms.list({ limit: 9, module: 'knees' })).items).toEqual([]);
  });

  test('nothing is raised by what is rolled back', async () => {
    const { archive, alarms, open } = await scene();
    const failed = archive.stage.context.database.transaction().execute(async (within) => {
      await alarms.raise(
        {
          alarm: 'card-replaced',
          module: 'hips',
          patient: null,
          physician: null,
          installation: null,
          text: 'x',
          tellPatient: false,
        },
        within,
      );
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await open()).toEqual([]);
  });
});
