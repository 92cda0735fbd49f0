import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@symbolon/crypto';
import type { CardAuthority, CardKind } from '@symbolon/testkit/smartcards';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PlayedRegistry } from '../../../packages/consent/test/registry.ts';
import { listReaders, openCard } from '../src/card/open-card.ts';
import type { CardName } from '../src/card/requests.ts';
import type { VisitStep } from '../src/index.ts';
import { PivCard } from './support/piv/card.ts';
import { openSc, readersAreHere, VirtualReaders } from './support/piv/reader.ts';
import { anna, holderOf, TestRegistry } from './support/registry.ts';

const pin = '123456';
// RFC 5280 §4.2.1.3 as @peculiar/x509 counts bits.
const usages = { sign: 1, keyEncipherment: 4, keyAgreement: 16 };

async function pivCard(authority: CardAuthority, kind: CardKind, guid: string): Promise<PivCard> {
  const seal = kind.startsWith('rsa') ? usages.keyEncipherment : usages.keyAgreement;
  const holder = holderOf(anna);
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
  let registry: TestRegistry;
  let cards: readonly [PivCard, PivCard];
  let names: readonly CardName[];

  beforeAll(async () => {
    registry = await TestRegistry.start();
    const { authority } = registry;
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
    await registry.close();
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

  test('at real servers: a card that is pulled out while it answers says so, and answers when it is back', async () => {
    const clinic = await registry.logIn(registry.clinic, await registry.professional('Dr. A'));
    const practice = await registry.logIn(registry.practice, await registry.professional('Dr. B'));
    const card = await open(0);
    const { relation: first } = await clinic.relation(anna);
    expect(await clinic.visit(first, { operation: 'enrol', card, purpose: 'first' })).toMatchObject({ state: 'done' });
    const { relation } = await practice.relation(anna);
    let pulled: Promise<void> | undefined;
    const consent = { operation: 'reidentify', purpose: 'second opinion', groups: ['general'] } as const;
    const progress = (step: VisitStep): void => {
      if (step === 'patient-card') pulled = readers.pull(0);
    };
    await expect(practice.visit(relation, { ...consent, card, progress })).rejects.toMatchObject({
      code: 'card-removed',
    });
    await pulled;
    await expect(card.sign(utf8('anything'))).rejects.toMatchObject({ code: 'card-removed' });
    card.close();
    await expect(open(0)).rejects.toMatchObject({ code: 'card-removed' });
    await readers.insert(0, cards[0]);
    const again = await open(0);
    expect(await practice.visit(relation, { ...consent, card: again })).toMatchObject({ grant: { kind: 'consent' } });
    again.close();
  });
});
