import { base64url, generateSigningKey, insecureTestRng, sha256, utf8 } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import {
  type Agreement,
  allowsOutsourced,
  type SealedStatement,
  signSealedStatement,
  verifySealedStatement,
} from '../src/index.ts';

const keys = {
  hospital: generateSigningKey(insecureTestRng('hospital')),
  cloud: generateSigningKey(insecureTestRng('cloud')),
};
const party = (id: 'hospital' | 'cloud') => ({ id, name: id, signingKey: base64url(keys[id].publicKey) });
const agreement = {
  title: 'Encrypted',
  parties: [party('hospital'), party('cloud')],
  term: { from: '2026-01-01', until: '2026-12-31' },
  outsourcing: {
    ...{ owner: 'hospital', compute: 'cloud', methods: ['select'], minPatients: 5, maxRuns: 2 },
    tables: { patients: { dataset: 'people', maxRows: 100, patient: 'pid', columns: {} } },
  },
} as unknown as Agreement;
const asked = {
  by: 'hospital',
  table: 'patients',
  rows: 100,
  method: 'select',
  date: '2026-06-01',
  runsSoFar: 0,
} as const;

test('an owner may ask what its agreement says', () => {
  expect(allowsOutsourced(agreement, asked)).toMatchObject({ grant: true, runsLeft: 1 });
  expect(allowsOutsourced(agreement, { ...asked, method: undefined, runsSoFar: 2 })).toMatchObject({
    grant: true,
    runsLeft: 0,
  });
});

test.each([
  ['another organisation', { by: 'cloud' }, 'agreement-party'],
  ['a table that is not listed', { table: 'others' }, 'agreement-limit'],
  ['a name that every object has', { table: 'constructor' }, 'agreement-limit'],
  ['more rows', { rows: 101 }, 'agreement-limit'],
  ['another method', { method: 'survival' as const }, 'agreement-limit'],
  ['more runs', { runsSoFar: 2 }, 'agreement-limit'],
  ['before the term', { date: '2025-12-31' }, 'agreement-term'],
  ['after it', { date: '2027-01-01' }, 'agreement-term'],
])('refuses %s', (_, changed, code) => {
  expect(allowsOutsourced(agreement, { ...asked, ...changed })).toMatchObject({ grant: false, code });
});

test('an agreement without that section allows nothing', () => {
  const { outsourcing: _, ...without } = agreement;
  expect(allowsOutsourced(without as Agreement, asked)).toMatchObject({ grant: false, code: 'agreement-limit' });
});

const hash = (text: string): string => base64url(sha256(utf8(text)));
const verified = { agreement, hash: hash('agreement'), signedBy: [], missing: [] };
const statement: Omit<SealedStatement, 'kind' | 'version'> = {
  ...{ agreement: hash('agreement'), owner: 'hospital', compute: 'cloud', name: 'patients', rows: 100 },
  ...{ table: 'A'.repeat(22), key: 'B'.repeat(22), manifest: hash('m'), question: hash('q'), circuit: hash('c') },
  ...{ returned: hash('r'), released: hash('s'), recomputed: true, purpose: null, date: '2026-06-01T10:00:00Z' },
};

test("a statement of a run counts with its owner's signature", () => {
  expect(verifySealedStatement(signSealedStatement(statement, keys.hospital), verified)).toMatchObject(statement);
  const by =
    (changed: object, key = keys.hospital) =>
    () =>
      verifySealedStatement(signSealedStatement({ ...statement, ...changed }, key), verified);
  expect(by({}, keys.cloud)).toThrow(expect.objectContaining({ code: 'document-signer' }));
  expect(by({ owner: 'cloud' }, keys.cloud)).toThrow(expect.objectContaining({ code: 'document-signer' }));
  expect(by({ compute: 'hospital' })).toThrow(expect.objectContaining({ code: 'document-signer' }));
  expect(by({ agreement: hash('other') })).toThrow(expect.objectContaining({ code: 'hash-mismatch' }));
  expect(by({ rows: 0 })).toThrow(expect.objectContaining({ code: 'bad-document' }));
});
