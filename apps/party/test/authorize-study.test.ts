import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredAgreement } from '../src/agreements/store.ts';
import type { Approval } from '../src/approvals.ts';
import { authorizeStudy, type StudyFacts, type StudyRequest } from '../src/authorize.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';
import { type StudyNetwork, studyNetwork } from './study-network.ts';

let network: StudyNetwork;
let links: TestNetwork;
let stored: StoredAgreement;
let link: StoredAgreement;
let facts: StudyFacts;
let own: NonNullable<StudyFacts['own']>;
let approval: Approval;

const kept = (info: Pick<StoredAgreement, 'agreement' | 'hash'>): StoredAgreement => ({
  ...info,
  signedBy: info.agreement.parties.map(({ id }) => id),
  missing: [],
  document: { payload: '', signatures: [] },
  addedAt: '2026-11-22T09:00:00Z',
  exhausted: false,
  notices: [],
});

beforeAll(async () => {
  network = await studyNetwork();
  const hash = await network.agree();
  stored = await network.as('hospital', async ({ agreements }) => kept(await agreements.show(hash)));
  own = await network.as('hospital', async ({ studies }) => {
    const { studyHash, parties, question } = await studies.bind(hash, 'by-region');
    return {
      studyHash,
      parties,
      question,
      uses: [{ table: 'residents', column: 'region', use: 'group', clause: 'GROUP BY' }],
    };
  });
  approval = {
    ...{ action: 'study', agreement: hash, name: 'by-region', hash: own.studyHash, approvedAt: '2026-11-22T09:30:00Z' },
    ...{ by: 'officer', kind: 'owner', roles: ['privacy-officer'] },
  };
  facts = {
    home: network.homes.hospital,
    stored,
    successors: [],
    own,
    approvals: [approval],
    askedBy: null,
    runsSoFar: 0,
    now: new Date('2026-11-22T10:00:00Z'),
  };
  links = await testNetwork();
  const other = await agree(links, { signed: false });
  link = await links.fred(async ({ agreements }) => kept(await agreements.show(other)));
});
afterAll(() => Promise.all([network.close(), links.close()]));

const ask = (change: Partial<StudyFacts> = {}, asked: Partial<StudyRequest> = {}) => {
  const all = { ...facts, ...change };
  const request = { agreement: stored.hash, study: 'by-region', by: 'office', rows: {}, ...asked };
  return authorizeStudy(request, all);
};

test('what the agreement lists and somebody has approved is granted, with parameters from the own copy alone', () => {
  const grant = ask({}, { studyHash: own.studyHash, rows: { patients: { hospital: 1000 } } });
  expect(grant).toMatchObject({ grant: true, index: 0, learns: [0, 2], keyService: 'keys', runsLeft: 2 });
  expect(grant.grant && grant.parties.map(({ id }) => id)).toEqual(['hospital', 'insurer', 'office']);
});

describe('refused, with the rule in words', () => {
  const refusals: [string, () => ReturnType<typeof ask>, string, RegExp][] = [
    ['no such agreement', () => ask({ stored: undefined }), 'not-found', /no agreement/],
    [
      'a signature is missing',
      () => ask({ stored: { ...stored, missing: ['office'] } }),
      'agreement-unsigned',
      /office/,
    ],
    ['a newer version', () => ask({ successors: [stored] }), 'agreement-superseded', /replaced by/],
    [
      'a store that was put back',
      () => ask({ stored: { ...stored, exhausted: true } }),
      'agreement-limit',
      /recovered/,
    ],
    ['the term has ended', () => ask({ now: new Date('2100-01-01T00:00:00Z') }), 'agreement-term', /ended on/],
    ['not listed', () => ask({}, { study: 'by-age' }), 'agreement-limit', /no study 'by-age', only by-region/],
    ['asked by a stranger', () => ask({}, { by: 'mallory' }), 'agreement-party', /mallory asked/],
    [
      'asked by one who takes no part',
      () => ask({ own: { ...own, parties: ['hospital', 'insurer'] } }),
      'agreement-party',
      /whoever asks neither holds data .* \(asked by office\)/,
    ],
    [
      'this party takes no part',
      () => ask({ own: { ...own, parties: ['insurer', 'office'] } }),
      'agreement-party',
      /this organisation neither holds data/,
    ],
    ['another reading of it', () => ask({}, { studyHash: stored.hash }), 'peer-disagrees', /by their hashes/],
    ['not approved', () => ask({ approvals: [] }), 'unapproved', /not enough people here .* \(0 of 1\)/],
    [
      'approved in another form',
      () => ask({ approvals: [{ ...approval, hash: stored.hash }] }),
      'unapproved',
      /just this form/,
    ],
    ['approved by an analyst', () => ask({ approvals: [{ ...approval, roles: ['analyst'] }] }), 'unapproved', /0 of 1/],
    ['too many rows', () => ask({}, { rows: { members: { insurer: 1001 } } }), 'agreement-limit', /1001 rows; at most/],
    ['rows of no holder', () => ask({}, { rows: { members: { office: 1 } } }), 'agreement-party', /holds no rows/],
    ['no runs left', () => ask({ runsSoFar: 3 }), 'agreement-limit', /All 3 runs/],
    [
      'an agreement on a link',
      () => ask({ stored: link, home: links.homes.fred }, { agreement: link.hash, by: 'sally' }),
      'agreement-limit',
      /covers no studies/,
    ],
  ];
  test.each(refusals)('%s', (_, decide, code, words) => {
    const decision = decide();
    expect(decision).toMatchObject({ grant: false, code });
    expect('reason' in decision && decision.reason).toMatch(words);
  });
});

describe('where two people approve', () => {
  const two = (by: string): Approval => ({ ...approval, by, kind: 'user' });
  const asked = (askedBy: string | null, approvers: string[], person?: string) => {
    const roles = ['privacy-officer' as const];
    const agreement = { ...stored.agreement, approvals: [{ action: 'study' as const, people: 2, roles }] };
    const change = { stored: { ...stored, agreement }, approvals: approvers.map(two), askedBy };
    return ask(change, { by: 'hospital', person });
  };
  const short = { grant: false, code: 'unapproved' };

  test('neither who asked the study is one of them, nor who asks for its run', () => {
    expect(asked(null, ['ann', 'bob'])).toMatchObject({ grant: true });
    expect(asked('eve', ['ann', 'bob'], 'eve')).toMatchObject({ grant: true });
    expect(asked('bob', ['ann', 'bob'], 'eve')).toMatchObject(short);
    expect(asked(null, ['ann', 'bob'], 'ann')).toMatchObject(short);
    expect(asked('bob', ['ann', 'bob', 'eve'], 'ann')).toMatchObject(short);
    expect(asked('bob', ['ann', 'eve', 'bob'])).toMatchObject({ grant: true });
  });
});
