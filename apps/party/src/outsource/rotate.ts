import { outsourcedTo } from '@symbolon/agreement';
import { fault, fromBase64url } from '@symbolon/crypto';
import { layOutScores, signManifest, specOf } from '@symbolon/fhe';
import type { PartyContext } from '../context.ts';
import { phasesOf, type Report } from '../run/progress.ts';
import { decideSealed } from './decide-sealed.ts';
import { shapeOf } from './forms.ts';
import type { SealKeys } from './keys.ts';
import { readingOf } from './reading.ts';
import { ComputeServer, type Progress } from './server.ts';
import { formOf, type KnownTable, layoutOf, type SealedTables } from './tables.ts';

/** What work on tables needs. */
export interface Work {
  readonly keys: SealKeys;
  readonly tables: SealedTables;
  readonly signal: AbortSignal;
  readonly report: Report;
  readonly person: string;
}

const phase = phasesOf({
  prepare: 'Rows encrypted',
  keys: 'Fetched from the server, to be moved to another key',
  exchange: 'Sent to the server',
});

const stepOf =
  (report: Report, name: 'prepare' | 'keys' | 'exchange'): Progress =>
  (done, of) =>
    phase(report, name, of)(done);

/** Encrypts the rows of a table into files of this machine. What was begun of them before is begun anew. Throws `data-…`, `table-layout`, `seal-key`. */
export async function encryptRows(context: PartyContext, work: Work, table: KnownTable): Promise<void> {
  const { keys, tables, signal, report, person } = work;
  const { agreement, described } = table;
  const grant = await decideSealed(context, { agreement, table: table.name, person });
  const key = await keys.opened(table.key);
  const { reading, screen } = await readingOf(context, grant.agreement, described);
  const order = { table: table.table, reading, form: formOf(described), folders: tables.folders(table) };
  const { rows, digest } = await key.encrypt(order, { signal, onProgress: stepOf(report, 'prepare') });
  await screen.requireCurrent(context.database);
  const manifest = await signedManifest(context, work, table, rows);
  await tables.encrypted(table, { rows, digest, leftOut: reading.leftOut.size, manifest });
}

async function signedManifest(
  { home }: PartyContext,
  { keys }: Work,
  { table, name, key, described }: KnownTable,
  rows: number,
) {
  const of = { id: fromBase64url(table), owner: home.card.id, name, key: (await keys.show(key)).key };
  const form = formOf(described);
  const layout = form.kind === 'exact' ? layoutOf(described, rows) : layOutScores(form.features, rows);
  return signManifest(layout, of, home.signingKey);
}

/** Sends what is encrypted to the server that the agreement names, from where an upload that broke left off; then it is deleted here. */
export async function upload(context: PartyContext, work: Work, table: KnownTable): Promise<void> {
  const { keys, tables, signal, report, person } = work;
  const { agreement, name, manifest, rows } = table;
  if (manifest === null) throw fault('conflict', `table ${table.id} is not encrypted yet: it is ${table.state}`);
  const grant = await decideSealed(context, { agreement, table: name, rows: rows!, person });
  const evaluation = await keys.evaluation(table.key);
  const stored = tables.stored(table);
  await withServer(context, grant.terms.compute, (server) =>
    server.uploadStored(
      { manifest, evaluation },
      (column, chunk) => stored.record(column, chunk),
      stepOf(report, 'exchange'),
      signal,
    ),
  );
  await tables.uploaded(table);
  await stored.remove();
}

/** Deletes a table at the server and here. A server that does not know it has deleted it. */
export async function removeTable(context: PartyContext, tables: SealedTables, table: KnownTable): Promise<void> {
  if (table.state !== 'encrypting' && table.state !== 'deleted') {
    await withServer(context, await serverOf(context, table), async (server) => {
      await server.remove(table.table).catch((error: unknown) => {
        if (!isUnknown(error)) throw error;
      });
    });
  }
  await tables.stored(table).remove();
  if (table.state !== 'deleted') await tables.deleted(table);
}

/**
 * Moves all tables of a key to another, and destroys the old one when it has none any more. Each step is durable and may be done again: who asks again
 * after a crash goes on where it was. Questions are answered by the old table until the new one is at the server. Both keys have to be open.
 */
