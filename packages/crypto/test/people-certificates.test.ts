import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CardAuthority, cardKinds, cardPrivateKey, type IssuedCard, x509Library } from '@symbolon/testkit/smartcards';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CertificateTrust, certificateTrust, checkCertificate } from '../src/index.ts';

const now = Date.UTC(2026, 5, 1);
const day = 86_400_000;
const anna = { commonName: 'Ánna Meier', givenName: 'Ánna', surname: 'Meier', serialNumber: 'PNO-123' };
const asked = { now, grace: day, use: 'sign' as const };
const untrusted = (message: RegExp) =>
  expect.objectContaining({ code: 'untrusted-certificate', message: expect.stringMatching(message) });
const malformed = expect.objectContaining({ code: 'bad-certificate' });

let root: CardAuthority;
let middle: CardAuthority;
let card: IssuedCard;
let trust: CertificateTrust;
beforeAll(async () => {
  root = await CardAuthority.root('Cards of XX', now, { kind: 'P-384' });
  middle = await root.authority('Cards of people', { kind: 'rsa-2048', pathLength: 0 });
  card = await middle.card(anna);
  trust = await trustOf([root], [await root.list(), await middle.list()]);
});

const trustOf = async (authorities: CardAuthority[], lists: Uint8Array[]) =>
  certificateTrust({ authorities: authorities.map(({ certificate }) => certificate), lists });

describe('a certificate of a person', () => {
  test('is good where a trusted authority issued it and fresh lists do not have it', () => {
    expect(checkCertificate(card.chain, trust, asked)).toEqual({
      status: 'good',
      reasons: [],
      subject: anna,
      notBefore: now - 365 * day,
      notAfter: now + 5 * 365 * day,
    });
  });

  test.each(cardKinds)('may have %s, under an authority that has the same', async (kind) => {
    const privateKey = cardPrivateKey(kind);
    const authority = await CardAuthority.root(`Cards with ${kind}`, now, { privateKey });
    const own = await authority.card(anna, { privateKey });
    const { status } = checkCertificate(own.chain, await trustOf([authority], [await authority.list()]), asked);
    expect(status).toBe('good');
  });

  test('intermediate certificates stand in any order, also more than are needed', async () => {
    const stranger = await CardAuthority.root('Cards of people', now);
    const low = await (await root.authority('First')).authority('Second');
    const deep = await low.card(anna);
    const lists = [await root.list()];
    const shown = [deep.chain[0]!, stranger.certificate, ...deep.chain.slice(1).reverse(), middle.certificate];
    expect(checkCertificate(shown, await trustOf([root], lists), asked).reasons).toHaveLength(2);
  });

  test('that has expired, or begins later, says so', async () => {
    const at = (time: number) => checkCertificate(card.chain, trust, { ...asked, grace: 100 * 365 * day, now: time });
    expect(at(now + 5 * 365 * day).status).toBe('good');
    expect(at(now + 5 * 365 * day + 1)).toMatchObject({
      status: 'expired',
      reasons: [
        'the certificate was valid until 2031-05-31 00:00',
        'an intermediate authority was valid until 2031-05-31 00:00',
        'the authority was valid until 2031-05-31 00:00',
      ],
    });
    const later = await middle.card(anna, { notBefore: now + day });
    expect(checkCertificate(later.chain, trust, asked)).toMatchObject({
      status: 'expired',
      reasons: ['the certificate is valid only from 2026-06-02 00:00'],
    });
  });

  test('a renewed intermediate certificate counts where the old one has expired', async () => {
    const old = await root.authority('Renewed', { notAfter: now - day });
    const renewed = await root.authority('Renewed', { privateKey: old.privateKey });
    const own = await old.card(anna);
    const lists = await trustOf([root], [await root.list(), await old.list()]);
    expect(checkCertificate(own.chain, lists, asked).status).toBe('expired');
    expect(checkCertificate([...own.chain, renewed.certificate], lists, asked).status).toBe('good');
  });
});

