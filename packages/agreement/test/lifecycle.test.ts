import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AgreementState,
  agreementHash,
  cosignAgreement,
  draftAgreement,
  type LifecycleFacts,
  lifecycle,
  type Notice,
  noticeActions,
  renewed,
  requireNext,
  signAgreement,
  stopped,
  verifyAgreement,
} from '../src/index.ts';
import { agreement, hospital, insurer, terms } from './samples.ts';

const hash = agreementHash(agreement);
const draft = { agreement, hash, signedBy: [], missing: ['insurer', 'hospital'] };
const one = verifyAgreement(signAgreement(agreement, insurer.signing));
const all = verifyAgreement(cosignAgreement(signAgreement(agreement, insurer.signing), hospital.signing));
const successor = draftAgreement({ ...terms, predecessor: hash });
const counter = draftAgreement({ ...terms, counters: hash });
const asked = verifyAgreement(signAgreement(successor, insurer.signing));
const agreed = verifyAgreement(cosignAgreement(signAgreement(successor, insurer.signing), hospital.signing));
const answer = verifyAgreement(signAgreement(counter, hospital.signing));
const settled = verifyAgreement(cosignAgreement(signAgreement(counter, insurer.signing), hospital.signing));

const said = (action: Notice['action'], by = 'hospital', sequence = 1): Notice => ({
  kind: 'notice',
  version: 1,
  agreement: hash,
  by,
  action,
  reason: `why to ${action}`,
  sequence,
  at: '2026-12-01T11:59:00Z',
});
const facts = (change: Partial<LifecycleFacts>): LifecycleFacts => ({
  verified: all,
  notices: [],
  successors: [],
  today: '2026-12-01',
  ...change,
});

describe('the state of an agreement', () => {
  test.each<[AgreementState, string, Partial<LifecycleFacts>]>([
    ['draft', 'nobody has signed', { verified: draft }],
    ['draft', 'nor does its term matter', { verified: draft, today: '2030-01-01' }],
    ['proposed', 'one has', { verified: one }],
    ['countered', 'another proposes something else', { verified: one, successors: [answer] }],
    ['proposed', 'a drafted answer is none', { verified: one, successors: [{ ...answer, signedBy: [] }] }],
    ['declined', 'another will not', { verified: one, notices: [said('decline')] }],
    ['revoked', 'withdrawn by who proposed it', { verified: one, notices: [said('revoke', 'insurer')] }],
    ['amended', 'all have signed the answer', { verified: one, successors: [settled] }],
    ['expired', 'its term ended before all had signed', { verified: one, today: '2027-11-01' }],
    ['signed', 'the term has not begun', { today: '2026-10-31' }],
    ['active', 'its first day', { today: '2026-11-01' }],
    ['active', 'its last day', { today: '2027-10-31' }],
    ['active', 'a successor is only proposed', { successors: [asked] }],
    ['expired', 'the day after', { today: '2027-11-01' }],
    ['amended', 'all have signed a successor', { successors: [asked, agreed] }],
    ['suspended', 'by a party', { notices: [said('suspend')] }],
    [
      'suspended',
      'by one of two',
      { notices: [said('suspend'), said('suspend', 'insurer'), said('resume', 'hospital', 2)] },
    ],
    ['active', 'resumed', { notices: [said('suspend'), said('resume', 'hospital', 2)] }],
    ['revoked', 'by a party', { notices: [said('revoke')] }],
    ['revoked', 'also where another has suspended it', { notices: [said('suspend', 'insurer'), said('revoke')] }],
    ['revoked', 'also before the term', { notices: [said('revoke')], today: '2026-10-31' }],
    ['revoked', 'also if a successor comes in late', { notices: [said('revoke')], successors: [agreed] }],
    ['amended', 'also if it was suspended', { notices: [said('suspend')], successors: [agreed] }],
  ])('%s: %s', (state, _, change) => {
    expect(lifecycle(facts(change)).state).toBe(state);
  });

  test('names who did it, and the version in its place', () => {
    const notices = [said('suspend'), said('suspend', 'insurer')];
    expect(lifecycle(facts({ notices }))).toEqual({
      state: 'suspended',
      notices: [notices[1], notices[0]],
      version: null,
    });
    expect(lifecycle(facts({ successors: [agreed] })).version).toBe(agreed.hash);
    expect(lifecycle(facts({ verified: one, successors: [answer] })).version).toBe(answer.hash);
  });

  test('stopped says why in words', () => {
    expect(stopped(facts({}))).toBeUndefined();
    expect(stopped(facts({ notices: [said('suspend')] }))).toEqual({
      code: 'agreement-suspended',
      culprit: 'hospital',
      reason: `The agreement "${terms.title}" is suspended. hospital suspended it on 2026-12-01: why to suspend.`,
    });
    expect(stopped(facts({ notices: [said('revoke')] }))).toMatchObject({ code: 'agreement-revoked' });
    expect(stopped(facts({ successors: [agreed] }))).toMatchObject({ code: 'agreement-superseded' });
  });

  test('an agreement that renews itself ends with the term in which a party said in time that it is not to', () => {
    const renewal = { months: 12, noticeDays: 30, until: '2030-12-31' };
    const renewing = draftAgreement({ ...terms, renewal });
    const { from, until } = renewing.term;
    const verified = { ...all, agreement: renewing };
    const state = (today: string, notices: Notice[] = []) => lifecycle(facts({ verified, notices, today })).state;
    const lapse = (at: string): Notice => ({ ...said('lapse'), at: `${at}T11:59:00Z` });
    const later = `${Number(until.slice(0, 4)) + 1}-06-01`;
    expect(state(later)).toBe('active');
    expect(state('2031-01-01')).toBe('expired');
    expect(state(later, [lapse(from)])).toBe('expired');
    expect(state(until, [lapse(from)])).toBe('active');
    // Too late for this term, in time for the next.
    expect(state(later, [lapse(until)])).toBe('active');
    expect(renewed(renewing, [lapse(from)]).term.until).toBe(until);
    // Whoever said so may still suspend and resume what is left.
    const way = [lapse(from), said('suspend', 'hospital', 2)];
    expect(lifecycle(facts({ verified, notices: way, today: until })).state).toBe('suspended');
    expect(() =>
      requireNext(said('lapse', 'hospital', 3), { before: way, signed: true, now: new Date('2027-01-01') }),
    ).toThrow(/follows one to lapse/);
  });

  test('whatever parties say in whatever order: active only while nobody’s last word stops it, and never again after a final one', () => {
    const step = fc.record({ by: fc.constantFrom('hospital', 'insurer'), action: fc.constantFrom(...noticeActions) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const notices: Notice[] = [];
        const standing: Record<string, Notice['action'] | undefined> = {};
        let ended = false;
        for (const { by, action } of steps) {
          const notice = said(action, by, notices.length + 1);
          try {
            requireNext(notice, { before: notices, signed: true, now: new Date('2026-12-02') });
          } catch {
            continue;
          }
          notices.push(notice);
          if (action !== 'lapse') standing[by] = action;
          ended ||= action === 'revoke';
        }
        const expected = ended ? 'revoked' : Object.values(standing).includes('suspend') ? 'suspended' : 'active';
        expect(lifecycle(facts({ notices })).state).toBe(expected);
        // The order in which they arrive from different parties, or are read, changes nothing.
        expect(lifecycle(facts({ notices: notices.toReversed() })).state).toBe(expected);
      }),
    );
  });
});
