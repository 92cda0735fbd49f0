import { agreementHash, draftAgreement } from '@symbolon/agreement';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredAgreement } from '../src/agreements/store.ts';
import { authorizeAgreement, authorizeLink, type LinkFacts } from '../src/authorize.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let stored: StoredAgreement;
let facts: LinkFacts;

beforeAll(async () => {
  network = await testNetwork();
  const hash = await agree(network, { signed: false });
  const { agreement } = await network.fred(({ agreements }) => agreements.show(hash));
  stored = kept(agreement);
  facts = {
    home: network.homes.fred,
    stored,
    successors: [],
    approvals: [],
    runsSoFar: 0,
    now: new Date('2026-11-22T10:00:00Z'),
  };
});
afterAll(() => network.close());

function kept(agreement: StoredAgreement['agreement']): StoredAgreement {
  const hash = agreementHash(agreement);
  const document = { payload: '', signatures: [] };
  const signed = { signedBy: ['fred', 'sally'], missing: [] };
  return { agreement, hash, ...signed, document, addedAt: '2026-11-22T09:00:00Z', exhausted: false, notices: [] };
}

/** The agreement with other terms, as if all had signed that. */
const altered = (change: object): StoredAgreement => {
  const { kind: _kind, version: _version, ...terms } = stored.agreement;
  return kept(draftAgreement({ ...terms, ...change }));
};

const ask = (change: Partial<LinkFacts> = {}, by = 'sally', rows: { a?: number; b?: number } = { a: 5, b: 6 }) => {
  const all = { ...facts, ...change };
  return authorizeLink({ agreement: all.stored?.hash ?? stored.hash, by, rows }, all);
};

test('what the agreement covers is granted, with parameters from the agreement alone', () => {
  expect(ask()).toMatchObject({ grant: true, index: 0, table: 'a', peer: 'sally', learns: [0, 1], runsLeft: 9 });
  expect(ask({ home: network.homes.sally }, 'fred')).toMatchObject({ grant: true, index: 1, table: 'b', peer: 'fred' });
});

test('the best match of rows of both tables is granted where only pairs that share a blocking key are compared', () => {
  const blocking = { keys: ['a.surname = b.surname'], cap: 4 };
  const link = { ...stored.agreement.link, cardinality: 'one-to-one', prefer: 'best', blocking };
  expect(ask({ stored: altered({ link }) })).toMatchObject({ grant: true, link: { prefer: 'best', blocking } });
});

describe('refused, with the rule in words', () => {
  const refusals: [string, () => ReturnType<typeof ask>, string, RegExp][] = [
    ['no such agreement', () => ask({ stored: undefined }), 'not-found', /no agreement/],
    ['a signature is missing', () => ask({ stored: { ...stored, missing: ['sally'] } }), 'agreement-unsigned', /sally/],
    ['a newer version', () => ask({ successors: [stored] }), 'agreement-superseded', /replaced by/],
    [
      'the term has ended',
      () => ask({ now: new Date('2100-01-01T00:00:00Z') }),
      'agreement-term',
      /ended on 2099-12-31/,
    ],
    ['too many rows of a', () => ask({}, 'sally', { a: 101 }), 'agreement-limit', /101 rows; at most 100/],
    ['too many rows of b', () => ask({}, 'sally', { b: 101 }), 'agreement-limit', /101 rows; at most 100/],
    ['no runs left', () => ask({ runsSoFar: 10 }), 'agreement-limit', /All 10 runs/],
    ['asked by a stranger', () => ask({}, 'mallory'), 'agreement-party', /mallory asked/],
    ['at the key service', () => ask({ home: network.homes.keys }), 'agreement-party', /neither table/],
    ...(
      [
        [{ cardinality: 'one-to-one', prefer: 'best' }, /best match of rows of both tables without blocking keys/],
      ] as const
    ).map(([terms, words]): (typeof refusals)[number] => [
      `a link that cannot be run yet: ${JSON.stringify(terms)}`,
      () => ask({ stored: altered({ link: { ...stored.agreement.link, ...terms } }) }),
      'agreement-invalid',
      words,
    ]),
    [
      'a member is not who its card says',
      () => {
        const [fred, sally] = stored.agreement.parties;
        return ask({ stored: altered({ parties: [fred, { ...sally, name: 'Somebody else' }] }) });
      },
      'agreement-altered',
      /sally: name differs/,
    ],
  ];
  test.each(refusals)('%s', (_, decide, code, words) => {
    const decision = decide();
    expect(decision).toMatchObject({ grant: false, code });
    expect('reason' in decision && decision.reason).toMatch(words);
  });

  test('a hash that is not the agreement’s', () => {
    const decision = authorizeLink({ agreement: 'another', by: 'sally', rows: {} }, facts);
    expect(decision).toMatchObject({ grant: false, code: 'agreement-altered' });
  });

  test('documents that do not name this organisation, or their sender, or that nobody signed', () => {
    const { fred, keys } = network.homes;
    expect(authorizeAgreement(stored, fred, 'sally')).toEqual({ grant: true });
    expect(authorizeAgreement(stored, keys, 'sally')).toMatchObject({ code: 'agreement-party' });
    expect(authorizeAgreement(stored, fred, 'mallory')).toMatchObject({ code: 'agreement-party', culprit: 'mallory' });
    expect(authorizeAgreement({ ...stored, signedBy: [] }, fred, 'sally')).toMatchObject({
      code: 'agreement-unsigned',
    });
  });
});