describe('revocation lists', () => {
  test('say who is revoked, of people and of authorities', async () => {
    const [other, lost] = [await root.authority('Other'), await middle.card(anna)];
    const own = await other.card(anna);
    await middle.revoke(lost.certificate, now - day);
    await root.revoke(other.certificate, now - day);
    const lists = await trustOf([root], [await root.list(), await middle.list(), await other.list()]);
    expect(checkCertificate(card.chain, lists, asked).status).toBe('good');
    expect(checkCertificate(lost.chain, lists, asked)).toMatchObject({
      status: 'revoked',
      reasons: ['the certificate was revoked on 2026-05-31 00:00'],
    });
    expect(checkCertificate(own.chain, lists, asked)).toMatchObject({
      status: 'revoked',
      reasons: ['an intermediate authority was revoked on 2026-05-31 00:00'],
    });
    const stale = { ...asked, now: now + 300 * day };
    expect(checkCertificate(lost.chain, lists, stale).status).toBe('revoked');
    await middle.release(lost.certificate);
    const newer = await middle.list({ thisUpdate: now + 1000 });
    const both = await trustOf([root], [await middle.list(), newer, await root.list()]);
    expect(checkCertificate(lost.chain, both, asked).status).toBe('good');
  });

  test('have to be there, of each authority, and fresh within the grace', async () => {
    const unknown = async (lists: Uint8Array[], time = now) =>
      checkCertificate(card.chain, await trustOf([root], lists), { ...asked, now: time });
    const [above, below] = [await root.list(), await middle.list()];
    const none = 'may be revoked: no revocation list of its issuer is known here';
    expect(await unknown([])).toMatchObject({
      status: 'unknown',
      reasons: [`the certificate ${none}`, `an intermediate authority ${none}`],
    });
    expect((await unknown([above])).reasons).toEqual([`the certificate ${none}`]);
    expect((await unknown([below])).reasons).toEqual([`an intermediate authority ${none}`]);
    expect((await unknown([above, below], now + 8 * day)).status).toBe('good');
    expect(await unknown([above, below], now + 8 * day + 1)).toMatchObject({
      status: 'unknown',
      reasons: [
        'the certificate may be revoked: a new list of its issuer was due on 2026-06-08 00:00',
        'an intermediate authority may be revoked: a new list of its issuer was due on 2026-06-08 00:00',
      ],
    });
    expect((await unknown([above, await middle.list({ thisUpdate: now + day })])).status).toBe('unknown');
  });

  test('of a namesake, or of an authority that may not sign lists, say nothing', async () => {
    const namesake = await CardAuthority.root('Cards of people', now);
    await namesake.revoke(card.certificate);
    const lists = await trustOf([root], [await root.list(), await middle.list(), await namesake.list()]);
    expect(checkCertificate(card.chain, lists, asked).status).toBe('good');
    const silent = await root.authority('Silent', { usage: 32 });
    const own = await silent.card(anna);
    const others = await trustOf([root], [await root.list(), await silent.list()]);
    expect(checkCertificate(own.chain, others, asked).status).toBe('unknown');
  });

  test('that are partial, indirect or never due again are refused when they are read', async () => {
    const x509 = await x509Library();
    const partial = new x509.Extension('2.5.29.28', true, new Uint8Array([0x30, 0]));
    for (const list of [
      await middle.list({ extensions: [partial] }),
      await middle.list({ nextUpdate: null }),
      middle.certificate,
    ]) {
      const read = () => certificateTrust({ authorities: [], lists: [list] });
      expect(read).toThrow(expect.objectContaining({ code: 'bad-certificate', culprit: 'revocation list 1' }));
    }
  });
});

