import { canonicalBytes, fault, generateSigningKey, hex, insecureTestRng, sha256, utf8 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  entryHash,
  Log,
  type LogRecord,
  type LogStore,
  leafHash,
  MemoryLogStore,
  parseCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifyLog,
} from '../src/index.ts';

const rng = insecureTestRng('log');
const key = generateSigningKey(rng);
const origin = 'symbolon/insurer';
const event = (number: number) => ({ kind: 'test', number });

async function filled(size: number) {
  const store = new MemoryLogStore();
  const log = await Log.open(origin, store);
  for (let i = 0; i < size; i++) expect(await log.append(event(i), rng(32))).toBe(i);
  return { store, log };
}

describe('Log', () => {
  test('an entry is a salted hash under a label, and its leaf is in the tree', async () => {
    const { log } = await filled(4);
    const salt = rng(32);
    const index = await log.append(event(4), salt);
    const entry = entryHash(canonicalBytes(event(4)), salt);
    expect(entry).toEqual(sha256(utf8('symbolon log entry v1\n'), salt, canonicalBytes(event(4))));
    expect(verifyInclusion(leafHash(entry), index, 5, log.inclusionProof(index), log.root())).toBe(true);
    await expect(log.append(event(5), rng(16))).rejects.toThrow(RangeError);
    expect(log.size).toBe(5);
  });

  test('checkpoints of all sizes are consistent', async () => {
    const { log } = await filled(9);
    const last = parseCheckpoint(log.checkpoint(key), origin, key.publicKey);
    for (let size = 0; size <= 9; size++) {
      const old = parseCheckpoint(log.checkpoint(key, size), origin, key.publicKey);
      expect(verifyConsistency(old.size, old.root, last.size, last.root, log.consistencyProof(size))).toBe(true);
    }
  });

  test('reopens to the same root, and appends made at once keep their order', async () => {
    const { store, log } = await filled(0);
    const indexes = await Promise.all(Array.from({ length: 20 }, (_, i) => log.append(event(i), rng(32))));
    expect(indexes).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect((await Log.open(origin, store)).root()).toEqual(log.root());
  });

  test('two processes on one store lose nothing', async () => {
    const store = new MemoryLogStore();
    const [one, two] = [await Log.open(origin, store), await Log.open(origin, store)];
    const indexes: number[] = [];
    for (let i = 0; i < 10; i++)
      indexes.push(...(await Promise.all([one.append(event(i), rng(32)), two.append(event(i), rng(32))])));
    await one.refresh();
    await two.refresh();
    expect(indexes.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(hex(one.root())).toBe(hex(two.root()));
  });

  test.each(['lost', 'stored but reported failed'])('a failing store (%s) leaves a sound log', async (how) => {
    const inner = new MemoryLogStore();
    let failures = 0;
    const store: LogStore<void> = {
      size: () => inner.size(),
      entry: (index) => inner.entry(index),
      entries: (start, end) => inner.entries(start, end),
      hashes: (start, end) => inner.hashes(start, end),
      append: async (index, additions) => {
        const fails = index % 3 === 1 && failures++ % 2 === 0;
        const outcomes = !fails || how !== 'lost' ? await inner.append(index, additions) : [];
        if (fails) throw fault('internal', 'disk full');
        return outcomes;
      },
    };
    const log = await Log.open(origin, store);
    for (let i = 0; i < 12; i++) {
      const salt = rng(32);
      const index = await log.append(event(i), salt).catch(() => log.append(event(i), salt));
      expect((await inner.entry(index)).entry).toEqual(entryHash(canonicalBytes(event(i)), salt));
    }
    expect(failures).toBeGreaterThan(2);
    const checkpoint = parseCheckpoint(log.checkpoint(key), origin, key.publicKey);
    expect(checkpoint.size).toBe(await inner.size());
    expect(await verifyLog(inner, [checkpoint])).toMatchObject({ ok: true });
  });
});

describe('verifyLog', () => {
  const size = 20;

  async function audited(change: (records: LogRecord[]) => void, marks = [5, 10, size]) {
    const { store, log } = await filled(size);
    const checkpoints = marks.map((mark) => parseCheckpoint(log.checkpoint(key, mark), origin, key.publicKey));
    const records = await Promise.all(Array.from({ length: size }, (_, i) => store.entry(i)));
    change(records);
    const changed = {
      size: async () => records.length,
      entries: async (start: number, end: number) => records.slice(start, end),
    };
    return { verdict: await verifyLog(changed, checkpoints), root: log.root() };
  }
  const record = (number: number, salt = rng(32)): LogRecord => {
    const bytes = canonicalBytes(event(number));
    return { entry: entryHash(bytes, salt), event: bytes, salt };
  };

  test('a sound log passes, with erased entries named', async () => {
    expect((await audited(() => undefined)).verdict).toMatchObject({ ok: true, size, erased: [] });
    const { verdict, root } = await audited((records) => {
      records[3] = { ...records[3]!, event: null, salt: null };
    });
    expect(verdict).toEqual({ ok: true, size, root, erased: [3] });
  });

  const other = canonicalBytes({ kind: 'other' });
  const cheats: [string, (records: LogRecord[]) => void, number, number, string][] = [
    [
      'an event changed',
      (r) => void r.splice(7, 1, { ...r[7]!, event: other }),
      7,
      8,
      'the event does not give the entry',
    ],
    [
      'a salt changed',
      (r) => void r.splice(7, 1, { ...r[7]!, salt: new Uint8Array(32) }),
      7,
      8,
      'the event does not give the entry',
    ],
    [
      'a short salt',
      (r) => void r.splice(7, 1, { ...r[7]!, salt: new Uint8Array(31) }),
      7,
      8,
      'the event does not give the entry',
    ],
    [
      'a salt lost',
      (r) => void r.splice(7, 1, { ...r[7]!, salt: null }),
      7,
      8,
      'the entry has lost one of event and salt',
    ],
    [
      'an entry cut',
      (r) => void r.splice(7, 1, { ...r[7]!, entry: new Uint8Array(31) }),
      7,
      8,
      'the entry is not a SHA-256 hash',
    ],
    [
      'white space in an event',
      (r) => void r.splice(7, 1, spaced()),
      7,
      8,
      'the event: JSON is not in the form of RFC 8785',
    ],
    [
      'an entry rewritten whole',
      (r) => void r.splice(7, 1, record(99)),
      5,
      10,
      'the entries do not give the root of the checkpoint of size 10',
    ],
    [
      'an erased entry replaced',
      (r) => void r.splice(2, 1, { entry: sha256(), event: null, salt: null }),
      0,
      5,
      'the entries do not give the root of the checkpoint of size 5',
    ],
    [
      'two entries swapped',
      (r) => void r.splice(11, 2, r[12]!, r[11]!),
      10,
      20,
      'the entries do not give the root of the checkpoint of size 20',
    ],
    [
      'an entry left out',
      (r) => void r.splice(6, 1),
      5,
      10,
      'the entries do not give the root of the checkpoint of size 10',
    ],
    [
      'an entry put in',
      (r) => void r.splice(6, 0, record(99)),
      5,
      10,
      'the entries do not give the root of the checkpoint of size 10',
    ],
    ['the end cut off', (r) => void r.pop(), 19, 20, 'the log has 19 entries, but signed a checkpoint of 20'],
    ['everything gone', (r) => void r.splice(0), 0, 5, 'the log has 0 entries, but signed a checkpoint of 5'],
  ];
  function spaced(): LogRecord {
    const [salt, bytes] = [rng(32), utf8('{"kind": "test"}')];
    return { entry: entryHash(bytes, salt), event: bytes, salt };
  }
  test.each(cheats)('%s is found', async (_, change, index, until, reason) => {
    expect((await audited(change)).verdict).toEqual({ ok: false, index, until, reason });
  });

  test('entries after the last checkpoint are checked too', async () => {
    const { verdict } = await audited((records) => void records.splice(15, 1, { ...records[15]!, event: other }), [10]);
    expect(verdict).toMatchObject({ ok: false, index: 15 });
  });
});
