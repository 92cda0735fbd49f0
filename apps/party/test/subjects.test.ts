import { createHmac } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homePaths, type Person } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { foldIdentifier, Identifiers } from '../src/subjects/identifiers.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

const ann: Person = { kind: 'user', id: 'ann', roles: ['privacy-officer'] };
const bob: Person = { kind: 'user', id: 'bob', roles: ['data-steward'] };

describe('identifiers', () => {
  test.each([
    ['M-100', 'm-100'],
    [' m -1 00\t', 'm-100'],
    ['ＡＢ１', 'ab1'],
    ['00123', '123'],
    ['123.00', '123'],
    ['000', '0'],
    ['0012A', '0012a'],
    ['1.50', '1.50'],
    ['\u00a0', null],
  ])('%j is compared as %j', (text, folded) => expect(foldIdentifier(text)).toBe(folded));

  test('folding again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const folded = foldIdentifier(text);
        if (folded !== null) expect(foldIdentifier(folded)).toBe(folded);
      }),
    );
  });

  test('hashes are HMAC-SHA-256', () => {
    const key = new Uint8Array(32).map((_, i) => i);
    const place = Buffer.from([
      2,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      ...Buffer.from('ab'),
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      ...Buffer.from('c'),
    ]);
    const own = createHmac('sha256', key).update(place).digest();
    const expected = (text: string) => createHmac('sha256', own).update(text).digest('base64url');
    for (const text of ['m-1', 'é', 'x'.repeat(200)])
      expect(new Identifiers(key, 'ab', 'c').hash(text)).toBe(expected(text));
  });

  test('hashes depend on the key, the data set, the column and the value, and on nothing else', () => {
    const [key, other] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
    const hashes = [
      new Identifiers(key, 'members', 'id').hash('1'),
      new Identifiers(key, 'members', 'id').hash('2'),
      new Identifiers(key, 'members', 'i').hash('d1'),
      new Identifiers(key, 'membersi', 'd').hash('1'),
      new Identifiers(other, 'members', 'id').hash('1'),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(new Identifiers(key, 'members', 'id').hash(' 01')).toBe(hashes[0]);
    expect(new Identifiers(key, 'members', 'id').hash(null)).toBe(null);
  });
});