describe('is refused', () => {
  const refuse = (chain: readonly Uint8Array[], message: RegExp, use: 'sign' | 'open' = 'sign', by = trust) =>
    expect(() => checkCertificate(chain, by, { ...asked, use })).toThrow(untrusted(message));

  test('what no trusted authority issued, whatever names it has', async () => {
    const otherRoot = await CardAuthority.root('Cards of XX', now);
    const other = await otherRoot.authority('Cards of people');
    const forged = await other.card(anna);
    refuse(forged.chain, /no authority that is trusted here/);
    refuse([forged.certificate, middle.certificate], /no authority/);
    refuse([card.certificate, other.certificate], /no authority/);
    refuse([card.certificate], /no authority/);
    refuse(card.chain, /no authority/, 'sign', await trustOf([], []));
  });

  test('what a person issued, or an authority that may not', async () => {
    const person = await middle.authority('a person', { usage: 1 });
    refuse((await person.card(anna)).chain, /no authority/);
    // `middle` may have no authority below it.
    refuse((await (await middle.authority('Too deep')).card(anna)).chain, /no authority/);
    const second = await (await root.authority('First')).authority('Second');
    const third = await second.authority('Third');
    expect(checkCertificate((await second.card(anna)).chain, trust, asked).status).toBe('unknown');
    refuse((await third.card(anna)).chain, /no authority/);
  });

  test('an authority, or a key for something else', async () => {
    refuse(middle.chain(), /of an authority, not of a person/);
    const only = async (usage: number | null, purposes?: string[]) =>
      (await middle.card(anna, { usage, ...(purposes === undefined ? {} : { purposes }) })).chain;
    refuse(await only(4), /does not allow this key to sign/);
    refuse(await only(1), /does not allow this key to open/, 'open');
    refuse(await only(null, ['1.3.6.1.5.5.7.3.1']), /not for a person/);
    for (const [usage, purposes, use] of [
      [1, undefined, 'sign'],
      [2, ['2.5.29.37.0'], 'sign'],
      [4, undefined, 'open'],
      [16, ['1.3.6.1.5.5.7.3.2'], 'open'],
      [null, undefined, 'open'],
    ] as const) {
      const chain = await only(usage, purposes === undefined ? undefined : [...purposes]);
      expect(checkCertificate(chain, trust, { ...asked, use }).status).toBe('good');
    }
  });

  test('critical extensions that nothing here understands: name constraints of an authority, too', async () => {
    const x509 = await x509Library();
    const constraints = new x509.Extension('2.5.29.30', true, new Uint8Array([0x30, 0]));
    refuse((await middle.card(anna, { extensions: [constraints] })).chain, /critical extensions.*2\.5\.29\.30/);
    const narrow = await root.authority('Narrow', { extensions: [constraints] });
    refuse((await narrow.card(anna)).chain, /no authority/);
    await expect(trustOf([narrow], [])).rejects.toThrow(malformed);
  });

  test('RSA of 1024 bits', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const weak = await CardAuthority.root('Weak', now, { privateKey });
    refuse((await weak.card(anna)).chain, /no authority/, 'sign', await trustOf([weak], []));
  });

  test('bytes that are no certificate: cut, lengthened, changed', () => {
    expect(() => checkCertificate([], trust, asked)).toThrow(malformed);
    expect(() => checkCertificate(Array(9).fill(card.certificate), trust, asked)).toThrow(malformed);
    expect(() => checkCertificate([new Uint8Array(16_385)], trust, asked)).toThrow(malformed);
    const { certificate } = card;
    const refusal = expect.objectContaining({ code: expect.stringMatching(/^(bad|untrusted)-certificate$/) });
    for (let length = 0; length < certificate.length; length++) {
      expect(() => checkCertificate([certificate.slice(0, length)], trust, asked)).toThrow(malformed);
    }
    expect(() => checkCertificate([new Uint8Array([...certificate, 0]), ...middle.chain()], trust, asked)).toThrow(
      malformed,
    );
    for (let at = 0; at < certificate.length; at++) {
      const changed = certificate.slice();
      changed[at]! ^= 1 << (at % 8);
      expect(() => checkCertificate([changed, ...middle.chain()], trust, asked), `byte ${at}`).toThrow(refusal);
    }
  });

  test('any bytes, by the same two errors', () => {
    const refusal = expect.objectContaining({ code: 'bad-certificate' });
    const nested = fc.letrec<{ der: number[] }>((tie) => ({
      der: fc
        .oneof(
          fc.tuple(fc.constantFrom(1, 2, 3, 4, 6, 23), fc.array(fc.nat(255), { maxLength: 20 })),
          fc.tuple(
            fc.constantFrom(48, 49, 160, 163),
            fc.array(tie('der'), { maxLength: 7 }).map((parts) => parts.flat()),
          ),
        )
        .map(([tag, content]) => [
          tag,
          ...(content.length < 128 ? [content.length] : [130, content.length >> 8, content.length & 255]),
          ...content,
        ]),
    })).der;
    fc.assert(
      fc.property(nested, (bytes) => {
        const der = Uint8Array.from(bytes);
        expect(() => checkCertificate([der], trust, asked)).toThrow(refusal);
        expect(() => certificateTrust({ authorities: [], lists: [der] })).toThrow(refusal);
      }),
      { numRuns: 300 },
    );
  });
});

