import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base64, certificatePem } from '@symbolon/crypto';
import { CardAuthority } from '@symbolon/testkit/smartcards';
import { expect, onTestFinished, test } from 'vitest';
import { Authorities } from '../../src/common/authorities.ts';

const now = () => new Date();

function folder(): { home: { path: string }; put(name: string, content: string | Uint8Array): void } {
  const path = mkdtempSync(join(tmpdir(), 'symbolon-authorities-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  mkdirSync(join(path, 'cards'));
  return { home: { path }, put: (name, content) => writeFileSync(join(path, 'cards', name), content) };
}

const settings = { folder: 'cards', graceHours: 24 };
const pem = (what: string, der: Uint8Array) => `-----BEGIN ${what}-----\n${base64(der)}\n-----END ${what}-----\n`;

test('authorities and lists in DER and PEM; what is put there counts from the next certificate on', async () => {
  const { home, put } = folder();
  const one = await CardAuthority.root('One', Date.now());
  const other = await CardAuthority.root('Other', Date.now());
  const [card, others] = [await one.card({ commonName: 'A' }), await other.card({ commonName: 'B' })];
  put('one.pem', certificatePem(one.certificate));
  put('readme.txt', 'of no interest');
  const authorities = new Authorities(home, settings, now);
  const status = (chain: readonly Uint8Array[]) => authorities.check(chain, 'sign').status;
  expect(status(card.chain)).toBe('unknown');
  put('one.crl', pem('X509 CRL', await one.list()));
  expect(status(card.chain)).toBe('good');
  await one.revoke(card.certificate);
  put('one.crl', await one.list({ thisUpdate: Date.now() + 1000 }));
  expect(status(card.chain)).toBe('revoked');
  expect(() => status(others.chain)).toThrow(expect.objectContaining({ code: 'untrusted-certificate' }));
  put('other.crt', other.certificate);
  put('other.crl', await other.list());
  expect(status(others.chain)).toBe('good');
});

test('a folder without authorities, and a file that is none, are named', async () => {
  const { home, put } = folder();
  const make = (of = settings) => new Authorities(home, of, now);
  const named = (culprit: string) =>
    expect.objectContaining({ code: 'config-invalid', culprit: expect.stringContaining(culprit) });
  expect(() => make()).toThrow(named('cards'));
  expect(() => make({ ...settings, folder: 'nowhere' })).toThrow(named('nowhere'));
  const one = await CardAuthority.root('One', Date.now());
  put('one.der', one.certificate);
  const authorities = make();
  put('two.pem', '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n');
  expect(() => authorities.check([one.certificate], 'sign')).toThrow(named('two.pem'));
  put('two.pem', (await one.card({ commonName: 'A' })).certificate);
  expect(() => make()).toThrow(named('cards'));
});
