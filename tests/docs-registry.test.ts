import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@symbolon/cli';
import { centreApi } from '@symbolon/registry';
import { expect, test, vi } from 'vitest';
import { settingsSchema as centre } from '../apps/registry/src/centre/config.ts';
import { settingsSchema as module } from '../apps/registry/src/module/config.ts';
import { settingsSchema as oprf } from '../apps/registry/src/oprf/config.ts';
import { root } from './support/script.ts';

const page = readFileSync(join(root, 'docs/registry.md'), 'utf8');
const example = readFileSync(join(root, 'examples/registry/README.md'), 'utf8');

test('docs/registry.md: the settings of all three servers are settings of theirs', () => {
  const schemas = { oprf, module, centre };
  for (const [role, schema] of Object.entries(schemas)) {
    const [, json] = new RegExp(`^\`\`\`json ${role}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)!;
    expect(schema.safeParse(JSON.parse(json!)).error?.issues, role).toBeUndefined();
  }
});

test('docs/registry.md, examples/registry: their commands are there, with these options', async () => {
  const fenced = [...`${page}\n${example}`.matchAll(/^```([a-z ]*)\n([\s\S]*?)^```$/gm)];
  const blocks = fenced.flatMap(([, kind, text]) => (kind === '' ? [text] : [])).join('\n');
  const commands = [...blocks.matchAll(/symbolon (?:-- )?([^\n#]*)/g)].map(([, typed]) => typed!.trim().split(/ +/));
  expect(commands.length).toBeGreaterThan(20);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    for (const typed of commands) {
      const words = typed.slice(0, depthOf(typed));
      write.mockClear();
      expect(await run([...words, '--help']), `${typed}`).toBe(0);
      const help = write.mock.calls.map(([text]) => String(text)).join('');
      expect(help).toContain(`Usage: symbolon ${words.join(' ')}`);
      for (const word of typed.filter((one) => one.startsWith('--'))) expect(help, `${typed}`).toContain(word);
    }
  } finally {
    write.mockRestore();
  }
});

/** How many words name the command: what follows are arguments. */
function depthOf([first, second]: readonly string[]): number {
  const branches = ['physician', 'institution', 'installation', 'review', 'patient'];
  return first === 'registry' && branches.includes(second!) ? 3 : 2;
}

test('examples/registry: every scenario of the rehearsal is in its table, and no other', () => {
  const source = readFileSync(join(root, 'apps/cli/src/rehearsal/registry/scenarios.ts'), 'utf8');
  const played = [...source.matchAll(/^ {8}name: '([a-z-]+)',$/gm)].map(([, name]) => name);
  const told = [...example.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  expect(told).toEqual(played);
  expect(played.length).toBeGreaterThan(8);
});

test('docs/registry.md: what the central server can be asked is among its contracts', () => {
  const asked = [...page.matchAll(/`((?:GET|POST) \/v1\/[^`]*)`/g)].map(([, one]) => one);
  const contracts = Object.values(centreApi).flatMap((one) =>
    typeof one === 'object' && 'path' in one ? [`${one.method} ${one.path}`] : [],
  );
  expect(asked.length).toBeGreaterThan(10);
  for (const one of asked) expect(contracts).toContain(one);
});