const missing = spawnSync('openssl', ['version']).status === 0 ? '' : ' (skipped: needs openssl on the PATH)';
describe.skipIf(missing !== '')(`as openssl makes them${missing}`, () => {
  test('RSASSA-PSS is understood with SHA-2, and not with SHA-1, nor is PKCS #1 with SHA-1', () => {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-certificates-'));
    const openssl = (...args: string[]) =>
      execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const subject = ['-subj', '/CN=Root', '-days', '36500', '-nodes', '-newkey', 'rsa:2048'];
      const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-outform', 'DER', '-out', 'root.der'];
      openssl('req', '-x509', ...subject, ...ca, '-keyout', 'root.key');
      openssl('x509', '-in', 'root.der', '-inform', 'DER', '-out', 'root.pem');
      openssl(
        'req',
        '-new',
        '-subj',
        '/CN=Anna/serialNumber=1',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'leaf.key',
        '-out',
        'leaf.csr',
      );
      const root = new Uint8Array(execFileSync('cat', [join(folder, 'root.der')]));
      const pss = (hash: string) => ['-sigopt', 'rsa_padding_mode:pss', `-${hash}`];
      const leaf = (how: string[]) =>
        new Uint8Array(
          openssl(
            'x509',
            '-req',
            '-in',
            'leaf.csr',
            '-CA',
            'root.pem',
            '-CAkey',
            'root.key',
            '-days',
            '36500',
            '-outform',
            'DER',
            ...how,
          ),
        );
      const status = (how: string[]) => {
        const by = certificateTrust({ authorities: [root], lists: [] });
        const at = { ...asked, now: Date.UTC(2060, 0) };
        return checkCertificate([leaf(how)], by, at);
      };
      for (const how of [pss('sha256'), pss('sha384'), pss('sha512'), ['-sha256'], ['-sha512']]) {
        expect(status(how)).toMatchObject({ status: 'unknown', subject: { commonName: 'Anna', serialNumber: '1' } });
      }
      for (const how of [pss('sha1'), ['-sha1']]) expect(() => status(how)).toThrow(untrusted(/no authority/));
      writeFileSync(join(folder, 'index.txt'), '');
      const config =
        '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n';
      writeFileSync(join(folder, 'number'), '01\n');
      writeFileSync(join(folder, 'ca.cnf'), config);
      openssl('ca', '-config', 'ca.cnf', '-gencrl', '-keyfile', 'root.key', '-cert', 'root.pem', '-out', 'list.pem');
      const list = new Uint8Array(openssl('crl', '-in', 'list.pem', '-outform', 'DER'));
      const by = certificateTrust({ authorities: [root], lists: [list] });
      expect(checkCertificate([leaf(['-sha256'])], by, { ...asked, now: Date.now() + 60_000 }).status).toBe('good');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
