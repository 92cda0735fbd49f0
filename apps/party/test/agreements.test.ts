import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draftAgreement, signAgreement } from '@symbolon/agreement';
import { documentBytes } from '@symbolon/crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linkWords, requestLink } from '../src/index.ts';
import { agree, eventsOf, rule, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
});
afterEach(() => network.close());

describe('a draft', () => {
  test('lists the columns of the rule and the keys, lengths and ranges rounded', async () => {
    const hash = await agree(network, { signed: false });
    const { agreement, state, as } = await network.fred(({ agreements }) => agreements.show(hash.slice(0, 8)));
    expect({ state, as }).toEqual({ state: 'draft', as: 'a' });
    expect(Object.keys(agreement.tables!.a.columns).sort()).toEqual(['born', 'medicaid', 'name']);
    expect(Object.keys(agreement.tables!.b.columns).sort()).toEqual(['born', 'id', 'medicaid', 'name']);
    expect(agreement.tables!.a.columns.name).toMatchObject({ type: 'text', maxLength: 16 });
  });

  test('takes a date that the other side has as text for text, as it is written', async () => {
    writeFileSync(
      join(network.folder, 'patients.csv'),
      'id,medicaid,name,born\nP1,M 100,Ann,1980-05-17\nP2,,Bob,unknown\n',
    );
    const hash = await agree(network, { rule: 'a.born = b.born', signed: false });
    const { agreement } = await network.fred(({ agreements }) => agreements.show(hash));
    expect(agreement.tables!.a.columns.born).toMatchObject({ type: 'text', maxLength: 16 });
    expect(agreement.tables!.b.columns.born).toMatchObject({ type: 'text' });
  });

  test.each([
    ['a.nome = b.name', 'rule-unknown-column'],
    ['a.name = ', 'rule-syntax'],
    ['a.name = b.name; DROP TABLE x', 'rule-syntax'],
    ['sqrt(a.name) = b.name', 'rule-unsupported'],
  ])('with the rule %s is refused', async (rule, code) => {
    await expect(agree(network, { rule, signed: false })).rejects.toMatchObject({ code });
  });

  test('is not sent, and binds nobody', async () => {
    const hash = await agree(network, { signed: false });
    await expect(network.fred(({ agreements }) => agreements.send(hash))).rejects.toMatchObject({
      code: 'agreement-unsigned',
    });
  });
});

describe('try', () => {
  test('shows every comparison of example pairs, normalised as a link would', async () => {
    const hash = await agree(network, { signed: false });
    const rows = await network.fred(({ agreements }) =>
      agreements.tryRule(hash, [
        {
          a: { medicaid: 'M-1', name: 'Ann Müller', born: '1980-05-17' },
          b: { medicaid: 'm 1', name: 'X', born: null },
        },
        {
          a: { medicaid: null, name: "Dan O'Neil", born: '1966-03-04' },
          b: { medicaid: null, name: 'DAN ONEIL', born: '1966-03-04' },
        },
        { a: { name: 'Ann Lee', born: '1980-05-17' }, b: { name: 'Ann Lee', born: '1981-05-17' } },
      ]),
    );
    expect(rows.map(({ verdict }) => verdict)).toEqual([true, true, false]);
    expect(rows[0]!.comparisons.map(({ holds }) => holds)).toContain(true);
    expect(Object.values(rows[1]!.values.a)).toContain('dan oneil');
  });

  test('names a column that the agreement does not have', async () => {
    const hash = await agree(network, { signed: false });
    const tried = network.fred(({ agreements }) => agreements.tryRule(hash, [{ a: { nome: 'x' }, b: {} }]));
    await expect(tried).rejects.toMatchObject({ code: 'data-missing-column', culprit: 'nome' });
  });

  test('refuses examples that lack a column altogether', async () => {
    const hash = await agree(network, { signed: false });
    const tried = network.fred(({ agreements }) => agreements.tryRule(hash, [{ a: {}, b: {} }]));
    await expect(tried).rejects.toMatchObject({
      code: 'data-missing-column',
      message: expect.stringMatching(/^no example pair has a\./),
    });
  });
});

