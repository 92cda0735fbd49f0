import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { SymbolonError } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import { createHome, homeConfigSchema, homePaths, openHome, parseConfig, renewTls } from '../src/index.ts';
import { now, temporaryFolder, testHome } from './homes.ts';

function failure(run: () => unknown): SymbolonError {
  try {
    run();
  } catch (error) {
    if (error instanceof SymbolonError) return error;
    throw error;
  }
  throw new Error('did not throw');
}

describe('a home', () => {
  test('is the owner’s alone, opens again, and shows no key when printed', async () => {
    const home = await testHome('fred');
    const paths = homePaths(home.path);
    expect(statSync(home.path).mode & 0o777).toBe(0o700);
    for (const key of [...(['organisation', 'recovery', 'signing', 'log'] as const).map(paths.key), paths.tls]) {
      expect(statSync(key).mode & 0o777, key).toBe(0o600);
    }
    const again = openHome(home.path);
    expect(again.card).toEqual(home.card);
    expect(again.card.address).toBe(`https://127.0.0.1:${home.config.listen.port}`);
    expect(again.readKey('recovery').keyId).not.toBe(again.signingKey.keyId);
    expect(inspect(again, { depth: 9 })).not.toContain('PRIVATE');
  });

  test('names the folder where there is none, or something else', async () => {
    const folder = temporaryFolder();
    expect(failure(() => openHome(join(folder, 'none')))).toMatchObject({ code: 'not-found' });
    writeFileSync(join(folder, 'letter.txt'), 'hello');
    const base = { id: 'fred', name: 'Fred', role: 'party', host: 'localhost', port: 0, now } as const;
    await expect(createHome({ ...base, path: folder })).rejects.toMatchObject({ code: 'conflict', culprit: folder });
    const long = join(folder, 'x'.repeat(110));
    await expect(createHome({ ...base, path: long })).rejects.toMatchObject({ code: 'config-invalid', culprit: long });
  });

  test('is not half there when making it fails', async () => {
    const path = join(temporaryFolder(), 'bad');
    const bad = { path, id: 'Not An Id', name: 'Fred', role: 'party', host: 'localhost', port: 0, now } as const;
    await expect(createHome(bad)).rejects.toMatchObject({ code: 'bad-document' });
    expect(failure(() => openHome(path)).code).toBe('not-found');
  });

  test('refuses every altered, missing or open file, and names it', async () => {
    const folder = temporaryFolder();
    const [fred, sally] = [await testHome('fred', 'party', folder), await testHome('sally', 'party', folder)];
    const [own, other] = [homePaths(fred.path), homePaths(sally.path)];
    const files = [own.config, own.card, own.key('signing'), own.key('log'), own.organisationCertificate, own.tls];
    const others = [
      other.config,
      other.card,
      other.key('signing'),
      other.key('log'),
      other.organisationCertificate,
      other.tls,
    ];
    for (const [i, file] of files.entries()) {
      const content = readFileSync(file);
      for (const damage of [
        () => rmSync(file),
        () => cpSync(others[i]!, file),
        () => writeFileSync(file, 'damaged'),
        () => [rmSync(file), mkdirSync(file)],
      ]) {
        damage();
        const { code, culprit } = failure(() => openHome(fred.path));
        expect(['config-invalid', ...(file === own.config ? ['not-found'] : [])]).toContain(code);
        if (code === 'config-invalid' && file !== own.card) expect(culprit).toBe(file);
        rmSync(file, { recursive: true, force: true });
        writeFileSync(file, content, { mode: 0o600 });
      }
    }
    for (const file of [own.key('signing'), own.key('recovery'), own.tls, own.keys, fred.path]) {
      const { mode } = statSync(file);
      chmodSync(file, mode | 0o040);
      expect(failure(() => openHome(fred.path))).toMatchObject({ code: 'config-invalid', culprit: file });
      chmodSync(file, mode);
    }
    rmSync(own.key('recovery'));
    rmSync(own.key('organisation'));
    const withoutSpareKeys = openHome(fred.path);
    expect(failure(() => withoutSpareKeys.readKey('organisation')).culprit).toBe(own.key('organisation'));
  });

  test('knows no setting that is not in its manual', () => {
    const sample = readFileSync(join(import.meta.dirname, 'sample-config.json'), 'utf8');
    expect(parseConfig(homeConfigSchema, sample, 'sample').peerSeconds).toBe(120);
    const misspelt = sample.replace('"hosts"', '"host"');
    expect(failure(() => parseConfig(homeConfigSchema, misspelt, 'sample'))).toMatchObject({ code: 'config-invalid' });
  });

  test('renews its TLS certificate a month before it ends, not before', async () => {
    const home = await testHome('fred');
    const before = home.tls().certificate;
    expect(await renewTls(home, { now })).toBe(false);
    expect(await renewTls(home, { now: () => new Date(Date.now() + 380 * 86_400_000) })).toBe(true);
    expect(openHome(home.path).tls().certificate).not.toBe(before);
  });
});

describe('partners', () => {
  test('are kept, found by key and certificate, and never replaced by other keys', async () => {
    const fred = await testHome('fred');
    const sally = await testHome('sally');
    const impostor = await testHome('sally');
    fred.partners.add(sally.cardFile);
    fred.partners.add(sally.cardFile);
    expect(failure(() => fred.partners.add(impostor.cardFile))).toMatchObject({ code: 'conflict', culprit: 'sally' });
    expect(failure(() => fred.partners.add(fred.cardFile))).toMatchObject({ code: 'conflict' });
    expect(failure(() => fred.partners.get('nobody'))).toMatchObject({ code: 'unknown-organisation' });
    const again = openHome(fred.path).partners;
    expect(again.list()).toEqual([sally.card]);
    expect(again.byOrganisationKey(sally.card.organisationKey)).toEqual(sally.card);
    const leaf = (certificate: string) => certificate.slice(0, certificate.indexOf('-----END') + 26);
    expect(again.issuerOf(leaf(sally.tls().certificate))?.id).toBe('sally');
    expect(again.issuerOf(leaf(impostor.tls().certificate))).toBeUndefined();
  });
});
