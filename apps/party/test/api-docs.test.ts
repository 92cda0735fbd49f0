import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemBody } from '@symbolon/service';
import { expect, test } from 'vitest';
import { contracts } from '../src/api/index.ts';
import { partySettings } from '../src/index.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');

test('docs/api.md: its settings and its error are such, and its addresses are there', () => {
  const [settings, problem] = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text!));
  expect(partySettings.parse(settings.settings).people).toMatchObject({ port: 8443, tls: 'home' });
  expect(problemBody.parse(problem)).toEqual(problem);
  const paths = contracts.map(({ path }) => path.replace(/:\w+/g, '[^/]+'));
  const named = [...page.matchAll(/\/v1\/[\w./{}-]*[\w}]/g)].map(([path]) => path);
  expect(named.length).toBeGreaterThan(5);
  for (const path of named)
    expect(
      paths.some((one) => new RegExp(`^${one}$`).test(path)),
      path,
    ).toBe(true);
});
