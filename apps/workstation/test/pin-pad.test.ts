import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cardSigned } from '@symbolon/consent';
import { utf8 } from '@symbolon/crypto';
import { CardAuthority } from '@symbolon/testkit/smartcards';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chooseCard, findCards, openCard } from '../src/index.ts';
import { pinBytes, SoftReaders, softHsm, softHsmIsHere, softPin } from './support/softhsm.ts';

const compiler = '/usr/bin/gcc';

function compilerIsHere(): boolean {
  const isHere = existsSync(compiler);
  if (!isHere) console.log('skipped: no gcc to make a reader with a keypad with (apt-get install gcc)');
  return isHere;
}

describe.skipIf(!softHsmIsHere() || !compilerIsHere())('a reader with a keypad', () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-keypad-'));
  const readers = new SoftReaders(folder);
  const driver = join(folder, 'pin-pad.so');
  const keys = join(folder, 'typed');
  const env = { ...readers.env, PIN_PAD_FILE: keys, PIN_PAD_CARDS: softHsm };
  /** Who was asked to type since the last look: 1 the user, 2 again for one use of a key. */
  const asked = (): string[] => {
    if (!existsSync(`${keys}.asked`)) return [];
    const lines = readFileSync(`${keys}.asked`, 'utf8').trim().split('\n');
    rmSync(`${keys}.asked`);
    return lines;
  };

  beforeAll(async () => {
    const source = join(import.meta.dirname, 'support/pin-pad.c');
    execFileSync(compiler, ['-shared', '-fPIC', '-Wall', '-Werror', '-o', driver, source, '-ldl']);
    const authority = await CardAuthority.root('Cards of a country', Date.now());
    await readers.insert('anna', await authority.card({ commonName: 'Anna' }));
    await readers.insert('asks again', await authority.card({ commonName: 'Anna' }, { kind: 'rsa-2048' }), {
      asksAgain: true,
    });
  });
  beforeEach(() => {
    asked();
    writeFileSync(keys, softPin);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const found = async (words: string) => chooseCard((await findCards([driver], env)).cards, { whose: 'the', words });
  const open = async (words: string, pin?: Uint8Array) => openCard({ driver, card: await found(words), pin, env });

  test('says that the PIN is typed there; with no PIN of ours, the card opens and signs', async () => {
    expect(await found('anna')).toMatchObject({ pinPad: true });
    const card = await open('anna');
    expect(asked()).toEqual(['1']);
    const message = utf8('a message');
    expect(cardSigned(card.signing, message, await card.sign(message))).toBe(true);
    expect(asked()).toEqual([]);
    card.close();
  });

  test('a key that asks before each use asks there, each time', async () => {
    const card = await open('asks again');
    const message = utf8('a message');
    for (let i = 0; i < 2; i++) expect(cardSigned(card.signing, message, await card.sign(message))).toBe(true);
    expect(asked()).toEqual(['1', '2', '2']);
    card.close();
  });

  test('a wrong PIN, none that is typed, and one that a program made up (control: the keypad takes none)', async () => {
    writeFileSync(keys, '999999');
    await expect(open('anna')).rejects.toMatchObject({ code: 'card-pin', message: expect.stringContaining('wrong') });
    rmSync(keys);
    await expect(open('anna')).rejects.toMatchObject({
      code: 'card-pin',
      message: expect.stringContaining('no PIN was typed'),
    });
    writeFileSync(keys, softPin);
    asked();
    await expect(open('anna', pinBytes())).rejects.toMatchObject({ code: 'card-pin' });
    expect(asked()).toEqual([]);
  });
});