onBothDatabases(() => {
  let network: TestNetwork;
  let agreement: string;
  beforeEach(async () => {
    network = await testNetwork();
    onTestFinished(() => network.close());
    agreement = await agree(network, { signed: false });
  });

  test('people are listed, taken off again by their scope, and counted, never named', async () => {
    await network.fred(async ({ subjects, log }) => {
      const people = { dataset: 'members', values: ['M-100', 'm-100', 'M-101', 'nobody'] };
      expect(await subjects.optOut(people)).toEqual({ dataset: 'members', column: 'medicaid', people: 3, records: 2 });
      await subjects.optOut(people);
      await subjects.optOut({ ...people, values: ['M-100'] }, { purpose: 'HRESCH' });
      await subjects.optOut({ ...people, column: 'Name', values: ['Eve Long'] }, { agreement, from: '2027-01-01' });
      const group = {
        dataset: 'members',
        column: 'medicaid',
        agreement: null,
        purpose: null,
        from: null,
        erased: false,
      };
      expect(await subjects.list()).toEqual([
        { ...group, people: 3 },
        { ...group, purpose: 'HRESCH', people: 1 },
        { ...group, column: 'name', agreement, from: '2027-01-01', people: 1 },
      ]);
      const optIn = (terms: object) =>
        subjects.optIn({ dataset: 'members', column: 'medicaid', values: ['M-100'] }, terms);
      expect(await optIn({ agreement })).toMatchObject({ people: 0 });
      expect(await optIn({ purpose: 'HRESCH' })).toMatchObject({ people: 1 });
      expect(await subjects.list()).toMatchObject([{ people: 3 }, { column: 'name', people: 1 }]);
      expect(log.size).toBe(6);
    });
  });

  test('what cannot be meant is refused, and nothing is kept or logged', async () => {
    await network.fred(async ({ subjects, log }) => {
      const before = log.size;
      const people = { dataset: 'members', values: ['M-100'] };
      const refused = (work: Promise<unknown>, code: string) => expect(work).rejects.toMatchObject({ code });
      await refused(subjects.optOut({ ...people, dataset: 'nothing' }), 'not-found');
      await refused(subjects.optOut({ ...people, column: 'medicade' }), 'data-missing-column');
      await refused(subjects.optOut({ ...people, values: [' '] }), 'request-invalid');
      await refused(subjects.optOut(people, { agreement: 'zzzzzzzz' }), 'not-found');
      await refused(subjects.lift('AAAAAAAAAAAA', ann), 'not-found');
      expect([await subjects.list(), log.size]).toEqual([[], before]);
    });
  });

  test('where several columns tell people apart, one is named', async () => {
    await network.fred(async ({ subjects }) => {
      await subjects.optOut({ dataset: 'members', column: 'name', values: ['Eve Long'] });
      const optOut = subjects.optOut({ dataset: 'members', values: ['M-100'] });
      await expect(optOut).rejects.toMatchObject({ code: 'request-invalid', culprit: 'column' });
    });
  });

  test('a source that cannot be read keeps nobody from opting out', async () => {
    rmSync(join(network.folder, 'members.csv'));
    await network.fred(async ({ subjects }) => {
      expect(await subjects.optOut({ dataset: 'members', values: ['M-100'] })).toMatchObject({
        people: 1,
        records: null,
      });
    });
  });

  test('a hold stands until its last day, or until two different users lift it', async () => {
    await network.fred(async ({ subjects, agreements, audit }) => {
      const { id } = await subjects.hold({ dataset: 'members', reason: 'Case 12' }, ann);
      expect(await audit.erase(0, 'Case 12', ann)).toMatchObject({ erased: false });
      await expect(audit.erase(0, 'Case 12', bob)).rejects.toMatchObject({ code: 'legal-hold' });
      const erase = (value: string) => subjects.erase({ dataset: 'members', values: [value] });
      await expect(erase('M-100')).rejects.toMatchObject({
        code: 'legal-hold',
        culprit: id,
        message: expect.stringMatching(
          new RegExp(`^the hold ${id} on members, set by ann on .*, stands until two people`),
        ),
      });
      await expect(agreements.discard(agreement)).rejects.toMatchObject({ code: 'legal-hold' });
      expect(await subjects.list()).toEqual([]);
      // Opting out deletes nothing.
      await subjects.optOut({ dataset: 'members', values: ['M-100'] });

      await expect(subjects.lift(id)).rejects.toMatchObject({ code: 'forbidden' });
      expect(await subjects.lift(id, ann)).toMatchObject({ stands: true, liftAskedBy: 'ann' });
      await expect(subjects.lift(id, ann)).rejects.toMatchObject({ code: 'conflict' });
      await expect(erase('M-100')).rejects.toMatchObject({ code: 'legal-hold' });
      expect(await subjects.lift(id, bob)).toMatchObject({ stands: false, liftedBy: 'bob' });
      await expect(subjects.lift(id, bob)).rejects.toMatchObject({ code: 'conflict' });

      expect(await audit.erase(0, 'Case 12', bob)).toMatchObject({ erased: true });
      await subjects.hold({ dataset: 'members', reason: 'Over', until: '2020-01-01' }, ann);
      expect(await erase('M-100')).toMatchObject({ people: 1, matches: 0 });
      expect(await subjects.list()).toMatchObject([{ erased: true, people: 1 }]);
      await agreements.discard(agreement);
    });
  });

  test('a hold on a person keeps that one, and whoever cannot be told from them', async () => {
    await network.fred(async ({ subjects }) => {
      await subjects.hold({ dataset: 'members', value: 'M-100', reason: 'Case 13', until: '2099-12-31' }, ann);
      const erase = (value: string, column?: string) => subjects.erase({ dataset: 'members', column, values: [value] });
      await expect(erase('m-100')).rejects.toMatchObject({
        code: 'legal-hold',
        message: expect.stringContaining('a person in members'),
      });
      await expect(erase('Ann Müller', 'name')).rejects.toMatchObject({ code: 'legal-hold' });
      expect(await erase('M-101')).toMatchObject({ people: 1 });
    });
  });

  test('who lifts a hold several times at once is one person', async () => {
    await network.fred(async ({ subjects }) => {
      const { id } = await subjects.hold({ dataset: 'members', reason: 'Case 14' }, ann);
      await Promise.allSettled([1, 2, 3].map(() => subjects.lift(id, ann)));
      expect(await subjects.holds()).toMatchObject([{ stands: true, liftAskedBy: 'ann', liftedBy: null }]);
    });
  });

  test('without its key, or with another, nobody can tell who takes no part: nothing runs', async () => {
    const { listKey } = homePaths(network.homes.fred.path);
    await network.fred(({ subjects }) => subjects.optOut({ dataset: 'members', values: ['M-100'] }));
    const key = readFileSync(listKey);
    const check = () =>
      network.fred(async ({ agreements }) => {
        const { findings } = await agreements.check(agreement);
        return findings.find(({ check: what }) => what === 'own table');
      });
    expect(await check()).toMatchObject({ state: 'ok', text: 'members: 4 rows fit the agreement' });
    writeFileSync(listKey, `${'A'.repeat(43)}\n`);
    expect(await check()).toMatchObject({ state: 'fault', code: 'config-invalid' });
    rmSync(listKey);
    expect(await check()).toMatchObject({ state: 'fault', code: 'config-invalid' });
    writeFileSync(listKey, key, { mode: 0o600 });
    expect(await check()).toMatchObject({ state: 'ok' });
  });

  test('a list stays with the name of its data set; under another name the same source says that it has none', async () => {
    await network.fred(async ({ subjects, data, agreements }) => {
      await subjects.optOut({ dataset: 'members', values: ['M-100'] });
      const source = { kind: 'csv' as const, path: join(network.folder, 'members.csv') };
      const again = await data.add('members', source);
      expect(again.notes.join()).not.toContain('take part');
      const { findings } = await agreements.check(agreement);
      expect(findings.find(({ check }) => check === 'own table')).toMatchObject({
        text: expect.stringContaining('4 rows'),
      });
      const copy = await data.add('copy', source);
      expect(copy.notes).toContainEqual(expect.stringContaining("they take part in 'copy' until you list them there"));
      expect(await subjects.list()).toMatchObject([{ dataset: 'members', people: 1 }]);
    });
  });

  test('a source without the column by which people are listed is refused', async () => {
    await network.fred(async ({ subjects, data, agreements }) => {
      await subjects.optOut({ dataset: 'members', column: 'city', values: ['Bonn'] });
      const path = join(network.folder, 'other.csv');
      writeFileSync(path, 'Medicaid,name,born\nM-100,Ann Müller,1980-05-17\n');
      await data.add('members', { kind: 'csv', path });
      const { findings } = await agreements.check(agreement);
      const own = findings.find(({ check }) => check === 'own table');
      expect(own).toMatchObject({ state: 'fault', code: 'data-missing-column' });
    });
  });
});
