#!/usr/bin/env node
// The `symbolon` command on any Node >= 18: older ones cannot run TypeScript, so this file is plain JavaScript and hands over
// to the Node 24 that npm installed beside Symbolon.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const wanted = 24;
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= wanted) {
  await import('../src/main.ts');
} else {
  const node = shippedNode();
  if (node === undefined) {
    console.error(`symbolon: Node ${wanted} or newer is needed, and this is Node ${process.versions.node}`);
    console.error(
      `  do    Run \`npm install\` in the folder of Symbolon: it brings its own Node. Or install Node ${wanted}.`,
    );
    process.exit(1);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child as well, which decides how to stop.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** Path of the Node that came as a package for this platform. */
function shippedNode() {
  const require = createRequire(import.meta.url);
  const name = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  for (const shipped of [`node-${name}`, `node-bin-${name}`]) {
    try {
      const folder = dirname(require.resolve(`${shipped}/package.json`));
      const file = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(file)) return file;
    } catch {
      // Not installed: try the next.
    }
  }
  return undefined;
}
