import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { base64url, fault, fromBase64url, hex, type Rng } from '@symbolon/crypto';
import { privateFile, readHomeFile, syncFolder } from './files.ts';

/**
 * Reads a secret of an organisation's folder, 32 bytes. @param make makes it if there is none: only where nothing depends on one
 * @throws SymbolonError `config-invalid` naming the file
 */
export function readHomeSecret(path: string, rng: Rng, make: boolean): Uint8Array {
  if (make && !existsSync(path)) makeSecret(path, rng);
  const text = readHomeFile(path, { secret: true }).trim();
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return fromBase64url(text);
  throw fault('config-invalid', `${path} is not a key`, {
    culprit: path,
    hint: 'Restore the file from your backup of this folder.',
  });
}

/** Of two processes that make it at the same time, the first one's stays. */
function makeSecret(path: string, rng: Rng): void {
  const draft = `${path}.${hex(rng(6))}.new`;
  const file = openSync(draft, 'wx', privateFile);
  try {
    writeSync(file, `${base64url(rng(32))}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  syncFolder(dirname(path));
}
