import { generateSigningKey, insecureTestRng } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import {
  Checks,
  type ColumnSpec,
  encodeChunk,
  layOut,
  moveChunk,
  type Row,
  readRecord,
  recordBytes,
  SlotCipher,
  signRecord,
  signStored,
  verifyRecord,
  writeRecord,
} from '../src/index.ts';
import { encrypt } from './encrypted.ts';

const specs: readonly ColumnSpec[] = [
  { name: 'sex', kind: 'category', values: ['f', 'm'] },
  { name: 'stays', kind: 'number', min: -3, max: 9, cuts: [1, 3], squares: true },
];
const rows: Row[] = Array.from({ length: 8000 }, (_, i) => [
  [null, 'f', 'm'][i % 3]!,
  i % 11 === 0 ? null : (i % 13) - 3,
]);

test('what was encrypted is decrypted again, through its stored and signed form', async () => {
  const { layout, checks, keys, stored } = await encrypt(specs, rows.slice(0, 100), 'move');
  const signer = generateSigningKey(insecureTestRng('owner'));
  const decryptor = await SlotCipher.open(keys);
  const clear = encodeChunk(layout, checks, 0, rows.slice(0, 100), 0);
  for (const [column, { id }] of layout.columns.slice(0, 5).entries()) {
    const place = { table: new Uint8Array(32), column, chunk: 0 };
    const text = stored.get(id)![0]!;
    const upload = signStored(writeRecord(text), place, signer);
    expect(upload).toEqual(signRecord(text, place, signer));
    const record = verifyRecord(upload, place, signer.publicKey);
    expect(record).toHaveLength(recordBytes);
    expect(decryptor.decrypt(readRecord(record))).toEqual(clear[column]);
  }
  decryptor.close();
});

test('a table that is moved to other check rows holds the same rows', () => {
  const layout = layOut(specs, rows.length);
  const rng = insecureTestRng('two tables');
  const [from, to] = [new Checks(layout, rng(32)), new Checks(layout, rng(32))];
  for (let chunk = 0; chunk < layout.chunks; chunk++) {
    const first = chunk * layout.rowsOfChunk;
    const some = rows.slice(first, first + layout.rowsOfChunk);
    const old = encodeChunk(layout, from, chunk, some, first);
    const moved = moveChunk(layout, { from, to }, chunk, old);
    expect(moved).toEqual(encodeChunk(layout, to, chunk, some, first));
    expect(moved).not.toEqual(old);
  }
});
