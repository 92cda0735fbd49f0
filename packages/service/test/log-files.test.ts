import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base64, fromUtf8 } from '@symbolon/crypto';
import { cosign, parseProof, parseVerifierKeys, type VerifierKey, verifierKey, writeProof } from '@symbolon/ledger';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  exportLog,
  type Home,
  logKeys,
  openArchive,
  openDatabaseFile,
  openServerLog,
  proveEntry,
  verifyLogFolder,
  verifyProofFile,
  witnessName,
} from '../src/index.ts';
import { temporaryFolder, testHome } from './homes.ts';

const checker = join(import.meta.dirname, '../../../vectors/check_log.py');
const entries = 600;
const cosignedSize = 550;
const time = 1_790_000_000;

const python = await new Promise<boolean>((resolve) => execFile('python3', ['-V'], (error) => resolve(error === null)));
if (!python) console.warn('skipped: vectors/check_log.py, as there is no python3 here');

/** What the independent checker says. */
function checked(keys: string, path: string): Promise<{ sound: boolean; words: string }> {
  return new Promise((resolve) =>
    execFile('python3', ['-B', checker, keys, path], (error, out, err) =>
      resolve({ sound: error === null, words: `${out}${err}` }),
    ),
  );
}

let made: {
  below: string;
  fred: Home;
  sally: Home;
  folder: string;
  keys: string;
  proof: string;
  trusted: VerifierKey[];
  /** The same log without its end, and another one under the same name. */
  shorter: string;
  forked: string;
};

beforeAll(async () => {
  const below = mkdtempSync(join(tmpdir(), 'symbolon-'));
  const [fred, sally] = [await testHome('fred', 'party', below), await testHome('sally', 'party', below)];
  fred.partners.add(sally.cardFile);
  const database = await openDatabaseFile(':memory:', 'party');
  const log = await openServerLog(fred, database);
  await Promise.all(Array.from({ length: cosignedSize }, (_, n) => log.append({ kind: 'test', n })));
  const note = log.checkpoint();
  const line = cosign(note, witnessName('sally'), sally.logKey, time);
  await database
    .insertInto('cosignature')
    .values({
      origin: log.origin,
      size: log.size,
      witness: 'sally',
      note: note + line,
      cosigned_at: new Date(time * 1000).toISOString(),
    })
    .execute();
  await Promise.all(
    Array.from({ length: entries - cosignedSize }, (_, n) => log.append({ kind: 'test', n, name: 'Zoë "q" 👋' })),
  );
  await database.updateTable('log_entry').set({ event: null, salt: null }).where('index', '=', 5).execute();
  const archive = await openArchive(fred, database);
  const folder = join(below, 'log');
  await exportLog(archive, folder, 'all');
  const proof = join(below, 'entry.tlog-proof');
  writeFileSync(proof, await proveEntry(archive, 100));
  const keys = join(below, 'trusted');
  const trusted = logKeys(fred, log.origin);
  writeFileSync(keys, `# trusted\n${trusted.map(verifierKey).join('\n')}\n`);
  const rows = await database.selectFrom('log_entry').selectAll().orderBy('index').execute();
  await database.destroy();
  const signedAgain = async (name: string, kept: typeof rows): Promise<string> => {
    const other = await openDatabaseFile(':memory:', 'party');
    for (const row of kept) await other.insertInto('log_entry').values(row).execute();
    await exportLog(await openArchive(fred, other), join(below, name));
    await other.destroy();
    cpSync(join(folder, 'cosigned'), join(below, name, 'cosigned'), { recursive: true });
    return join(below, name);
  };
  const shorter = await signedAgain('shorter', rows.slice(0, cosignedSize - 1));
  const forked = await signedAgain(
    'forked',
    [...rows.slice(1), rows[0]!].map((row, index) => ({ ...row, index })),
  );
  made = { below, fred, sally, folder, keys, proof, trusted, shorter, forked };
});
afterAll(() => rmSync(made.below, { recursive: true, force: true }));

