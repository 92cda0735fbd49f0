import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@symbolon/cli';
import { errorCodes } from '@symbolon/crypto';
import { expect, test, vi } from 'vitest';
import { alarms } from '../apps/registry/src/centre/alarm.ts';
import { recordSettings } from '../apps/registry/src/centre/records/settings.ts';
import { compileType } from '../apps/registry/src/centre/records/types/types.ts';
import { bind } from '../apps/registry/src/centre/statistics/run.ts';
import { studySchema } from '../apps/registry/src/centre/statistics/schema.ts';
import { root } from './support/script.ts';

const page = readFileSync(join(root, 'docs/records.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, of]) => of === language).map(([, , text]) => text!);

test('docs/records.md: its record type takes records, its settings can be set, its study can be asked', async () => {
  const [schema, settings] = blocks('json');
  const type = compileType({ module: 'hips', name: 'visit', version: 1, text: schema! });
  type.check({ side: 'left', on: '2024-02-29', diagnosis: 'M16.1', score: 71.3, drugs: ['N02BE01'], findings: 'none' });
  expect(() => type.check({ side: 'left', on: '2024-02-29', name: 'Anna' })).toThrow();
  const { minPatients } = recordSettings.parse(JSON.parse(settings!));
  const [sql] = blocks('sql');
  expect((await bind(sql!, studySchema([type], minPatients))).columns).toEqual(['side', 'patients', 'mean']);
});

test('docs/records.md: all alarms are there', () => {
  for (const alarm of alarms) expect(page).toContain(`\`${alarm}\``);
});

test('docs/records.md: its commands and their flags are there, and the errors that it names', async () => {
  const lines = blocks('')
    .join('\n')
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    const [, words, rest] = /^symbolon ((?:[a-z]+ )+)(.*)$/.exec(`${line} `)!;
    let help = '';
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      help += String(chunk);
      return true;
    });
    try {
      const names = words!
        .trim()
        .split(' ')
        .slice(0, /^symbolon centre (alarms|seen)/.test(line) ? 2 : 3);
      expect(await run([...names, '--help'])).toBe(0);
      expect(help).toContain(`Usage: symbolon ${names.join(' ')}`);
    } finally {
      write.mockRestore();
    }
    for (const [, flag] of ` ${rest}`.matchAll(/ (--[a-z]+)/g)) expect(help, line).toMatch(new RegExp(`${flag}\\b`));
  }
  const codes = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code!);
  for (const code of codes) expect(Object.keys(errorCodes)).toContain(code);
  expect(codes.length).toBeGreaterThan(4);
});
