import { insecureTestRng } from '@symbolon/crypto';
import { type LogRecord, type LogVerdict, verifyLog } from '@symbolon/ledger';
import { onBothDatabases } from '@symbolon/testkit/databases';
import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  type Database,
  DatabaseLogStore,
  type LogCheckpoint,
  openDatabase,
  openServerLog,
  parseLogCheckpoint,
} from '../src/index.ts';
import { testHome } from './homes.ts';

const size = 240;
const marks = [80, 160, size];
const runs = { numRuns: process.env.SLOW === '1' ? 500 : 8 };
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

onBothDatabases(() => {
  test('records of any bytes are read as they were written', async () => {
    const database = await openDatabase(await testHome('fred'));
    onTestFinished(() => database.destroy());
    const record = fc.record({
      entry: bytes(32),
      event: fc.option(fc.uint8Array({ maxLength: 70 })),
      salt: fc.option(bytes(32)),
    });
    let epoch = 1;
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.nat(20),
        fc.nat(20),
        async (made, a, b) => {
          const store = new DatabaseLogStore(database, epoch++);
          const records: LogRecord[] = made;
          await store.append(
            0,
            records.map((one) => ({ record: one })),
          );
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          expect(await store.entries(start, end)).toEqual(records.slice(start, end));
          expect(await store.hashes(start, end)).toEqual(records.slice(start, end).map(({ entry }) => entry));
          expect(await store.entry(0)).toEqual(records[0]);
        },
      ),
      runs,
    );
  });

  describe('in a log', () => {
    let database: Database;
    let checkpoints: LogCheckpoint[];

    beforeEach(async () => {
      const home = await testHome('fred');
      database = await openDatabase(home);
      onTestFinished(() => database.destroy());
      const log = await openServerLog(home, database, insecureTestRng('rows'));
      checkpoints = [];
      for (const mark of marks) {
        await Promise.all(
          Array.from({ length: mark - log.size }, (_, n) => log.append({ kind: 'test', n, text: 'Zoë'.repeat(n % 9) })),
        );
        checkpoints.push(parseLogCheckpoint(home.card, log.checkpoint()));
      }
    });

    const row = (index: number) => sql<boolean>`${sql.ref('index')} = ${index}`;
    const set = (column: 'entry' | 'event' | 'salt', change: (old: Uint8Array) => Uint8Array | null) => {
      return async (within: Database, index: number) => {
        const old = await new DatabaseLogStore(within).entry(index);
        const value = change(old[column]!);
        await within
          .updateTable('log_entry')
          .set({ [column]: value })
          .where(row(index))
          .execute();
      };
    };
    const flipped = (old: Uint8Array) => old.with(old.length >> 1, old.at(old.length >> 1)! ^ 1);
    const move = (within: Database, from: number, to: number) =>
      within.updateTable('log_entry').set({ index: to }).where(row(from)).execute();

    /** What verification says of a log in which `change` happened to it; afterwards it stands as before. */
    async function verdictAfter(change: (within: Database) => Promise<unknown>): Promise<LogVerdict> {
      const undo = new Error('undo');
      let verdict: LogVerdict | undefined;
      await database
        .transaction()
        .execute(async (within) => {
          await change(within);
          verdict = await verifyLog(new DatabaseLogStore(within), checkpoints);
          throw undo;
        })
        .catch((error: unknown) => expect(error).toBe(undo));
      return verdict!;
    }

    type Change = (within: Database, index: number) => Promise<unknown>;
    const changes: Readonly<Record<string, readonly [Change, RegExp]>> = {
      'an event that was altered': [set('event', flipped), /^the event/],
      'an event with a byte more': [set('event', (old) => Uint8Array.of(...old, 0x20)), /^the event: /],
      'an event that is empty': [set('event', () => new Uint8Array()), /^the event: /],
      'an event that is lost': [set('event', () => null), /lost one of event and salt/],
      'a salt that was altered': [set('salt', flipped), /does not give the entry/],
      'a salt that was cut': [set('salt', (old) => old.subarray(1)), /does not give the entry/],
      'a salt that is lost': [set('salt', () => null), /lost one of event and salt/],
      'an entry that was altered': [set('entry', flipped), /does not give the entry/],
      'an entry that was cut': [set('entry', (old) => old.subarray(1)), /not a SHA-256 hash/],
      'a row that is missing': [
        (within, index) => within.deleteFrom('log_entry').where(row(index)).execute(),
        /^there is no such entry$|^the log has 239 entries/,
      ],
    };

    test('every row that was changed is found and named, and nothing where nobody touched it', async () => {
      expect(await verdictAfter(async () => undefined)).toMatchObject({ ok: true, size });
      const one = fc.oneof(fc.constantFrom(0, 79, 80, size - 1), fc.nat(size - 1));
      for (const [change, reason] of Object.values(changes)) {
        await fc.assert(
          fc.asyncProperty(one, async (index) => {
            const verdict = await verdictAfter((within) => change(within, index));
            expect(verdict).toEqual({ ok: false, index, until: index + 1, reason: expect.stringMatching(reason) });
          }),
          runs,
        );
      }
    });

    /** Between the two checkpoints around the first entry that is another one. */
    const around = (index: number) => {
      const until = marks.find((mark) => mark > index)!;
      const reason = `the entries do not give the root of the checkpoint of size ${until}`;
      return { ok: false, index: marks[marks.indexOf(until) - 1] ?? 0, until, reason };
    };

    async function twice(within: Database, index: number): Promise<void> {
      const copy = await new DatabaseLogStore(within).entry(index);
      // By way of other numbers, as they are unique at all times.
      for (const by of [sql`+ 1000000`, sql`- 999999`]) {
        await sql`UPDATE log_entry SET "index" = "index" ${by} WHERE "index" > ${index}`.execute(within);
      }
      const values = { epoch: 1, index: index + 1, ...copy };
      await within.insertInto('log_entry').values(values).execute();
    }

    async function swapped(within: Database, a: number, b: number): Promise<void> {
      await move(within, a, 1_000_000);
      await move(within, b, a);
      await move(within, 1_000_000, b);
    }

    test('rows that stand there twice, or changed places, are found between two checkpoints', async () => {
      const two = fc.uniqueArray(fc.nat(size - 2), { minLength: 2, maxLength: 2 });
      await fc.assert(
        fc.asyncProperty(two, async ([a, b]) => {
          expect(await verdictAfter((within) => twice(within, a!))).toEqual(around(a! + 1));
          expect(await verdictAfter((within) => swapped(within, a!, b!))).toEqual(around(Math.min(a!, b!)));
        }),
        runs,
      );
    });

    test('a log with a gap, or with an entry of another length, does not open', async () => {
      const home = await testHome('sally');
      await database.deleteFrom('log_entry').where(row(100)).execute();
      await expect(openServerLog(home, database)).rejects.toThrow('the log has no entry 100');
      await set('entry', (old) => old.subarray(1))(database, 7);
      await expect(openServerLog(home, database)).rejects.toThrow('entry 7 of the log is not a SHA-256 hash');
    });
  });
});
