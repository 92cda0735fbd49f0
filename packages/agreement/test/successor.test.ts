import { base64url, sha256 } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  type AgreementState,
  agreementHash,
  agreementStates,
  draftAgreement,
  maySign,
  type SigningFacts,
} from '../src/index.ts';
import { agreement, terms } from './samples.ts';

const hash = agreementHash(agreement);
const successor = draftAgreement({ ...terms, title: 'Version 2', predecessor: hash });
const counter = draftAgreement({ ...terms, title: 'Rather so', counters: hash });
const other = base64url(sha256());
const fresh: SigningFacts = { state: 'draft', predecessor: undefined, countered: undefined, signedRival: null };
const replacing = (state: AgreementState): SigningFacts => ({ ...fresh, predecessor: { agreement, state } });
const answering = (state: AgreementState): SigningFacts => ({ ...fresh, countered: { agreement, state } });

describe('maySign', () => {
  test('a first version, one successor of what all have signed, one answer to a proposal, again and again', () => {
    expect(maySign(agreement, fresh)).toEqual({ grant: true });
    expect(maySign(successor, { ...replacing('active'), signedRival: agreementHash(successor) })).toEqual({
      grant: true,
    });
    expect(maySign(counter, answering('proposed'))).toEqual({ grant: true });
    // The proposal that it answers need not be known here.
    expect(maySign(counter, fresh)).toEqual({ grant: true });
  });

  test('a successor of what was signed by all and ended by nobody', () => {
    const may = agreementStates.filter((state) => maySign(successor, replacing(state)).grant);
    expect(may.toSorted()).toEqual(['active', 'amended', 'expired', 'signed', 'suspended']);
    expect(maySign(successor, fresh)).toMatchObject({ grant: false, code: 'agreement-unsigned' });
  });

  test('never a second version in the same place', () => {
    for (const [version, facts] of [
      [successor, replacing('active')],
      [counter, answering('proposed')],
      [agreement, fresh],
    ] as const) {
      const refusal = maySign(version, { ...facts, signedRival: other });
      expect(refusal).toMatchObject({
        grant: false,
        code: 'agreement-superseded',
        reason: expect.stringContaining(other),
      });
    }
  });

  test('nothing that a party has revoked or declined', () => {
    for (const state of ['revoked', 'declined'] as const) {
      expect(maySign(agreement, { ...fresh, state })).toMatchObject({ grant: false, code: 'agreement-revoked' });
    }
  });

  test('no version with other parties, nor an answer in another place', () => {
    const third = { ...agreement.parties[0]!, id: 'registry' };
    const wider = { ...agreement, parties: [...agreement.parties, third] };
    for (const [version, facts] of [
      [successor, { ...fresh, predecessor: { agreement: wider, state: 'active' } }],
      [counter, { ...fresh, countered: { agreement: wider, state: 'proposed' } }],
      [counter, { ...fresh, countered: { agreement: successor, state: 'proposed' } }],
    ] as const) {
      expect(maySign(version, facts)).toMatchObject({ grant: false, code: 'agreement-invalid' });
    }
  });
});
