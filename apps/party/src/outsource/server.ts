import { setTimeout } from 'node:timers/promises';
import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url, payloadHash, type SignedDocument } from '@symbolon/crypto';
import {
  type Checks,
  type Circuit,
  encodeChunk,
  isModel,
  kindOf,
  type Layout,
  type Manifest,
  type Part,
  type Row,
  readResults,
  recordForms,
  resultsBytes,
  type ScoreModel,
  SlotCipher,
  scoreResultBytes,
  signatureBytes,
  signRecord,
  signStored,
  type TableKeys,
  verifyRecord,
} from '@symbolon/fhe';
import { type Client, type Home, peerClient } from '@symbolon/service';
import { z } from 'zod';

const nothing = z.strictObject({});
const info = z.strictObject({
  id: z.string(),
  name: z.string(),
  columns: z.int(),
  chunks: z.int(),
  received: z.int(),
  expected: z.int(),
  kind: z.enum(['exact', 'features']),
  complete: z.boolean(),
});
const job = z.strictObject({
  id: z.int().min(0),
  table: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  error: z.string().max(2000).nullable(),
  done: z.int().min(0),
  of: z.int().min(0),
  parts: z.array(z.strictObject({ first: z.int().min(0), chunks: z.int().min(1) })).max(1024),
});

type Range = z.output<typeof job>['parts'][number];

/** How far something is. */
export type Progress = (done: number, of: number) => void;

/** What an owner encrypts, and with what. */
export interface Sealed {
  readonly layout: Layout;
  readonly checks: Checks;
  readonly keys: TableKeys;
  readonly manifest: SignedDocument;
}

/** A compute server, as the owner of tables talks to it. Whatever it answers is checked; nothing that it gets can be read by it. */
export class ComputeServer {
  readonly #client: Client;
  readonly #home: Home;