describe('an exported log', () => {
  test('is sound, and says who cosigned how much of it when', async () => {
    const at = new Date(time * 1000).toISOString();
    expect(await verifyLogFolder(made.folder, made.trusted)).toEqual({
      ok: true,
      origin: 'symbolon/fred',
      size: entries,
      cosignatures: [{ witness: 'symbolon/sally', size: cosignedSize, at }],
      events: entries - 1,
      faults: [],
    });
    expect(parseVerifierKeys(readFileSync(join(made.folder, 'keys'), 'utf8'))).toEqual(made.trusted);
  });

  test('discloses no event unless asked', async () => {
    const database = await openDatabaseFile(':memory:', 'party');
    const log = await openServerLog(made.fred, database);
    for (let n = 0; n < 4; n++) await log.append({ kind: 'test', n });
    const archive = await openArchive(made.fred, database);
    const below = temporaryFolder();
    expect(await exportLog(archive, join(below, 'none'))).toMatchObject({ entries: 4, disclosed: 0 });
    expect(readFileSync(join(below, 'none/events.jsonl'), 'utf8')).toBe('');
    expect(await exportLog(archive, join(below, 'some'), [3, 1, 3])).toMatchObject({ disclosed: 2 });
    expect(await verifyLogFolder(join(below, 'some'), made.trusted)).toMatchObject({ ok: true, events: 2 });
    await expect(exportLog(archive, join(below, 'beyond'), [4])).rejects.toMatchObject({ code: 'not-found' });
    await expect(exportLog(archive, join(below, 'some'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(openArchive(made.fred, database, 2)).rejects.toMatchObject({ code: 'not-found' });
    await database.destroy();
  });

  test('of a stranger is not trusted', async () => {
    const other = await testHome('fred');
    await expect(verifyLogFolder(made.folder, [])).rejects.toMatchObject({ code: 'bad-signature' });
    await expect(verifyLogFolder(made.folder, logKeys(other, 'symbolon/fred'))).rejects.toMatchObject({
      code: 'bad-signature',
    });
    // Without the witness's key its cosignature says nothing.
    expect(await verifyLogFolder(made.folder, made.trusted.slice(0, 1))).toMatchObject({ ok: true, cosignatures: [] });
  });

  /** Changes one byte of a file. */
  const flip = (file: string, at: number): void => {
    const bytes = readFileSync(file);
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(file, bytes);
  };
  const events = (folder: string, change: (lines: string[]) => void): void => {
    const file = join(folder, 'events.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    change(lines);
    writeFileSync(file, lines.join('\n'));
  };
  const cheats: [string, (folder: string) => void][] = [
    ['an entry changed', (folder) => flip(join(folder, 'tile/entries/001'), 40)],
    ['a tile changed', (folder) => flip(join(folder, 'tile/0/000'), 100)],
    ['a tile of the next level changed', (folder) => flip(join(folder, 'tile/1/000.p/2'), 9)],
    ['a tile gone', (folder) => rmSync(join(folder, 'tile/0/001'))],
    ['a bundle cut', (folder) => writeFileSync(join(folder, 'tile/entries/000'), new Uint8Array(34))],
    ['the checkpoint of another size', (folder) => edit(join(folder, 'checkpoint'), '\n600\n', '\n599\n')],
    ['the signature changed', (folder) => flip(join(folder, 'checkpoint'), 100)],
    ['a cosigned checkpoint of another size', (folder) => edit(join(folder, 'cosigned/sally'), '\n550\n', '\n551\n')],
    ['another time of a cosignature', (folder) => backdate(join(folder, 'cosigned/sally'))],
    ['an event changed', (folder) => events(folder, (lines) => lines.splice(3, 1, lines[3]!.replace('test', 'Test')))],
    [
      'an event in another place',
      (folder) => events(folder, (lines) => lines.splice(3, 1, lines[4]!.replace('"index":4', '"index":3'))),
    ],
    [
      'an event beyond the log',
      (folder) => events(folder, (lines) => lines.splice(3, 1, lines[3]!.replace('"index":3', '"index":700'))),
    ],
    ['an event that is no JSON', (folder) => appendFileSync(join(folder, 'events.jsonl'), 'event\n')],
  ];
  function edit(file: string, from: string, to: string): void {
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(from);
    writeFileSync(file, text.replace(from, to));
  }
  function backdate(file: string): void {
    const text = readFileSync(file, 'utf8');
    const at = text.lastIndexOf(' ') + 1;
    const bytes = Buffer.from(text.slice(at), 'base64');
    bytes[11] = bytes[11]! ^ 1;
    writeFileSync(file, `${text.slice(0, at)}${base64(bytes)}\n`);
  }

  test.each(cheats)('with %s is not sound', async (_, change) => {
    const copy = join(temporaryFolder(), 'log');
    cpSync(made.folder, copy, { recursive: true });
    change(copy);
    const verdict = await verifyLogFolder(copy, made.trusted).catch((error: { code: string }) => error.code);
    expect(typeof verdict === 'string' ? verdict : verdict.ok ? 'ok' : 'bad-document').toMatch(/^bad-/);
    if (!python) return;
    const said = await checked(made.keys, copy);
    expect(said.words).toMatch(/^(cosigned.*\n)*WRONG: /);
    expect(said.sound).toBe(false);
  });

  test.each([
    ['that lost its end', 'shorter', 'a cosigned checkpoint has 550 entries, the log 549'],
    ['that is a fork', 'forked', 'the entries do not give the root of the checkpoint of size 550'],
  ] as const)('%s, signed by its owner, is not what the witness saw', async (_, which, fault) => {
    expect(await verifyLogFolder(made[which], made.trusted)).toMatchObject({ ok: false, faults: [fault] });
    if (!python) return;
    const said = await checked(made.keys, made[which]);
    expect(said).toEqual({ sound: false, words: 'WRONG: the root of a checkpoint\n' });
  });

  test.skipIf(!python)('whose keys nobody trusts is not sound for the independent checker', async () => {
    const keys = join(temporaryFolder(), 'keys');
    const of = async (text: string) => {
      writeFileSync(keys, text);
      return checked(keys, made.folder);
    };
    const stranger = logKeys(await testHome('fred'), 'symbolon/fred')
      .map(verifierKey)
      .join('\n');
    const unsigned = { sound: false, words: 'WRONG: no trusted key signed the checkpoint of symbolon/fred\n' };
    expect(await of('')).toEqual(unsigned);
    expect(await of(stranger)).toEqual(unsigned);
    const [own] = made.trusted.map(verifierKey);
    expect(await of(own!.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toMatchObject({ sound: false });
  });

  test.skipIf(!python)('is sound for the independent checker too', async () => {
    const { sound, words } = await checked(made.keys, made.folder);
    expect(words).toBe(
      `cosigned by symbolon/sally at ${time}: 550 entries\nsound: symbolon/fred, 600 entries, 599 events\n`,
    );
    expect(sound).toBe(true);
  });
});

describe('the proof of an entry', () => {
  test('shows event, place and witnesses', async () => {
    expect(verifyProofFile(made.proof, made.trusted)).toMatchObject({
      ok: true,
      origin: 'symbolon/fred',
      index: 100,
      size: cosignedSize,
      event: '{"kind":"test","n":100}',
      cosignatures: [{ witness: 'symbolon/sally', size: cosignedSize }],
      faults: [],
    });
    if (!python) return;
    expect(await checked(made.keys, made.proof)).toEqual({
      sound: true,
      words: `cosigned by symbolon/sally at ${time}\nsound: symbolon/fred, entry 100 of 550: {"kind":"test","n":100}\n`,
    });
  });

  test.each<[string, (text: string) => string]>([
    ['another event', (text) => writeProof({ ...parseProof(text), event: Buffer.from('{"kind":"Test","n":100}') })],
    ['another index', (text) => text.replace('index 100', 'index 101')],
    ['an index beyond the log', (text) => text.replace('index 100', 'index 550')],
    ['a hash more', (text) => text.replace(/(\n[^\n ]{44})\n\n/, '$1$1\n\n')],
    ['a hash less', (text) => text.replace(/\n[^\n ]{44}\n\n/, '\n\n')],
    ['another size', (text) => text.replace('\n550\n', '\n551\n')],
    [
      'another root',
      (text) => text.replace(/\n550\n./, (found) => `${found.slice(0, -1)}${found.endsWith('A') ? 'B' : 'A'}`),
    ],
  ])('with %s is not sound', async (_, change) => {
    const file = join(temporaryFolder(), 'entry.tlog-proof');
    const text = readFileSync(made.proof, 'utf8');
    writeFileSync(file, change(text));
    expect(change(text)).not.toBe(text);
    const verdict = () => verifyProofFile(file, made.trusted);
    let ok = false;
    try {
      ok = verdict().ok;
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^bad-/) });
    }
    expect(ok).toBe(false);
    if (python) expect((await checked(made.keys, file)).sound).toBe(false);
  });

  test('cannot be made of an event that was erased', async () => {
    const lines = readFileSync(join(made.folder, 'events.jsonl'), 'utf8').split('\n');
    expect(lines.some((line) => line.startsWith('{"index":5,'))).toBe(false);
    expect(existsSync(join(made.folder, 'tile/entries/000'))).toBe(true);
    expect(fromUtf8(parseProof(readFileSync(made.proof, 'utf8')).event)).toContain('test');
  });
});
