// Sets the project up on a fresh clone; quick when nothing changed. Plain JavaScript: it runs on any Node >= 20, before ours is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCards, cardsBinary, cardsSources } from './cards.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const kernels = join(root, 'packages/kernels');

/** The Node 24 that the lockfile brings; this process's own where the platform has no such package. */
export function projectNode() {
  const shipped = join(root, 'node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  return existsSync(shipped) ? shipped : process.execPath;
}

const steps = [
  {
    name: 'packages',
    inputs: ['package-lock.json', 'package.json'],
    output: 'node_modules/.package-lock.json',
    run: installPackages,
  },
  {
    name: 'kernels',
    inputs: sources('packages/kernels/as'),
    output: 'packages/kernels/kernels.wasm',
    run: buildKernels,
  },
  {
    name: 'smartcards',
    inputs: cardsSources,
    output: cardsBinary,
    run: () => buildCards(root),
  },
  {
    name: 'console',
    inputs: [
      'SECURITY.md',
      'apps/console/vite.config.ts',
      ...sources('docs'),
      ...sources('apps/console/build'),
      ...sources('apps/console/web'),
      ...sources('packages/ledger/src'),
    ],
    output: 'apps/console/dist/index.html',
    run: buildConsole,
  },
];

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

// `install --no-save` and not `ci`: see docs/decisions/0003.
function installPackages() {
  const options = ['--no-save', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'];
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['install', ...options], root);
}

function buildKernels() {
  run(
    projectNode(),
    [join(root, 'node_modules/assemblyscript/bin/asc.js'), 'as/index.ts', '--config', 'asconfig.json'],
    kernels,
  );
}

function buildConsole() {
  const config = join(root, 'apps/console/vite.config.ts');
  run(
    projectNode(),
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', config, '--logLevel', 'warn'],
    root,
  );
}

function run(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (done.status !== 0) {
    console.error(`set-up: '${command} ${args.join(' ')}' failed${done.error ? `: ${done.error.message}` : ''}`);
    process.exit(1);
  }
}

function fingerprint(step) {
  const hash = createHash('sha256');
  for (const file of step.inputs) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

export function setup() {
  const stampFile = join(root, 'node_modules/.setup-stamp');
  const stamps = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {};
  for (const step of steps) {
    const wanted = fingerprint(step);
    if (stamps[step.name] === wanted && existsSync(join(root, step.output))) continue;
    const start = Date.now();
    console.error(`set-up: ${step.name} …`);
    if (step.run() === 'skipped') continue;
    stamps[step.name] = wanted;
    writeFileSync(stampFile, JSON.stringify(stamps));
    console.error(`set-up: ${step.name} done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
  const version = spawnSync(projectNode(), ['--version'], { encoding: 'utf8' }).stdout.trim();
  if (Number(version.slice(1).split('.')[0]) < 24) {
    console.error(
      `set-up: Symbolon needs Node 24 or newer; this platform has no packaged Node and ${version} is installed. Install Node 24 and run this again.`,
    );
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