describe('terms beside the rule', () => {
  const sum = 'CASE WHEN a.medicaid = b.medicaid THEN 4 ELSE -1 END + CASE WHEN a.name = b.name THEN 2 ELSE 0 END >= 1';
  const blocking = { keys: ['a.born = b.born', 'left(a.city, 2) = left(b.city, 2)'], cap: 2 };

  test('a draft without any is what it always was', async () => {
    const hash = await agree(network, { signed: false });
    const { agreement } = await network.fred(({ agreements }) => agreements.show(hash));
    expect(agreement.link).toEqual({ rule, reveal: 'pairs', to: ['fred', 'sally'], maxRuns: 10 });
    expect(linkWords(agreement)).toEqual({
      compared: ['every row of a with every row of b'],
      counted: 'every pair that matches',
      learned: 'The fred and The sally: which rows belong together. Nothing else, and nobody else',
    });
  });

  test('a draft lists the columns of its blocking keys, and says who learns what', async () => {
    const link = { blocking, cardinality: 'one-to-one', prefer: 'best', learn: 'b', reveal: 'count' } as const;
    const hash = await agree(network, { link, rule: sum, signed: false });
    const { agreement } = await network.fred(({ agreements }) => agreements.show(hash));
    expect(agreement.link).toMatchObject({ blocking, cardinality: 'one-to-one', prefer: 'best', to: ['sally'] });
    expect(Object.keys(agreement.tables!.a.columns).sort()).toEqual(['born', 'city', 'medicaid', 'name']);
    const { compared, counted, learned } = linkWords(agreement);
    expect(compared.join('\n')).toMatch(/only pairs.*\n1\. a\.born = b\.born\n2\. .*\n.*at most 2 rows.*\nmissed: /s);
    expect(counted).toMatch(/each is the other's pick.*weighted sum/);
    expect(learned).toBe('The sally alone: how many pairs match, not which rows. Nothing else, and nobody else');
  });

  test('what is checked names the blocking', async () => {
    const hash = await agree(network, { link: { blocking, learn: 'a' }, signed: false });
    const { findings, explanation } = await network.fred(({ agreements }) => agreements.check(hash));
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'blocking', state: 'ok', text: expect.stringMatching(/^2 keys/) }),
    );
    expect(findings.filter(({ check }) => check === 'run')).toEqual([]);
    expect(explanation.join('\n')).toMatch(/only pairs of rows that agree.*The fred alone/s);
    expect(explanation.join('\n')).not.toMatch(/Every record of a is compared|to both owners/);
  });

  test('keys for a rule that needs none are remarked on', async () => {
    const hash = await agree(network, { rule: 'a.medicaid = b.medicaid', link: { blocking }, signed: false });
    const { findings } = await network.fred(({ agreements }) => agreements.check(hash));
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'blocking', state: 'warning', text: expect.stringContaining('one equality') }),
    );
    const report = await network.fred(({ agreements }) => agreements.tune(hash));
    expect(report).toMatchObject({ needless: true, rows: 5 });
  });

  test('a try says which keys bring each pair together; a missing value agrees with nothing', async () => {
    const hash = await agree(network, { link: { blocking }, signed: false });
    const rows = await network.fred(({ agreements }) =>
      agreements.tryRule(hash, [
        {
          a: { medicaid: 'M-1', name: 'Ann', born: '1980-05-17', city: 'Köln' },
          b: { medicaid: 'M-1', name: 'Ann', born: '1980-05-18', city: 'koln 2' },
        },
        { a: { born: null, city: 'Ulm' }, b: { born: null, city: 'Bonn' } },
      ]),
    );
    expect(rows.map((row) => row.blocking.map(({ agrees }) => agrees))).toEqual([
      [false, true],
      [false, false],
    ]);
    expect(rows[0]!.blocking.map(({ text }) => text)).toEqual(blocking.keys);
  });

  test.each([
    ['a.nome = b.name', 'rule-unknown-column', 'blocking key 2, a.nome = b.name: '],
    ['a.name = ', 'rule-syntax', 'blocking key 2, a.name = : '],
    ['a.name = b.name OR a.born = b.born', 'rule-unsupported', 'no equality'],
    ['a.name = b.name AND a.born IS NOT NULL', 'rule-unsupported', 'no equality'],
    ['a.name <> b.name', 'rule-unsupported', 'no equality'],
    ['agree(a.name, b.name) >= 0.9', 'rule-unsupported', 'no equality'],
    ["a.name = 'x'", 'rule-unsupported', 'no equality'],
  ])('the blocking key %s is refused by number and text', async (key, code, message) => {
    const link = { blocking: { keys: ['a.born = b.born', key], cap: 2 } };
    await expect(agree(network, { link, signed: false })).rejects.toMatchObject({
      code,
      culprit: key,
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [{ blocking: { ...blocking, cap: 0 } }, 'link.blocking.cap'],
    [{ blocking: { ...blocking, keys: [blocking.keys[0]!, blocking.keys[0]!] } }, 'link.blocking.keys'],
    [{ prefer: 'first' }, 'link.prefer'],
    [{ prefer: 'best', cardinality: 'one-to-one' }, 'link.prefer'],
  ] as const)('%j is refused', async (link, culprit) => {
    await expect(agree(network, { link, signed: false })).rejects.toMatchObject({ code: 'agreement-invalid', culprit });
  });
});

