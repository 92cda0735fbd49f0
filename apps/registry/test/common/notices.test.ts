import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Card } from '@symbolon/agreement';
import { noticeRequest, openNotice } from '@symbolon/consent';
import { fault, fromBase64url, systemRng } from '@symbolon/crypto';
import { createHome, createLogger, createPeerServer, openDatabase, route } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { everything } from '../../src/common/notice-lane.ts';
import { type NoticeOrder, NoticeOutbox } from '../../src/common/notices.ts';

const logger = createLogger({ id: 'test', logLevel: 'silent' });

/** A server that takes what it does not refuse, and one that tells it. */
async function scene() {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-notices-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = { ahead: 0 };
  const now = () => new Date(Date.now() + clock.ahead);
  const make = (id: string, role: 'module' | 'centre') =>
    createHome({ path: join(folder, id), id, name: id, role, host: '127.0.0.1', port: 0, now });
  const [module, centre] = [await make('hips', 'module'), await make('centre', 'centre')];
  module.partners.add(centre.cardFile);
  centre.partners.add(module.cardFile);
  const taken: string[] = [];
  const refuses = new Set<string>();
  const hangs = new Set<string>();
  const server = createPeerServer({
    ...{ home: centre, logger, rng: systemRng },
    routes: [
      route<Card>()({
        method: 'POST',
        path: '/v1/notices',
        body: noticeRequest,
        async handle({ body }) {
          const key = fromBase64url(module.card.signingKey);
          const { what } = openNotice(body.notice, { from: 'hips', to: 'centre', key, shape: z.string() });
          if (hangs.has(what)) await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
          if (refuses.has(what)) throw fault('conflict', `${what} is refused`);
          taken.push(what);
          return {};
        },
      }),
    ],
  });
  await server.listen();
  onTestFinished(() => server.close());
  const database = await openDatabase(module);
  onTestFinished(() => database.destroy());
  const outbox = new NoticeOutbox({ home: module, database, logger, rng: systemRng, now });
  onTestFinished(() => outbox.close());
  const refused: string[] = [];
  outbox.onRefused(async (to) => void refused.push(to));
  const tell = async (...notices: [what: string, order: NoticeOrder][]) => {
    for (const [what, order] of notices) await outbox.write(database, 'centre', what, order);
    outbox.wake('centre');
  };
  const comes = (expected: string[]) => vi.waitFor(() => expect(taken).toEqual(expected));
  /** After any wait between tries. */
  const later = () => {
    clock.ahead += 600_000;
    outbox.wake('centre');
  };
  return { taken, refuses, hangs, refused, outbox, tell, comes, later };
}

const of = (...patients: number[]): NoticeOrder => ({ concerns: patients.map((one) => `patient ${one}`) });

onBothDatabases(() => {
  test('one that is refused is set aside, with what must not overtake it; the others go on, and it comes when it is taken', async () => {
    const { refuses, refused, outbox, tell, comes, later } = await scene();
    refuses.add('merge 1 2');
    await tell(
      ['merge 1 2', of(1, 2)],
      ['erase 2', of(2)],
      ['merge 2 3', of(2, 3)],
      ['withdraw 3', of(3)],
      ['withdraw 4', of(4)],
      ['pseudonyms', { concerns: ['pseudonyms'] }],
      ['old pseudonyms are forgotten', { concerns: [everything] }],
      ['withdraw 5', of(5)],
    );
    await comes(['withdraw 4', 'pseudonyms', 'withdraw 5']);
    // The last that came is not deleted yet, for a moment.
    await vi.waitFor(async () => expect(await outbox.waiting()).toHaveLength(5));
    const [first, ...rest] = await outbox.waiting();
    expect(first).toMatchObject({ tries: 1, error: 'conflict: centre answered: merge 1 2 is refused' });
    expect(rest.map(({ tries }) => tries)).toEqual([0, 0, 0, 0]);
    expect(refused).toEqual(['centre']);
    later();
    await vi.waitFor(async () => expect((await outbox.waiting())[0]).toMatchObject({ tries: 2 }));
    refuses.clear();
    later();
    const inOrder = ['merge 1 2', 'erase 2', 'merge 2 3', 'withdraw 3', 'old pseudonyms are forgotten'];
    await comes(['withdraw 4', 'pseudonyms', 'withdraw 5', ...inOrder]);
    await vi.waitFor(async () => expect(await outbox.waiting()).toEqual([]));
  });

  test('who is suspended is told at once, while another notice is not answered, and hundreds wait', async () => {
    const { hangs, taken, tell, comes, outbox } = await scene();
    hangs.add('slow');
    await tell(['slow', of(1)], ...Array.from({ length: 300 }, (_, i): [string, NoticeOrder] => [`n${i}`, of(1)]));
    await tell(['suspended', { urgent: true, concerns: ['physician a'] }]);
    await comes(['suspended']);
    expect(await outbox.waiting()).toHaveLength(100);
    expect(taken).toEqual(['suspended']);
  });

  test('behind hundreds that are set aside, the next one is found', async () => {
    const { refuses, tell, comes } = await scene();
    const poor = Array.from({ length: 3 }, (_, i) => `poor ${i}`);
    for (const what of poor) refuses.add(what);
    const behind = Array.from({ length: 250 }, (_, i): [string, NoticeOrder] => [`behind ${i}`, of(i % 3)]);
    await tell(...poor.map((what, i): [string, NoticeOrder] => [what, of(i)]), ...behind, ['free', of(9)]);
    await comes(['free']);
  });
});
