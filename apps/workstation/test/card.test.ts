import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cardSigned, openWithCard, sealToCard } from '@symbolon/consent';
import { systemRng, utf8 } from '@symbolon/crypto';
import { CardAuthority } from '@symbolon/testkit/smartcards';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PlayedRegistry } from '../../../packages/consent/test/registry.ts';
import { listReaders, openCard } from '../src/card/open-card.ts';
import type { CardName } from '../src/card/requests.ts';
import { pinBytes, SoftReaders, softHsm, softHsmIsHere, softKinds } from './support/softhsm.ts';

/** Ids of the processes that have cards of this one's. */
const cardProcesses = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isCardProcess(name));

/** Whether a process has a card of this one's. */
function isCardProcess(id: string): boolean {
  try {
    const parent = readFileSync(`/proc/${id}/status`, 'utf8').match(/^PPid:\s*(\d+)$/m)?.[1];
    return parent === String(process.pid) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('card/process');
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

describe.skipIf(!softHsmIsHere())('cards of SoftHSM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-cards-'));
  const readers = new SoftReaders(folder);
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(async () => {
    const root = await CardAuthority.root('Cards of a country', Date.now());
    const authority = await root.authority('Cards of 2026');
    for (const kind of softKinds) {
      await readers.insert(kind, await authority.card({ commonName: `Anna ${kind}` }, { kind }));
    }
    const asking = await authority.card({ commonName: 'Anna' }, { kind: 'rsa-2048' });
    await readers.insert('asks again', asking, { asksAgain: true });
  });

  const named = async (label: string): Promise<CardName> => {
    const found = (await listReaders(softHsm, readers.env)).find(({ card }) => card?.label === label)!;
    return { reader: found.reader, ...found.card! };
  };
  const open = async (label: string, pin = pinBytes()) =>
    openCard({ driver: softHsm, card: await named(label), pin, env: readers.env });

  test('are listed, without a PIN', async () => {
    const cards = (await listReaders(softHsm, readers.env)).flatMap(({ card }) => card ?? []);
    expect(cards.map(({ label }) => label).sort()).toEqual(['asks again', ...softKinds].sort());
    expect(cards[0]).toMatchObject({ pinPad: false, pin: 'good' });
  });

  test.each(['asks again', ...softKinds])('%s: signs, opens what is sealed to it, and nothing else', async (kind) => {
    const card = await open(kind);
    try {
      const message = utf8('a message');
      expect(cardSigned(card.signing, message, await card.sign(message))).toBe(true);
      const sealed = sealToCard(card.sealing, message, utf8('test'), systemRng);
      expect(await openWithCard(card, sealed, utf8('test'))).toEqual(message);
      sealed[sealed.length - 1]! ^= 1;
      await expect(openWithCard(card, sealed, utf8('test'))).rejects.toThrow(
        expect.objectContaining({ code: 'sealed-text' }),
      );
      expect(card.chain).toHaveLength(2);
      expect(card.opens).toBe(true);
    } finally {
      card.close();
    }
  });

  test.each(softKinds)('%s: enrols, consents, and consents again', async (kind) => {
    const registry = new PlayedRegistry(kind);
    const card = await open(kind);
    try {
      const [first, second] = [registry.physician('first'), registry.physician('second')];
      expect(await registry.visit('anna', first, 'enrol', card)).toEqual({ granted: false });
      expect(await registry.visit('anna', second, 'reidentify', card)).toEqual({ granted: true });
      expect(await registry.visit('anna', first, 'reidentify', card)).toEqual({ granted: true });
    } finally {
      card.close();
    }
  });

  test('a wrong PIN says so; what was typed is overwritten, and is in no message', async () => {
    const pin = pinBytes('918273');
    const error = await open('P-256', pin).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'card-pin' });
    expect(JSON.stringify(error) + (error as Error).stack).not.toContain('918273');
    expect(pin.every((byte) => byte === 0)).toBe(true);
  });

  test('a card that is in no reader, a driver that is not there, one that is none', async () => {
    const card = { reader: 'none', label: 'none', serial: '0' };
    const opened = (driver: string) => openCard({ driver, card, pin: pinBytes(), env: readers.env });
    await expect(opened(softHsm)).rejects.toMatchObject({ code: 'card-removed' });
    await expect(opened('/nowhere.so')).rejects.toMatchObject({ code: 'card-driver', culprit: '/nowhere.so' });
    await expect(opened(process.execPath)).rejects.toMatchObject({ code: 'card-driver' });
  });

  test('a driver that crashes is named, and takes no other card with it', async () => {
    const [one, other] = [await open('P-256'), await open('P-384')];
    // Those that listed the readers end by themselves.
    await vi.waitFor(() => expect(cardProcesses()).toHaveLength(2));
    process.kill(Number(cardProcesses()[0]), 'SIGKILL');
    const signed = await Promise.allSettled([one.sign(utf8('x')), other.sign(utf8('x'))]);
    expect(signed.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [lost] = [one.lost, other.lost].filter((error) => error !== undefined);
    expect(lost).toMatchObject({ code: 'card-driver', message: expect.stringContaining('crashed') });
    for (const card of [one, other]) card.close();
  });

  test('the PIN is in no argument and no environment of the process that has the card', async () => {
    const card = await open('P-256');
    const children = cardProcesses();
    expect(children).not.toEqual([]);
    for (const child of children) {
      const seen = readFileSync(`/proc/${child}/cmdline`, 'utf8') + readFileSync(`/proc/${child}/environ`, 'utf8');
      expect(seen).toContain('softhsm2.conf');
      expect(seen).not.toContain('4711');
    }
    card.close();
    await expect(card.sign(utf8('x'))).rejects.toMatchObject({ code: 'card-removed' });
    expect(card.lost).toMatchObject({ code: 'card-removed' });
  });
});
