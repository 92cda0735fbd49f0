import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { type AlertInfo, alertStates } from '../src/alerts/alert-info.ts';
import { webhookRequest } from '../src/alerts/hook-bodies.ts';
import { partySettings } from '../src/index.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/alert-inbox.md'), 'utf8');
const snippet = (language: string, n = 0) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))][n]![1]!;

const secret = 'a secret of 32 characters or more';
const time = new Date('2027-01-31T07:15:02.500Z');
const seconds = Math.floor(time.getTime() / 1000);
const message = {
  ...{ id: 'nVx1hFfZqkPPvfrSSj3v7g', from: 'sally', to: 'fred', agreement: '3kQx9a…', alert: 'admissions' },
  ...{ event: 'heart-failure', kind: 'Encounter' as const, link: 'l', rows: [3], time: '2027-01-31T07:15:00.000Z' },
  ...{ sentAt: '2027-01-31T07:15:02.101Z', facility: 'General Hospital' },
};
const alert = {
  ...{ id: message.id, sender: 'sally', agreement: message.agreement, alert: 'admissions', event: 'heart-failure' },
  ...{ keys: ['M-104'], time: message.time, receivedAt: '2027-01-31T07:15:02.113Z', retracts: null },
} as unknown as AlertInfo;
const { body, headers } = webhookRequest({ occasion: 'received', alert, message }, secret, time);
const signature = headers['symbolon-signature']!;

/** Each with whether it is genuine. */
const cases: [secret: string, header: string, body: string, now: number, genuine: boolean][] = [
  [secret, signature, body, seconds + 10, true],
  [secret, signature, body, seconds + 301, false],
  [secret, signature, body, seconds - 301, false],
  [`${secret}.`, signature, body, seconds, false],
  [secret, signature, `${body} `, seconds, false],
  [secret, signature.replace(/^t=\d+/, `t=${seconds + 1}`), body, seconds, false],
  [secret, signature.slice(0, -1), body, seconds, false],
  [secret, `${signature}\n`, body, seconds, false],
  [secret, '', body, seconds, false],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-hook-'));
  return () => rmSync(folder, { recursive: true });
});

test('the webhook is told what the page shows', () => {
  expect(JSON.parse(body)).toEqual(JSON.parse(snippet('json', 1)));
});

test('the hooks of the page can be set up', () => {
  expect(partySettings.parse(JSON.parse(snippet('json', 0)).settings).alerts.hooks).toHaveLength(2);
});

test('the page has all states', () => {
  const [, table] = /\| state \| means \|\n([\s\S]*?)\n\n/.exec(page)!;
  expect([...table!.matchAll(/^\| ([a-z]+) \|/gm)].map(([, state]) => state)).toEqual(alertStates);
});

test('in Node the page tells what is genuine', async () => {
  const file = join(folder, 'genuine.mjs');
  writeFileSync(file, snippet('js'));
  const { isGenuine } = await import(pathToFileURL(file).href);
  for (const [key, header, text, now, genuine] of cases) expect(isGenuine(key, header, text, now)).toBe(genuine);
});

const python = spawnSync('python3', ['--version']).status === 0;
test.skipIf(!python)('in Python too (skipped where there is no python3)', () => {
  const program = `${snippet('python')}
import json, sys
for key, header, body, now, genuine in json.load(sys.stdin):
    assert is_genuine(key, header, body.encode(), now) is genuine, header
`;
  const { status, stderr } = spawnSync('python3', ['-c', program], { input: JSON.stringify(cases), encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
