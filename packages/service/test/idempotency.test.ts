import { type AddressInfo, connect, createServer } from 'node:net';
import { fault } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answer, type Database } from '../src/index.ts';
import { serveApi } from './api-server.ts';
import { clientOf, count, raw, serveHello } from './hello-server.ts';

onBothDatabases(() => {
  describe('idempotency keys', () => {
    const post = (port: number, key: string, by = 1, token = 'ana') =>
      raw(port, {
        method: 'POST',
        path: '/v1/counts',
        body: JSON.stringify({ by }),
        headers: { 'idempotency-key': key, authorization: `Bearer ${token}` },
      });

    test('50 equal requests at once, and one later, take effect once and get the same answer', async () => {
      const { port, total } = await serveHello();
      const answers = await Promise.all(Array.from({ length: 50 }, () => post(port, 'key-of-fifty')));
      answers.push(await post(port, 'key-of-fifty'));
      expect(total()).toBe(1);
      expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(['200 {"total":1}']));
      // The control: without a key, each takes effect.
      await Promise.all([1, 2].map(() => raw(port, { method: 'POST', path: '/v1/counts', body: '{"by":1}' })));
      expect(total()).toBe(3);
    });

    test('of one user are none of another: nobody gets an answer that was for somebody else', async () => {
      const { port, total } = await serveHello();
      expect((await post(port, 'a-key-of-ana', 5)).body).toBe('{"total":5}');
      expect((await post(port, 'a-key-of-ana', 5, 'abe')).body).toBe('{"total":10}');
      expect(await post(port, 'a-key-of-ana', 5, 'olaf')).toMatchObject({ status: 403 });
      expect(await post(port, 'a-key-of-ana', 5, 'nobody')).toMatchObject({ status: 401 });
      expect((await post(port, 'a-key-of-ana', 5)).body).toBe('{"total":5}');
      expect(total()).toBe(10);
    });

    test('another request under the same key is refused, at once and later', async () => {
      const { port, total } = await serveHello();
      const [first, second] = await Promise.all([post(port, 'the-same-key', 1), post(port, 'the-same-key', 2)]);
      expect([first!.status, second!.status].sort()).toEqual([200, 422]);
      expect(await post(port, 'the-same-key', 3)).toMatchObject({
        status: 422,
        body: expect.stringContaining('key-reused'),
      });
      expect(await post(port, 'short')).toMatchObject({ status: 400 });
      expect(total()).toBeLessThan(3);
    });

    test('a refusal is not kept; an answer is, for a day', async () => {
      let tries = 0;
      let time = Date.parse('2026-01-01T00:00:00Z');
      const flaky = answer(
        count,
        async () => {
          if (++tries === 1) throw fault('conflict', 'not yet');
          return { total: tries };
        },
        async () => ({ total: 0 }),
      );
      const { port } = await serveApi([flaky], { now: () => new Date(time) });
      expect((await post(port, 'key-number-1')).status).toBe(409);
      expect((await post(port, 'key-number-1')).body).toBe('{"total":2}');
      time += 23 * 3600_000;
      expect((await post(port, 'key-number-1')).body).toBe('{"total":2}');
      time += 2 * 3600_000;
      expect((await post(port, 'key-number-1')).body).toBe('{"total":3}');
    });

    test.each([
      ['before its change: then it is done', false, [500, 200, 200], 2],
      ['after it: then its answer is given, and it is not done again', true, [500, 200, 200], 1],
    ])('work that broke off %s', async (_, changed, statuses, times) => {
      let tries = 0;
      const breaking = (database: Database) => [
        answer(
          count,
          async ({ also, body }) => {
            tries++;
            if (changed || tries > 1) await database.transaction().execute((transaction) => also(transaction, body.by));
            if (tries === 1) throw new Error('broken off');
            return { total: body.by };
          },
          async (total: number) => ({ total }),
        ),
      ];
      const { port } = await serveApi(breaking);
      const answers = [await post(port, 'key-number-2', 7)];
      for (let i = 0; i < 2; i++) answers.push(await post(port, 'key-number-2', 7));
      expect(answers.map(({ status }) => status)).toEqual(statuses);
      expect(answers.slice(1).map(({ body }) => body)).toEqual(['{"total":7}', '{"total":7}']);
      expect(tries).toBe(times);
    });

    test('a refusal after the change does not make it happen again', async () => {
      let tries = 0;
      const late = (database: Database) => [
        answer(
          count,
          async ({ also, body }) => {
            tries++;
            await database.transaction().execute((transaction) => also(transaction, body.by));
            throw fault('peer-silent', 'nobody could be told');
          },
          async (total: number) => ({ total }),
        ),
      ];
      const { port } = await serveApi(late);
      expect((await post(port, 'key-number-3', 5)).status).not.toBe(200);
      expect((await post(port, 'key-number-3', 5)).body).toBe('{"total":5}');
      expect(tries).toBe(1);
    });

    test('that a user asked is in the log once, however often', async () => {
      const { port, events } = await serveHello();
      for (let i = 0; i < 3; i++) await post(port, 'key-number-4');
      expect(events.filter((event) => 'kind' in event && event.kind === 'request')).toHaveLength(1);
    });

    test('an answer that is secret is given once, and its request done once, or done where it was not', async () => {
      let tries = 0;
      const made = { ...count, secretAnswer: 'Ask for another.' };
      const secret = (database: Database) => [
        answer(made, async ({ also }) => {
          if (++tries === 1) throw new Error('broken off');
          await database.transaction().execute((transaction) => also(transaction, null));
          return { total: 4711 };
        }),
      ];
      const { port } = await serveApi(secret);
      expect((await post(port, 'key-number-5')).status).toBe(500);
      expect((await post(port, 'key-number-5')).body).toBe('{"total":4711}');
      const refusal = { status: 409, body: expect.stringMatching(/answer-not-kept.*Ask for another\./) };
      for (let i = 0; i < 2; i++) expect(await post(port, 'key-number-5')).toMatchObject(refusal);
      expect((await post(port, 'key-number-5', 2)).body).toContain('key-reused');
      expect(tries).toBe(2);
    });

    test('what only asks is answered again, and is not in the log', async () => {
      let asked = 0;
      const { port, events } = await serveApi([answer({ ...count, asksOnly: true }, async () => ({ total: ++asked }))]);
      for (const total of [1, 1, 2]) {
        const { status, body } = await post(port, total === 1 ? 'key-number-6' : 'key-number-7');
        expect([status, body]).toEqual([200, `{"total":${total}}`]);
      }
      expect(events).toEqual([]);
    });

    test('an operation that is neither repeatable nor can be resumed is not served', async () => {
      await expect(serveApi([answer(count, async () => ({ total: 1 }))])).rejects.toMatchObject({ culprit: 'count' });
    });

    test('a client whose answer was lost sends the request again, and it takes effect once', async () => {
      const { port, total } = await serveHello();
      const { url, cuts } = await cutOnce(port);
      expect(await clientOf(url, 'ana').call(count, { body: { by: 1 } })).toEqual({ total: 1 });
      expect([cuts(), total()]).toEqual([1, 1]);
    });
  });

  /** A line to the server at `port` whose first answer is lost. */
  async function cutOnce(port: number): Promise<{ url: string; cuts: () => number }> {
    let cuts = 0;
    const line = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      near.on('error', () => far.destroy()).pipe(far);
      far
        .on('error', () => near.destroy())
        .on('data', (answered) => {
          if (cuts++ === 0) near.destroy();
          else near.write(answered);
        });
    });
    await new Promise<void>((done) => line.listen(0, '127.0.0.1', done));
    onTestFinished(() => void line.close());
    return { url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`, cuts: () => Math.min(cuts, 1) };
  }
});
