import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@symbolon/crypto';
import { partySettings } from '@symbolon/party';
import { expect, test } from 'vitest';
import { root } from './support/script.ts';

const page = readFileSync(join(root, 'docs/alert-sources.md'), 'utf8');

test('docs/alert-sources.md: its settings are settings', () => {
  const [, text] = /^```json\n([\s\S]*?)^```$/m.exec(page)!;
  const { alerts } = partySettings.parse((JSON.parse(text!) as { settings: unknown }).settings);
  expect(alerts.sources.map(({ kind }) => kind)).toEqual(['fhir', 'mllp', 'folder']);
});

test('docs/alert-sources.md: plain listeners for other machines are refused', () => {
  for (const kind of ['fhir', 'mllp']) {
    const source = {
      name: 'ehr',
      kind,
      port: 1,
      host: '0.0.0.0',
      ...(kind === 'mllp' ? { patient: { type: 'MR' } } : {}),
    };
    expect(partySettings.safeParse({ alerts: { sources: [source] } }).success).toBe(false);
    expect(partySettings.safeParse({ alerts: { sources: [{ ...source, host: '127.0.0.1' }] } }).success).toBe(true);
  }
});

test('docs/alert-sources.md: errors and their HTTP status are as they are', () => {
  const rows = [...page.matchAll(/^\| .*`([a-z-]+)` \| (\d{3}) \|/gm)];
  expect(rows.length).toBe(5);
  for (const [, code, status] of rows) {
    expect(errorCodes[code as keyof typeof errorCodes].status).toBe(Number(status));
  }
});
