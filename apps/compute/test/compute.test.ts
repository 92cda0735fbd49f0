import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  base64url,
  concat,
  fromBase64url,
  hashLabelled,
  payloadHash,
  type SigningKey,
  signDocument,
  systemRng,
  u32,
} from '@symbolon/crypto';
import {
  Checks,
  type Circuit,
  type ColumnSpec,
  generateKeys,
  keyIdOf,
  layOut,
  openTotals,
  type Place,
  type Row,
  recordBytes,
  relinBytes,
  resultKey,
  SlotCipher,
  signManifest,
  signRecord,
  type TableKeys,
  uploadBytes,
  validId,
  valueId,
} from '@symbolon/fhe';
import type { Sealed } from '@symbolon/party';
import { type Home, peerClient } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeNetwork, type Network, seal, strangersKey } from './network.ts';

const specs: readonly ColumnSpec[] = [
  { name: 'sex', kind: 'category', values: ['f', 'm'] },
  { name: 'stays', kind: 'number', min: 0, max: 9, cuts: [1, 3] },
];
const rows: Row[] = Array.from({ length: 9000 }, (_, i) => [i % 3 === 0 ? 'f' : 'm', i % 10]);
const circuit: Circuit = {
  nodes: [
    { op: 'columns', columns: [validId] },
    { op: 'columns', columns: [valueId('sex', 'f')] },
    { op: 'columns', columns: ['stays digit 0'] },
    { op: 'product', left: 1, right: 2 },
  ],
  outputs: [0, 1, 3],
};
const women = rows.filter(([sex]) => sex === 'f');
const expected = [rows.length, women.length, women.reduce((sum, [, stays]) => sum + Number(stays), 0)];

async function* read(from: readonly Row[] = rows): AsyncGenerator<Row> {
  yield* from;
}

const idOf = ({ manifest }: Sealed): string =>
  (JSON.parse(Buffer.from(manifest.payload, 'base64url').toString()) as { id: string }).id;