  constructor(home: Home, server: Card) {
    if (server.role !== 'compute')
      throw fault('config-invalid', `${server.id} is no compute server`, { culprit: server.id });
    this.#home = home;
    this.#client = peerClient({ home, partner: server });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /**
   * Encrypts and uploads a table chunk by chunk; rows are read once, and what is there already from an upload that broke is encrypted, but not sent
   * again. Bytes sent.
   *
   * @param rows of the table, in an order that is the same each time
   */
  async upload(
    { layout, checks, keys, manifest }: Sealed,
    rows: AsyncIterable<Row>,
    onProgress: Progress = () => {},
  ): Promise<number> {
    const path = await this.#begin(manifest, keys.evaluation);
    const missing = await Promise.all(layout.columns.map((_, column) => this.#missing(path, column)));
    const table = payloadHash(fromBase64url(manifest.payload));
    const encryptor = await SlotCipher.open(keys);
    let sent = keys.evaluation.length;
    try {
      let chunk = 0;
      for await (const some of inChunks(rows, layout)) {
        const slots = encodeChunk(layout, checks, chunk, some, chunk * layout.rowsOfChunk);
        const uploads: Promise<void>[] = [];
        for (const [column, own] of slots.entries()) {
          if (!missing[column]!.has(chunk)) continue;
          const body = signRecord(encryptor.encrypt(own), { table, column, chunk }, this.#home.signingKey);
          sent += body.length;
          const to = `${path}/columns/${column}/chunks/${chunk}`;
          uploads.push(this.#client.call('POST', to, { body, answer: nothing }).then(() => {}));
        }
        await Promise.all(uploads);
        onProgress(++chunk, layout.chunks);
      }
    } finally {
      encryptor.close();
    }
    await this.#requireComplete(manifestOf(manifest).id);
    return sent;
  }

  /** Uploads what is encrypted already, from where an upload that broke left off. @param stored the record of a column and chunk */
  async uploadStored(
    { manifest, evaluation }: { manifest: SignedDocument; evaluation: Uint8Array | null },
    stored: (column: number, chunk: number) => Promise<Uint8Array>,
    onProgress: Progress = () => {},
    signal?: AbortSignal,
  ): Promise<void> {
    const { id, columns, chunks } = manifestOf(manifest);
    const path = await this.#begin(manifest, evaluation);
    const table = payloadHash(fromBase64url(manifest.payload));
    const missing = await Promise.all(columns.map((_, column) => this.#missing(path, column)));
    for (let chunk = 0; chunk < chunks; chunk++) {
      signal?.throwIfAborted();
      const wanted = columns.flatMap((_, column) => (missing[column]!.has(chunk) ? [column] : []));
      await Promise.all(
        wanted.map(async (column) => {
          const body = signStored(await stored(column, chunk), { table, column, chunk }, this.#home.signingKey);
          await this.#client.call('POST', `${path}/columns/${column}/chunks/${chunk}`, { body, answer: nothing });
        }),
      );
      onProgress(chunk + 1, chunks);
    }
    await this.#requireComplete(id);
  }

  /**
   * A record of a table as it was uploaded. Throws `bad-signature` for what this organisation did not sign for this place, so that whatever comes of it
   * was made here.
   */
  async record(manifest: SignedDocument, column: number, chunk: number, signal?: AbortSignal): Promise<Uint8Array> {
    const table = payloadHash(fromBase64url(manifest.payload));
    const path = `/v1/tables/${manifestOf(manifest).id}/columns/${column}/chunks/${chunk}`;
    const kind = kindOf(manifestOf(manifest));
    const bytes = await this.#bytes(path, signatureBytes + recordForms[kind].bytes, signal);
    return verifyRecord(bytes, { table, column, chunk }, this.#home.signingKey.publicKey, kind);
  }

  /** Asks a question and waits for its results. Throws what the server says, `frame-shape` for results of another form. */
  async ask(table: string, circuit: Circuit, onProgress: Progress = () => {}, signal?: AbortSignal): Promise<Part[]> {
    return this.results(await this.begin(table, circuit), circuit, onProgress, signal);
  }

  /** Asks a question. @returns the number that the server gave it */
  async begin(table: string, asked: Circuit | ScoreModel): Promise<number> {
    const body = isModel(asked) ? { model: asked } : { circuit: asked };
    const { id } = await this.#client.call('POST', `/v1/tables/${table}/questions`, { body, answer: job });
    return id;
  }

  /** Waits for the results of a question. Throws as {@link ask}. */
  async results(
    asked: number,
    circuit: Circuit,
    onProgress: Progress = () => {},
    signal?: AbortSignal,
  ): Promise<Part[]> {
    const { outputs } = circuit;
    const parts: Part[] = [];
    for await (const { range, bytes } of this.#parts(asked, () => resultsBytes(outputs.length), onProgress, signal))
      parts.push({ ...range, results: readResults(bytes, outputs.length) });
    return parts;
  }

  /** Waits for the scores of a model: the results of each chunk, in order. Throws as {@link ask}, and `fhe-check`. @param chunks of the table */
  async scores(asked: number, chunks: number, onProgress: Progress, signal: AbortSignal): Promise<Uint8Array[]> {
    const results: Uint8Array[] = [];
    const lengthOf = (range: Range): number => {
      if (range.first === results.length && range.first + range.chunks <= chunks)
        return range.chunks * scoreResultBytes;
      throw fault('fhe-check', 'the server returned other parts of the table than there are');
    };
    for await (const { bytes } of this.#parts(asked, lengthOf, onProgress, signal))
      for (let at = 0; at < bytes.length; at += scoreResultBytes) results.push(bytes.slice(at, at + scoreResultBytes));
    return results;
  }

  /** Waits for a question, then fetches its parts. */
  async *#parts(asked: number, lengthOf: (range: Range) => number, onProgress: Progress, signal?: AbortSignal) {
    const own = signal === undefined ? {} : { signal };
    const now = () => this.#client.call('GET', `/v1/questions/${asked}`, { answer: job, ...own });
    let state = await now();
    for (let wait = 20; state.state === 'waiting' || state.state === 'running'; wait = Math.min(500, wait * 1.5)) {
      onProgress(state.done, state.of);
      await setTimeout(wait, undefined, own);
      state = await now();
    }
    if (state.state === 'failed')
      throw fault('compute-failed', `${this.#client.who}: ${state.error}`, { culprit: this.#client.who });
    for (const [i, range] of state.parts.entries())
      yield { range, bytes: await this.#bytes(`/v1/questions/${asked}/parts/${i}`, lengthOf(range), signal) };
  }

  /** Deletes a table there. */
  async remove(table: string): Promise<void> {
    await this.#client.call('DELETE', `/v1/tables/${table}`, { answer: nothing });
  }

  async #begin(manifest: SignedDocument, evaluation: Uint8Array | null): Promise<string> {
    await this.#client.call('POST', '/v1/tables', { body: { manifest }, answer: info });
    const path = `/v1/tables/${manifestOf(manifest).id}`;
    if (evaluation !== null) await this.#client.call('POST', `${path}/keys`, { body: evaluation, answer: nothing });
    return path;
  }

  async #requireComplete(table: string): Promise<void> {
    const { complete } = await this.#client.call('GET', `/v1/tables/${table}`, { answer: info });
    if (!complete) throw fault('frame-shape', `${this.#client.who} says that parts of the table are missing`);
  }

  async #bytes(path: string, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let at = 0;
    for await (const piece of this.#client.stream('GET', path, {
      length,
      ...(signal === undefined ? {} : { signal }),
    })) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  async #missing(path: string, column: number): Promise<Set<number>> {
    const answer = z.strictObject({ chunks: z.array(z.int().min(0)).max(100_000) });
    const { chunks } = await this.#client.call('GET', `${path}/columns/${column}/missing`, { answer });
    return new Set(chunks);
  }
}

function manifestOf({ payload }: SignedDocument): Manifest {
  return JSON.parse(new TextDecoder().decode(fromBase64url(payload))) as Manifest;
}

async function* inChunks(rows: AsyncIterable<Row>, { rowsOfChunk }: Layout): AsyncGenerator<Row[]> {
  let some: Row[] = [];
  for await (const row of rows) {
    some.push(row);
    if (some.length < rowsOfChunk) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
