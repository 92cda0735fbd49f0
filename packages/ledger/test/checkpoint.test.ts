import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64, fromBase64, generateSigningKey, hex, insecureTestRng, sha256 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import { noteKeyId, openNote, parseCheckpoint, signCheckpoint, signNote } from '../src/index.ts';

const file = join(import.meta.dirname, '../../../vectors/signed-note-c2sp.json');
const vector = JSON.parse(readFileSync(file, 'utf8')) as Record<'name' | 'keyId' | 'key' | 'text' | 'note', string>;
const rng = insecureTestRng('notes');
const [key, other] = [generateSigningKey(rng), generateSigningKey(rng)];
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('signed notes', () => {
  test('the published example opens', () => {
    const publicKey = fromBase64(vector.key).subarray(1);
    expect(hex(noteKeyId(vector.name, publicKey))).toBe(vector.keyId);
    expect(openNote(vector.note, vector.name, publicKey)).toBe(vector.text);
    const altered = vector.note.replace('answer', 'Answer');
    expect(() => openNote(altered, vector.name, publicKey)).toThrow(code('bad-signature'));
  });

  test('lines of other keys are ignored, a wrong line of ours is not', () => {
    const note = signNote('text\n', 'log', key);
    const witness = signNote('text\n', 'witness', other).split('\n\n')[1]!;
    expect(openNote(note + witness, 'log', key.publicKey)).toBe('text\n');
    expect(openNote(note + witness, 'witness', other.publicKey)).toBe('text\n');
    const false_ = signNote('other text\n', 'log', key).split('\n\n')[1]!;
    expect(() => openNote(note + false_, 'log', key.publicKey)).toThrow(code('bad-signature'));
    expect(() => openNote(note, 'log', other.publicKey)).toThrow(code('bad-signature'));
    expect(() => openNote(note, 'gol', key.publicKey)).toThrow(code('bad-signature'));
  });

  test('a text may hold empty lines', () => {
    expect(openNote(signNote('a\n\nb\n', 'log', key), 'log', key.publicKey)).toBe('a\n\nb\n');
  });

  const note = signNote('text\n', 'log', key);
  test.each([
    ['no signature', 'text\n'],
    ['an empty signature block', 'text\n\n'],
    ['no final line feed', note.slice(0, -1)],
    ['a hyphen for the dash', note.replace('—', '-')],
    ['two spaces', note.replace('log ', 'log  ')],
    ['base64url', note.replace(/ (\S+)\n$/, ' ab_-\n')],
    ['only a key id', note.replace(/ (\S+)\n$/, ' AAAAAA==\n')],
    ['a carriage return', note.replace('text', 'text\r')],
    ['too long', `${'x'.repeat(20_000)}${note}`],
    ['nothing', ''],
  ])('malformed: %s', (_, text) => {
    expect(() => openNote(text, 'log', key.publicKey)).toThrow(code('bad-document'));
  });

  test('texts and names that could be misread are not signed', () => {
    for (const text of ['no line feed', '', 'bell\u0007\n', '\ud800\n'])
      expect(() => signNote(text, 'log', key)).toThrow(code('bad-document'));
    for (const name of ['', 'a b', 'a+b', 'a\nb'])
      expect(() => signNote('text\n', name, key)).toThrow(code('bad-document'));
  });
});

describe('checkpoints', () => {
  const checkpoint = { origin: 'symbolon/insurer', size: 12, root: sha256() };

  test('are three lines and a signature', () => {
    const note = signCheckpoint(checkpoint, key);
    expect(note.split('\n').slice(0, 4)).toEqual(['symbolon/insurer', '12', base64(checkpoint.root), '']);
    expect(parseCheckpoint(note, 'symbolon/insurer', key.publicKey)).toEqual(checkpoint);
  });

  const root = base64(checkpoint.root);
  test.each([
    ['another origin', `symbolon/hospital\n12\n${root}\n`],
    ['a leading zero', `symbolon/insurer\n012\n${root}\n`],
    ['a sign', `symbolon/insurer\n+12\n${root}\n`],
    ['an unsafe size', `symbolon/insurer\n9007199254740992\n${root}\n`],
    ['a short root', 'symbolon/insurer\n12\nAAAA\n'],
    ['a root without padding', `symbolon/insurer\n12\n${root.slice(0, -1)}\n`],
    ['an extension line', `symbolon/insurer\n12\n${root}\nmore\n`],
    ['a missing line', `symbolon/insurer\n12\n`],
  ])('validly signed, but %s: refused', (_, text) => {
    const note = signNote(text, 'symbolon/insurer', key);
    expect(() => parseCheckpoint(note, 'symbolon/insurer', key.publicKey)).toThrow(code('bad-document'));
  });
});