describe('a compute server', () => {
  let network: Network;
  let sealed: Sealed;
  beforeAll(async () => {
    network = await makeNetwork({ processes: 2 });
    sealed = await seal(specs, rows.length, network.north);
    await network.client(network.north).upload(sealed, read());
  });
  afterAll(() => network.close());

  const open = (parts: Awaited<ReturnType<ReturnType<Network['client']>['ask']>>) =>
    openTotals({ ...sealed, circuit }, parts, resultKey(sealed.keys));

  test('answers a question on what it cannot read, in two processes', async () => {
    const parts = await network.client(network.north).ask(idOf(sealed), circuit);
    expect(parts.map(({ first, chunks }) => [first, chunks])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(open(parts)).toEqual(expected);
  });

  test('goes on after a restart, with tables and questions', async () => {
    await network.restart();
    expect(open(await network.client(network.north).ask(idOf(sealed), circuit))).toEqual(expected);
  });

  test('an upload that broke goes on where it was', async () => {
    const other = await seal(specs, rows.length, network.north);
    const client = network.client(network.north);
    const broken = (async function* () {
      yield* rows.slice(0, 7400);
      throw new Error('the line broke');
    })();
    await expect(client.upload(other, broken)).rejects.toThrow('the line broke');
    const first = other.layout.columns.length * uploadBytes;
    expect(await client.upload(other, read())).toBeLessThan(first + 2_000_000);
    const parts = await client.ask(idOf(other), circuit);
    expect(openTotals({ ...other, circuit }, parts, resultKey(other.keys))).toEqual(expected);
    await client.remove(idOf(other));
    await expect(client.ask(idOf(other), circuit)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('gives its owner back what it uploaded, and nobody else; what was altered is not taken', async () => {
    const client = network.client(network.north);
    const record = await client.record(sealed.manifest, 1, 1);
    expect(record).toHaveLength(recordBytes);
    const folder = join(network.compute.path, 'tables', 'north', idOf(sealed));
    expect(readFileSync(join(folder, '1.column')).subarray(recordBytes)).toEqual(Buffer.from(record));
    await expect(network.client(network.south).record(sealed.manifest, 1, 1)).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(client.record(sealed.manifest, 1, 7)).rejects.toMatchObject({ code: 'not-found' });
    const signatures = readFileSync(join(folder, '1.signatures'));
    try {
      writeFileSync(join(folder, '1.signatures'), readFileSync(join(folder, '2.signatures')));
      await expect(client.record(sealed.manifest, 1, 1)).rejects.toMatchObject({ code: 'bad-signature' });
    } finally {
      writeFileSync(join(folder, '1.signatures'), signatures);
    }
  });

  describe('refuses, and stays up', () => {
    const raw = (home: Home) => peerClient({ home, partner: network.compute.card });
    const post = async (home: Home, path: string, body: unknown) => {
      const client = raw(home);
      try {
        return await client.call('POST', path, { body, answer: z.unknown() });
      } finally {
        await client.close();
      }
    };
    const placed = async (
      over: { column?: number; chunk?: number; table?: Uint8Array } = {},
      signer = network.north.signingKey,
    ) => {
      const encryptor = await SlotCipher.open(sealed.keys);
      const table = payloadHash(fromBase64url(sealed.manifest.payload));
      const text = encryptor.encrypt(new Int32Array(8192));
      encryptor.close();
      return signRecord(text, { table, column: 1, chunk: 0, ...over }, signer);
    };
    const path = (column = 1, chunk = 0) => `/v1/tables/${idOf(sealed)}/columns/${column}/chunks/${chunk}`;

    test.each<[string, string, () => Promise<unknown>]>([
      [
        'a ciphertext signed by another key',
        'bad-signature',
        async () => post(network.north, path(), await placed({}, strangersKey)),
      ],
      ['one of another column', 'bad-signature', async () => post(network.north, path(2), await placed())],
      ['one of another chunk', 'bad-signature', async () => post(network.north, path(1, 1), await placed())],
      [
        'one of another table',
        'bad-signature',
        async () => post(network.north, path(), await placed({ table: new Uint8Array(32) })),
      ],
      [
        'a flipped bit',
        'bad-signature',
        async () => {
          const upload = await placed();
          upload[5000]! ^= 1;
          return post(network.north, path(), upload);
        },
      ],
      ['one cut short', 'request-invalid', async () => post(network.north, path(), (await placed()).slice(1))],
      [
        'one with a byte more',
        'body-too-large',
        async () => post(network.north, path(), new Uint8Array([...(await placed()), 0])),
      ],
      ['an empty one', 'request-invalid', () => post(network.north, path(), new Uint8Array())],
      ['a bomb of 16 KB', 'request-invalid', () => post(network.north, path(), bomb())],
      ['JSON in its place', 'request-invalid', () => post(network.north, path(), { bytes: '' })],
      [
        'a place that is not there',
        'not-found',
        async () => post(network.north, path(1, 7), await placed({ chunk: 7 })),
      ],
      ['a table of another owner', 'not-found', async () => post(network.south, path(), await placed())],
      ['a question on it', 'not-found', () => network.client(network.south).ask(idOf(sealed), circuit)],
      [
        'another manifest under the same id',
        'conflict',
        () => {
          const { id, key } = { id: fromBase64url(idOf(sealed)), key: keyIdOf(sealed.keys.evaluation) };
          const manifest = signManifest(
            sealed.layout,
            { id, owner: 'north', name: 'other', key },
            network.north.signingKey,
          );
          return post(network.north, '/v1/tables', { manifest });
        },
      ],
      [
        'a manifest that another has signed',
        'document-signer',
        () => post(network.south, '/v1/tables', { manifest: sealed.manifest }),
      ],
      [
        'a manifest of other parameters',
        'bad-document',
        () => {
          const manifest = JSON.parse(Buffer.from(fromBase64url(sealed.manifest.payload)).toString());
          const parameters = Buffer.alloc(32, 1).toString('base64url');
          const signed = signDocument(
            'symbolon-encrypted-table',
            { ...manifest, parameters },
            network.north.signingKey,
          );
          return post(network.north, '/v1/tables', { manifest: signed });
        },
      ],
      [
        'a bomb in place of keys',
        'request-invalid',
        () => post(network.north, `/v1/tables/${idOf(sealed)}/keys`, bomb()),
      ],
      [
        'keys of another table',
        'hash-mismatch',
        async () => {
          const other = await seal(specs, 10, network.north);
          return post(network.north, `/v1/tables/${idOf(sealed)}/keys`, other.keys.evaluation);
        },
      ],
      [
        'a question that cannot be computed',
        'circuit',
        () => network.client(network.north).ask(idOf(sealed), { ...circuit, outputs: [9] }),
      ],
      [
        'a question of another shape',
        'request-invalid',
        () => post(network.north, `/v1/tables/${idOf(sealed)}/questions`, { circuit: { nodes: [], outputs: [] } }),
      ],
      [
        'an id that is a path',
        'request-invalid',
        () => post(network.north, `/v1/tables/..%2f..%2fkeys/keys`, sealed.keys.evaluation),
      ],
    ])('%s', async (_, code, attempt) => {
      await expect(attempt()).rejects.toMatchObject({ code });
    });

    describe('what an owner has signed itself ends its own question, and nothing else', () => {
      const record = async (keys: TableKeys): Promise<Uint8Array> => {
        const encryptor = await SlotCipher.open(keys);
        const signed = signRecord(
          encryptor.encrypt(new Int32Array(8192)),
          { table: new Uint8Array(32), column: 0, chunk: 0 },
          network.north.signingKey,
        );
        encryptor.close();
        return signed.slice(-recordBytes);
      };
      /** Uploads a table of one chunk, of which each ciphertext is these bytes. */
      const uploadAll = async (bytes: Uint8Array, evaluation: Uint8Array) => {
        const home = network.north;
        const layout = layOut(specs, 10);
        const id = systemRng(16);
        const manifest = signManifest(
          layout,
          { id, owner: 'north', name: 'p', key: keyIdOf(evaluation) },
          home.signingKey,
        );
        const table = payloadHash(fromBase64url(manifest.payload));
        const at = `/v1/tables/${base64url(id)}`;
        await post(home, '/v1/tables', { manifest });
        await post(home, `${at}/keys`, evaluation);
        for (const column of layout.columns.keys()) {
          const place = { table, column, chunk: 0 };
          await post(home, `${at}/columns/${column}/chunks/0`, signRaw(bytes, place, home.signingKey));
        }
        return { layout, id: base64url(id) };
      };

      test.each<[string, () => Promise<[record: Uint8Array, keys: Uint8Array]>]>([
        [
          'coefficients above their modulus',
          async () => [new Uint8Array(recordBytes).fill(255), sealed.keys.evaluation],
        ],
        ['keys that are a bomb of the right length', async () => [await record(sealed.keys), bomb(relinBytes)]],
        ['keys that are noise', async () => [await record(sealed.keys), systemRng(relinBytes)]],
      ])('%s', async (_, make) => {
        const { id } = await uploadAll(...(await make()));
        const client = network.client(network.north);
        await expect(client.ask(id, circuit)).rejects.toMatchObject({ code: 'compute-failed' });
        await client.remove(id);
      });

      test('ciphertexts of another key: the server cannot tell, and the owner does not open them', async () => {
        const other = await generateKeys();
        const { id, layout } = await uploadAll(await record(other), sealed.keys.evaluation);
        const client = network.client(network.north);
        const parts = await client.ask(id, circuit);
        const checks = new Checks(layout, systemRng(32));
        expect(() => openTotals({ layout, checks, circuit }, parts, resultKey(sealed.keys))).toThrow(
          expect.objectContaining({ code: 'fhe-check' }),
        );
        await client.remove(id);
      });
    });

    test('and still answers', async () => {
      expect(open(await network.client(network.north).ask(idOf(sealed), circuit))).toEqual(expected);
      expect(recordBytes).toBe(64 + 180_224);
    });
  });
});

test('a question that takes too much memory or time fails by name, and the next one works', async () => {
  const network = await makeNetwork({ processes: 1, processMegabytes: 384 });
  try {
    const sealed = await seal(specs, rows.length, network.north);
    const client = network.client(network.north);
    await client.upload(sealed, read());
    const nodes: Circuit['nodes'][number][] = [{ op: 'columns', columns: [validId] }];
    for (let i = 1; i < 900; i++) nodes.push({ op: 'product', left: 0, right: 0 });
    const heavy = { nodes, outputs: nodes.map((_, i) => i) };
    await expect(client.ask(idOf(sealed), heavy)).rejects.toMatchObject({ code: 'compute-failed' });
    expect(await client.ask(idOf(sealed), { ...circuit, outputs: [0] })).toHaveLength(1);
  } finally {
    await network.close();
  }
});

/** Bytes as an owner signs them for their place, whatever they are. */
function signRaw(record: Uint8Array, { table, column, chunk }: Place, signer: SigningKey): Uint8Array {
  return concat(signer.sign(hashLabelled('symbolon fhe ciphertext', table, u32(column), u32(chunk), record)), record);
}

/** What a decompressor would blow up: here it is only bytes of the wrong length. */
function bomb(length = 16_419): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([0x5e, 0xa1, 16, 4, 1, 2]);
  return bytes;
}
