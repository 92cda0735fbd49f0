import { fault, utf8 } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { Quarantine } from '../src/alerts/quarantine.ts';
import { openContext } from '../src/context.ts';
import { quiet, testNetwork } from './network.ts';

async function opened() {
  const network = await testNetwork();
  const context = await openContext(network.homes.sally.path, { logger: quiet });
  onTestFinished(async () => {
    await context.close();
    await network.close();
  });
  const quarantine = new Quarantine(context);
  const error = fault('alert-event', 'PID-3: has no identifier');
  const keep = (source: string, text: string) => quarantine.keep({ source, content: utf8(text), error });
  return { quarantine, keep, database: context.database };
}

onBothDatabases(() => {
  test('a source that fills its part of the quarantine is refused, and no other; what it sent before is known still', async () => {
    const { quarantine, keep, database } = await opened();
    await keep('bad', 'first');
    const rest = Array.from({ length: 1999 }, (_, i) => ({
      ...{ source: 'bad', content: utf8(`${i}`), hash: `${i}`, code: 'alert-event', reason: '' },
      ...{ received_at: new Date().toISOString(), state: 'open' as const },
    }));
    for (let at = 0; at < rest.length; at += 100) {
      await database
        .insertInto('alert_quarantine')
        .values(rest.slice(at, at + 100))
        .execute();
    }
    await expect(keep('bad', 'one more')).rejects.toMatchObject({ code: 'alerts-full' });
    await keep('bad', 'first');
    await keep('good', 'one more');
    expect(await quarantine.open()).toBe(2001);
    await quarantine.discard(1);
    await keep('bad', 'one more');
    await expect(keep('bad', 'first')).rejects.toMatchObject({ code: 'alerts-full' });
  });

  test('the same is kept once, of each source; of what was discarded nothing is left', async () => {
    const { quarantine, keep, database } = await opened();
    for (const text of ['first', 'second', 'first']) await keep('adt', text);
    await keep('ehr', 'first');
    expect(await quarantine.open()).toBe(3);
    await quarantine.discard(1);
    const ended = await database.selectFrom('alert_quarantine').selectAll().where('id', '=', 1).executeTakeFirst();
    expect(ended).toMatchObject({ state: 'discarded', content: null, hash: null });
    await keep('adt', 'first');
    expect(await quarantine.open()).toBe(3);
  });
});
