import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { jsonOf, root, symbolon } from './support/script.ts';

interface Report {
  readonly job: string;
  readonly scenarios: readonly { readonly name: string; readonly expected: string; readonly got: string }[];
  readonly identitiesAtCentre: number;
  readonly auditVerified: boolean;
  readonly saw: Record<string, { readonly identities: number; readonly cards: number; readonly records: number }>;
}

// With cards in software `registry-dump.test.ts` plays it too.
const soft = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/bin/softhsm2-util',
  '/usr/bin/pkcs11-tool',
  join(root, 'node_modules/pkcs11js/build/Release/pkcs11.node'),
];
const cards = soft.every((file) => existsSync(file)) ? 'softhsm' : 'software';
if (cards === 'software')
  console.warn('cards are in software: no SoftHSM here (apt-get install g++ softhsm2 opensc, then: npm run setup)');

test('a registry as its documentation tells it: every scenario comes to what it has to, and nobody keeps what is not theirs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-registry-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ran = await symbolon(folder, ['rehearse', 'registry', '--cards', cards, '--json']);
  const report = jsonOf(ran) as unknown as Report;
  expect(report).toMatchObject({ job: 'registry', identitiesAtCentre: 0, auditVerified: true });
  expect(report.scenarios.map(({ name, got }) => [name, got])).toEqual(
    report.scenarios.map(({ name, expected }) => [name, expected]),
  );
  expect(report.scenarios.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['enrol', 'consent', 'lost-card', 'another-card', 'malicious-physician', 'emergency']),
  );
  const nothing = { identities: 0, cards: 0, records: 0 };
  expect(report.saw).toMatchObject({ oprf: nothing, clinic: nothing, hospital: nothing, ward: nothing });
  // Positive controls: the search finds what is there.
  expect(report.saw.module).toEqual({ identities: 12, cards: 4, records: 0 });
  expect(report.saw.centre).toEqual({ identities: 0, cards: 0, records: 4 });
  expect(ran.code).toBe(0);
});
