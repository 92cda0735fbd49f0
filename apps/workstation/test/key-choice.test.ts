import { CardAuthority, type CertificateOptions } from '@symbolon/testkit/smartcards';
import { beforeAll, describe, expect, test } from 'vitest';
import { cardFault } from '../src/card/faults.ts';
import { chooseKeys } from '../src/card/key-choice.ts';
import type { Certificate } from '../src/card/requests.ts';

// RFC 5280 §4.2.1.3 as @peculiar/x509 counts bits.
const use = { sign: 1, own: 2, encipher: 4, agree: 16 };

describe('keys of a card', () => {
  let root: CardAuthority;
  let authority: CardAuthority;
  beforeAll(async () => {
    root = await CardAuthority.root('Cards of a country', Date.now());
    authority = await root.authority('Cards of 2026');
  });

  const certificate = async (key: string | undefined, options: CertificateOptions): Promise<Certificate> => {
    const { certificate: der } = await authority.card({ commonName: 'Anna' }, options);
    return { der, key };
  };

  test('are chosen by their use, as on PIV cards: 9A signs, 9D is sealed to, 9C is left alone', async () => {
    const [signing, own, sealing] = [
      await certificate('01', { usage: use.sign }),
      await certificate('02', { usage: use.sign | use.own }),
      await certificate('03', { usage: use.agree }),
    ];
    const above = authority.chain().map((der): Certificate => ({ der, key: undefined }));
    const chosen = chooseKeys([own, sealing, ...above, signing]);
    expect(chosen.signing.id).toBe('01');
    expect(chosen.sealing?.id).toBe('03');
    expect(chosen.chain).toEqual([signing.der, ...above.map(({ der }) => der)]);
  });

  test('of an authority are no key of the holder; a certificate without its key is none either', async () => {
    const only = await certificate('05', { kind: 'rsa-2048' });
    const chosen = chooseKeys([await certificate(undefined, {}), only]);
    expect([chosen.signing.id, chosen.sealing?.id]).toEqual(['05', '05']);
  });

  test('that only sign leave nothing to seal to', async () => {
    const chosen = chooseKeys([await certificate('01', { usage: use.sign })]);
    expect(chosen.sealing).toBeUndefined();
  });

  test('of other kinds, and what is no certificate, are left aside', async () => {
    const good = await certificate('09', { usage: null });
    const broken: Certificate[] = [new Uint8Array(), good.der.slice(0, -1), new Uint8Array(300).fill(0x30)].map(
      (der, i) => ({
        der,
        key: `0${i}`,
      }),
    );
    expect(chooseKeys([...broken, good]).signing.id).toBe('09');
    expect(() => chooseKeys(broken)).toThrow(expect.objectContaining({ code: 'card-key' }));
    expect(() => chooseKeys([])).toThrow(expect.objectContaining({ code: 'card-key' }));
  });
});

test.each([
  ['CKR_PIN_INCORRECT', 'open', 'card-pin'],
  ['CKR_PIN_LOCKED', 'open', 'card-pin'],
  ['CKR_DEVICE_REMOVED', 'agree', 'card-removed'],
  ['CKR_TOKEN_NOT_PRESENT', 'sign', 'card-removed'],
  ['CKR_ENCRYPTED_DATA_INVALID', 'decrypt', 'sealed-text'],
  ['CKR_DEVICE_ERROR', 'agree', 'sealed-text'],
  ['CKR_DEVICE_ERROR', 'sign', 'card-driver'],
  ['not-loaded', 'readers', 'card-driver'],
] as const)('%s, asked to %s, is %s', (failed, ask, code) => {
  expect(cardFault({ failed, pin: 'last' }, ask, '/driver.so').code).toBe(code);
});