describe('an agreement', () => {
  test('collects signatures from both sides, by wire or by file, in any order', async () => {
    const hash = await agree(network, { signed: false });
    const file = await network.fred(async ({ agreements }) => {
      await agreements.sign(hash);
      return agreements.export(hash);
    });
    const both = await network.sally(async ({ agreements }) => {
      expect(await agreements.receive(file)).toMatchObject({ state: 'proposed', missing: ['sally'], as: 'b' });
      expect(await agreements.sign(hash)).toMatchObject({ state: 'active' });
      return agreements.export(hash);
    });
    await network.fred(async ({ agreements, audit, log }) => {
      expect(await agreements.receive(both)).toMatchObject({ state: 'active', missing: [] });
      // What is here already is not lost by an older copy.
      expect(await agreements.receive(file)).toMatchObject({ state: 'active' });
      expect(log.size).toBe(2);
      expect(await audit.verify()).toMatchObject({ ok: true, entries: 2 });
    });
  });

  test('of a partner is one of at most a hundred that are not signed here; own drafts still find room', async () => {
    const hash = await agree(network, { signed: false });
    const {
      kind: _kind,
      version: _version,
      ...terms
    } = await network.fred(async ({ agreements }) => (await agreements.show(hash)).agreement);
    const propose = (title: string) => {
      const draft = draftAgreement({ ...terms, title, predecessor: hash });
      return documentBytes(signAgreement(draft, network.homes.fred.signingKey));
    };
    await network.sally(async ({ agreements }) => {
      const first = await agreements.receive(propose('0'), 'fred');
      for (let i = 1; i < 100; i++) await agreements.receive(propose(String(i)), 'fred');
      await expect(agreements.receive(propose('100'), 'fred')).rejects.toMatchObject({
        code: 'conflict',
        culprit: 'fred',
      });
      expect(await agreements.receive(propose('0'), 'fred')).toMatchObject({ hash: first.hash });
      // Its owner may still take one from a file.
      expect(await agreements.receive(propose('101'))).toMatchObject({ state: 'proposed' });
    });
  });

  test('is discarded while it is not signed here, and a partner may propose it again', async () => {
    const hash = await agree(network, { signed: false });
    const file = await network.fred(async ({ agreements, log }) => {
      await agreements.discard(hash);
      expect(await agreements.list()).toEqual([]);
      expect(log.size).toBe(0);
      expect(await agree(network, { signed: false })).toBe(hash);
      await agreements.sign(hash);
      await expect(agreements.discard(hash)).rejects.toMatchObject({ code: 'conflict' });
      return agreements.export(hash);
    });
    await network.sally(async ({ agreements, log }) => {
      await agreements.receive(file);
      expect(await agreements.discard(hash)).toMatchObject({ state: 'proposed', missing: ['sally'] });
      expect(log.size).toBe(2);
      expect(await agreements.receive(file)).toMatchObject({ hash, state: 'proposed' });
    });
  });

  test('whose text was altered is refused', async () => {
    const hash = await agree(network, { signed: false });
    const file = await network.fred(async ({ agreements }) => {
      await agreements.sign(hash);
      return agreements.export(hash);
    });
    const document = JSON.parse(Buffer.from(file).toString()) as { payload: string };
    const payload = Buffer.from(document.payload, 'base64url').toString().replace('"maxRuns":10', '"maxRuns":99');
    const altered = JSON.stringify({ ...document, payload: Buffer.from(payload).toString('base64url') });
    await network.sally(async (organisation) => {
      const { agreements } = organisation;
      const brought = agreements.receive(Buffer.from(altered), 'fred');
      await expect(brought).rejects.toMatchObject({ code: 'bad-signature' });
      await expect(agreements.receive(file, 'keys')).rejects.toMatchObject({ code: 'agreement-party' });
      expect(await eventsOf(organisation, 'agreement-refused')).toMatchObject([
        { by: 'fred', code: 'bad-signature', reason: expect.stringContaining('signature') },
        { by: 'keys', code: 'agreement-party', reason: expect.stringContaining('does not name keys') },
      ]);
      expect(await agreements.list()).toEqual([]);
    });
  });

  test('is checked against the own table, cards and term', async () => {
    await network.start();
    const hash = await agree(network);
    const report = await network.sally(({ agreements }) => agreements.check(hash));
    expect(report.ok).toBe(true);
    expect(report.findings.map(({ check }) => check)).toEqual([
      'members',
      'signatures',
      'rule',
      'result',
      'term',
      'own table',
    ]);
    await network.sally(({ data }) => data.add('patients', { kind: 'csv', path: join(network.folder, 'members.csv') }));
    const worse = await network.sally(({ agreements }) => agreements.check(hash));
    expect(worse).toMatchObject({ ok: false });
    expect(worse.findings.at(-1)).toMatchObject({ check: 'own table', state: 'fault' });
  });

  test('is explained: bytes, rounds, who learns what, what it does not protect', async () => {
    const hash = await agree(network, { signed: false });
    const explanation = await network.fred(({ links }) => links.explain(hash, { b: 6 }));
    expect(explanation).toMatchObject({
      rows: { a: 5, b: 6 },
      pairs: 30,
      way: { kind: 'all-pairs', sessions: 1 },
      instead: null,
    });
    expect(explanation.remarks.join(' ')).toMatch(/Successive runs reveal.*invented patients/s);
    await network.start();
    await network.fred(async ({ agreements }) => {
      await agreements.sign(hash);
      await agreements.send(hash);
    });
    await network.sally(async ({ agreements }) => {
      await agreements.sign(hash);
      await agreements.send(hash);
    });
    const run = await requestLink(network.homes.fred.path, { agreement: hash });
    expect(run.details).toMatchObject({
      rounds: explanation.way.rounds,
      bytes: { sent: explanation.way.bytes.a + 32, answerKey: explanation.way.answerKeyBytes },
    });
  });
});
