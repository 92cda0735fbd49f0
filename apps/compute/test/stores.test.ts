import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, insecureTestRng, systemRng } from '@symbolon/crypto';
import {
  type Circuit,
  freshPrimes,
  keyIdOf,
  layOut,
  relinBytes,
  resultsBytes,
  signManifest,
  signRecord,
  slotCount,
  validId,
  verifyManifest,
} from '@symbolon/fhe';
import { createHome, createLogger, openDatabase, openServerLog } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { settingsOf } from '../src/config.ts';
import type { Context } from '../src/context.ts';
import { Jobs } from '../src/jobs.ts';
import { Tables } from '../src/tables.ts';

const layout = layOut([{ name: 'sex', kind: 'category', values: ['f', 'm'] }], 10);
const circuit: Circuit = { nodes: [{ op: 'columns', columns: [validId] }], outputs: [0] };
// Of the right length, and nobody's: nothing is ever computed with them.
const evaluation = new Uint8Array(relinBytes).fill(7);
const text = { seed: new Uint8Array(64), words: new Uint8Array(freshPrimes * slotCount * 8) };

/** A compute server's stores, and an owner of tables. */
async function stores() {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-compute-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const now = () => new Date();
  const make = (id: string, role: 'party' | 'compute') => {
    const settings = role === 'compute' ? { maxTablesPerOwner: 2, maxJobsPerOwner: 2 } : {};
    return createHome({
      ...{ path: join(folder, id), id, name: `The ${id}`, role, host: '127.0.0.1', port: 0, now },
      settings,
    });
  };
  const [north, home] = [await make('north', 'party'), await make('compute', 'compute')];
  home.partners.add(north.cardFile);
  const database = await openDatabase(home);
  onTestFinished(() => database.destroy());
  const log = await openServerLog(home, database);
  const logger = createLogger({ id: 'compute', logLevel: 'silent' });
  const context: Context = { home, settings: settingsOf(home), database, log, logger, rng: systemRng, now };
  const tables = new Tables(context);
  const manifest = () => {
    const of = { id: systemRng(16), owner: 'north', name: 'patients', key: keyIdOf(evaluation) };
    return signManifest(layout, of, north.signingKey);
  };
  return { context, database, log, tables, north, manifest };
}

onBothDatabases(() => {
  test('tables: begun once, received place by place, removed; an owner has no more than it may', async () => {
    const { context, tables, log, north, manifest } = await stores();
    const { card } = north;
    const document = manifest();
    const [{ id }, again] = await Promise.all([tables.begin(card, document), tables.begin(card, document)]);
    expect(again.id).toBe(id);
    expect(log.size).toBe(1);
    await expect(tables.open(card, id)).rejects.toMatchObject({ code: 'conflict' });

    const { hash: table } = verifyManifest(document, north.signingKey.publicKey);
    const { columns } = layout;
    const keep = (column: number, signer = north.signingKey) => {
      const place = { column, chunk: 0 };
      return tables.keep(card, id, place, signRecord(text, { table, ...place }, signer));
    };
    await expect(keep(0, generateSigningKey(insecureTestRng('x')))).rejects.toMatchObject({ code: 'bad-signature' });
    await Promise.all([keep(0), keep(0), ...columns.map((_, column) => keep(column))]);
    expect([await tables.missing(card, id, 0), (await tables.show(card, id)).received]).toEqual([[], columns.length]);
    await tables.keepKeys(card, id, evaluation);
    expect((await tables.open(card, id)).evaluation).toStrictEqual(evaluation);

    const more = await Promise.allSettled(Array.from({ length: 5 }, () => tables.begin(card, manifest())));
    const refused = more.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(refused).toEqual(Array(4).fill('compute-quota'));
    expect((await tables.list(card)).map(({ complete }) => complete)).toEqual([true, false]);
    expect(readdirSync(join(context.home.path, 'tables', 'north'))).toHaveLength(2);
    await tables.remove(card, id);
    await expect(keep(0)).rejects.toMatchObject({ code: 'not-found' });
    expect(await tables.list(card)).toHaveLength(1);
  });

  test('questions: no more at once than an owner may, taken up again after the end of a process, with their results', async () => {
    const { context, database, log, tables, north, manifest } = await stores();
    const { card } = north;
    const document = manifest();
    const { id } = await tables.begin(card, document);
    const { hash: table } = verifyManifest(document, north.signingKey.publicKey);
    for (const column of layout.columns.keys()) {
      const place = { column, chunk: 0 };
      await tables.keep(card, id, place, signRecord(text, { table, ...place }, north.signingKey));
    }
    await tables.keepKeys(card, id, evaluation);
    const { size } = log;
    const first = new Jobs(context, tables);
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => first.ask(card, id, circuit)));
    const jobs = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    await first.close();
    expect([jobs.length, log.size - size]).toEqual([2, 2]);
    const [one, two] = jobs.map((job) => job.id).sort((a, b) => a - b) as [number, number];
    const states = async () => Promise.all([one, two].map(async (job) => (await first.show(card, job)).state));
    expect((await states()).every((state) => state === 'waiting' || state === 'running')).toBe(true);

    // As the processes that evaluate give them.
    const results = systemRng(resultsBytes(1));
    const end = { state: 'done' as const, parts: '[{"first":0,"chunks":1}]', results };
    await database.updateTable('compute_job').set(end).where('id', '=', one).execute();
    const next = new Jobs(context, tables);
    onTestFinished(() => next.close());
    await next.resume();
    await expect.poll(states).toEqual(['done', 'failed']);
    expect(await next.show(card, two)).toMatchObject({ table: id, error: expect.stringMatching(/^compute-failed: /) });
    expect(await next.results(card, one, 0)).toStrictEqual(results);
    await expect(next.results(card, one, 1)).rejects.toMatchObject({ code: 'not-found' });
    await expect(next.results(card, two, 0)).rejects.toMatchObject({ code: 'conflict' });
  });
});