export async function rotate(
  context: PartyContext,
  work: Work,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const { keys, tables } = work;
  await keys.opened(from, 'move');
  await keys.opened(to);
  for (const old of await tables.list()) {
    if (old.key !== from || !['encrypted', 'uploaded', 'retired', 'replaced'].includes(old.state)) continue;
    if (old.state !== 'replaced') await moveTable(context, work, old, to);
    await removeTable(context, tables, await tables.find(old.id));
  }
  for (const half of await tables.list()) {
    if (half.key === from && half.state === 'encrypting') await removeTable(context, tables, half);
  }
  await keys.destroy(from, `its tables were moved to key ${to}`);
}

async function moveTable(context: PartyContext, work: Work, old: KnownTable, to: number): Promise<void> {
  const { tables, person } = work;
  const { agreement, described } = old;
  const begun = (await tables.list()).find((one) => one.replaces === old.id && one.state !== 'deleted');
  if (begun !== undefined && begun.key !== to) {
    throw fault('conflict', `table ${old.id} is being moved to key ${begun.key}, not to ${to}`);
  }
  const table = begun ?? (await tables.begin({ agreement, key: to, described, replaces: old.id, person }));
  if (table.state === 'encrypting') {
    if (await rowsAreThere(context, work, old)) await encryptRows(context, work, table);
    else await reencrypt(context, work, old, table);
  }
  await upload(context, work, await tables.find(table.id));
}

/** Whether the data set has just the rows that were encrypted. */
async function rowsAreThere(context: PartyContext, { keys, signal }: Work, old: KnownTable): Promise<boolean> {
  if (old.digest === null) return false;
  const key = await keys.opened(old.key, 'move');
  const { agreement } = await context.agreements.get(old.agreement);
  const specs = old.described.columns.map(specOf);
  try {
    const { reading } = await readingOf(context, agreement, old.described);
    const circuit = { nodes: [], outputs: [] };
    return (await key.recompute({ table: old.table, reading, specs, circuit }, { signal })).digest === old.digest;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

/** The rows are gone: what the server has comes back, chunk by chunk, is decrypted and encrypted again. Its owner's signature is on every ciphertext. */
async function reencrypt(context: PartyContext, work: Work, old: KnownTable, table: KnownTable): Promise<void> {
  const { keys, tables, signal, report } = work;
  const { described, manifest, rows } = old;
  const form = formOf(described);
  const { columns, chunks } = shapeOf(form, rows!);
  const [source, target] = [tables.stored(old), tables.stored(table)];
  await withServer(context, await serverOf(context, old), async (server) => {
    const here = await source.chunks();
    await source.keep(here);
    for (let chunk = here; chunk < chunks; chunk++) {
      const records = Array.from({ length: columns }, (_, column) => server.record(manifest!, column, chunk, signal));
      await source.add(await Promise.all(records));
      stepOf(report, 'keys')(chunk + 1, chunks);
    }
  });
  const first = await target.chunks();
  const [before, after] = [await keys.opened(old.key, 'move'), await keys.opened(table.key)];
  const from = { table: old.table, folders: tables.folders(old) };
  const to = { table: table.table, folders: tables.folders(table), form, rows: rows!, first };
  await after.move(before, { ...to, from }, { signal, onProgress: stepOf(report, 'prepare') });
  const signed = await signedManifest(context, work, table, rows!);
  await tables.encrypted(table, { rows: rows!, digest: null, leftOut: old.leftOut, manifest: signed });
}

/** Id of the server that has a table. */
async function serverOf({ agreements, home }: PartyContext, table: KnownTable): Promise<string> {
  return outsourcedTo((await agreements.get(table.agreement)).agreement, home.card.id)!.compute;
}

async function withServer<T>(
  context: PartyContext,
  id: string,
  work: (server: ComputeServer) => Promise<T>,
): Promise<T> {
  const card = context.home.partners.find(id);
  if (card === undefined) throw fault('not-found', `${id} is no partner of this organisation`, { culprit: id });
  const server = new ComputeServer(context.home, card);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not-found';
}
