import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

// DESIGN §3: what each workspace may import. A name missing on the right is a forbidden arrow.
const base = ['crypto', 'kernels'];
const middle = ['engine', 'agreement', 'ledger', ...base];
const shared = ['service', 'linkage', 'analytics', 'report', 'alerts', 'consent', 'fhe', 'sql', ...middle];
const mayImport: Record<string, string[]> = {
  'packages/kernels': [],
  'packages/crypto': ['kernels'],
  'packages/engine': base,
  'packages/agreement': base,
  'packages/ledger': base,
  'packages/sql': base,
  'packages/linkage': ['sql', ...middle],
  'packages/analytics': ['sql', 'linkage', ...middle],
  'packages/report': ['analytics', ...base],
  'packages/alerts': ['agreement', ...base],
  'packages/consent': base,
  'packages/fhe': ['sql', 'analytics', ...base],
  'packages/service': shared,
  'packages/testkit': ['party', 'keyservice', 'compute', 'registry', 'workstation', ...shared],
  'apps/keyservice': shared,
  'apps/party': shared,
  'apps/compute': shared,
  'apps/registry': shared,
  'apps/workstation': shared,
  // Its pages know types of the API and nothing else of a server.
  'apps/console': ['service'],
  'apps/cli': ['console', 'party', 'keyservice', 'compute', 'registry', 'workstation', 'testkit', 'report', ...shared],
};

// Pure packages: channels, randomness and time are arguments.
const pure = [
  'engine',
  'sql',
  'linkage',
  'analytics',
  'report',
  'alerts',
  'agreement',
  'ledger',
  'crypto',
  'kernels',
].map((name) => `packages/${name}`);
const ambient: [string, RegExp][] = [
  [
    'a socket, file, process or database module',
    /(?:from |import\()'(node:(fs|net|tls|http|https|http2|dgram|child_process|sqlite|worker_threads)|pg|ws|undici|fastify|kysely|@duckdb)/,
  ],
  ['the clock', /\bDate\.now\(|new Date\(\)|performance\.now\(/],
  ['global randomness', /Math\.random|getRandomValues|randomBytes|randomFill|randomUUID|randomInt/],
];
const exceptions: Record<string, string[]> = {
  'packages/crypto/src/random.ts': ['global randomness'],
  'packages/kernels/src/load.ts': ['a socket, file, process or database module'],
};

const root = join(import.meta.dirname, '..');
const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('node_modules'))
    .map((file) => join(folder, file));

describe('architecture', () => {
  test('every workspace of package.json has rules here, a README and one entry point', () => {
    const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
    expect(new Set(workspaces)).toEqual(new Set(Object.keys(mayImport)));
    for (const workspace of workspaces) {
      expect(readdirSync(join(root, workspace)), workspace).toContain('README.md');
    }
  });

  test.each(Object.entries(mayImport))('%s imports downwards only', (workspace, allowed) => {
    const offences: string[] = [];
    for (const file of files(`${workspace}/src`)) {
      for (const [, target] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from |import\()'([^']+)'/g)) {
        // Threads and processes that evaluate load what they need and no more: their entry points of `service` and `fhe` are their own.
        const name = /^@symbolon\/(.+?)(\/threads|\/evaluation|\/sealing|\/passphrase|\/files)?$/.exec(target!)?.[1];
        if (name !== undefined && !allowed.includes(name)) offences.push(`${file} imports ${target}`);
        if (
          target!.startsWith('.') &&
          relative(join(workspace, 'src'), join(dirname(file), target!)).startsWith('..')
        ) {
          offences.push(`${file} reaches outside its folder: ${target}`);
        }
      }
    }
    expect(offences).toEqual([]);
  });

  test('pages of the console know servers by their types alone', () => {
    // What verifies a log, and words without code.
    const shared = ['ledger', 'agreement/purposes'];
    const offences: string[] = [];
    for (const file of files('apps/console/web')) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [line, what] of text.matchAll(/^import (?!type ).*from '@symbolon\/(.+?)'/gm)) {
        if (!shared.includes(what!)) offences.push(`${file}: ${line}`);
      }
    }
    expect(offences).toEqual([]);
  });

  test.each(pure)('%s is pure', (workspace) => {
    const offences: string[] = [];
    for (const file of files(`${workspace}/src`)) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [what, pattern] of ambient) {
        if (pattern.test(text) && !exceptions[file]?.includes(what)) offences.push(`${file} uses ${what}`);
      }
    }
    expect(offences).toEqual([]);
  });
});
