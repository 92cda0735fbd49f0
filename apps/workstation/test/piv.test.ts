import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@symbolon/crypto';
import { CardAuthority, type CardKind } from '@symbolon/testkit/smartcards';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PlayedRegistry } from '../../../packages/consent/test/registry.ts';
import { listReaders, openCard } from '../src/card/open-card.ts';
import type { CardName } from '../src/card/requests.ts';
import { PivCard } from './support/piv/card.ts';
import { openSc, readersAreHere, VirtualReaders } from './support/piv/reader.ts';

const pin = '123456';
// RFC 5280 §4.2.1.3 as @peculiar/x509 counts bits.
const usages = { sign: 1, keyEncipherment: 4, keyAgreement: 16 };

async function pivCard(authority: CardAuthority, kind: CardKind, guid: string): Promise<PivCard> {
  const seal = kind.startsWith('rsa') ? usages.keyEncipherment : usages.keyAgreement;
  const holder = { commonName: `Anna ${kind}` };
  const [signing, sealing] = [
    await authority.card(holder, { kind, usage: usages.sign }),
    await authority.card(holder, { kind, usage: seal }),
  ];
  return new PivCard({ pin, guid, keys: { '9a': signing, '9d': sealing } });
}

describe.skipIf(!readersAreHere())('PIV cards in readers of pcscd, through OpenSC', () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-piv-'));
  // OpenSC keeps what it has read of cards.
  const env = { ...process.env, HOME: folder, XDG_CACHE_HOME: folder };
  let readers: VirtualReaders;
  let cards: readonly [PivCard, PivCard];
  let names: readonly CardName[];

  beforeAll(async () => {
    const authority = await CardAuthority.root('Cards of a country', Date.now());
    cards = [
      await pivCard(authority, 'P-256', '00112233445566778899aabbccddeeff'),
      await pivCard(authority, 'rsa-2048', '00112233445566778899aabbccddeef0'),
    ];
    readers = await VirtualReaders.start(folder);
    await readers.insert(0, cards[0]);
    await readers.insert(1, cards[1]);
    names = [await inReader(0), await inReader(1)];
  });
  afterAll(async () => {
    await readers.stop();
    rmSync(folder, { recursive: true });
  });

  const inReader = async (number: 0 | 1): Promise<CardName> => {
    const found = (await listReaders(openSc, env)).filter(({ reader }) => reader.endsWith(`0${number}`));
    return { reader: found[0]!.reader, ...found.find(({ card }) => card !== undefined)!.card! };
  };
  const open = async (number: 0 | 1, typed = pin) =>
    openCard({ driver: openSc, card: names[number]!, pin: new Uint8Array(Buffer.from(typed)), env });

  test.each([
    ['P-256', 0],
    ['RSA of 2048 bits', 1],
  ] as const)('%s: keys are chosen by their use; enrols, and consents at another physician', async (_, number) => {
    const card = await open(number);
    try {
      expect(card.signing).not.toEqual(card.sealing);
      const registry = new PlayedRegistry(`piv ${number}`);
      const [first, second] = [registry.physician('first'), registry.physician('second')];
      expect(await registry.visit('anna', first, 'enrol', card)).toEqual({ granted: false });
      expect(await registry.visit('anna', second, 'reidentify', card)).toEqual({ granted: true });
    } finally {
      card.close();
    }
  });

  test('a wrong PIN is counted by the card', async () => {
    await expect(open(0, '000000')).rejects.toMatchObject({ code: 'card-pin' });
    await expect(open(0, '000001')).rejects.toMatchObject({
      code: 'card-pin',
      message: expect.stringContaining('one more'),
    });
    (await open(0)).close();
  });

  test('a card that is pulled out in mid-step says so, and serves again when it is back', async () => {
    const registry = new PlayedRegistry('pulled');
    const [first, second] = [registry.physician('first'), registry.physician('second')];
    const card = await open(0);
    await registry.visit('anna', first, 'enrol', card);
    const challenge = await registry.start(registry.ticket('anna', second, 'reidentify'), second);
    const drafted = expect(registry.draft('anna', second, 'reidentify', card, challenge)).rejects.toMatchObject({
      code: 'consent-unanswered',
    });
    await readers.pull(0);
    await drafted;
    await expect(card.sign(utf8('anything'))).rejects.toMatchObject({ code: 'card-removed' });
    expect(card.lost).toMatchObject({ code: 'card-removed' });
    card.close();
    await expect(inReader(0)).rejects.toThrow();
    await readers.insert(0, cards[0]);
    const again = await open(0);
    // The challenge still stands.
    const draft = await registry.draft('anna', second, 'reidentify', again, challenge);
    expect(draft.answer.secret).not.toBeNull();
    again.close();
  }, 120_000);
});
