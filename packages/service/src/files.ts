import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fault, hex, type Rng } from '@symbolon/crypto';

// Windows keeps access lists instead of mode bits, and cannot open a folder to sync it.
const posix = process.platform !== 'win32';

/** Nobody but the owner may read. */
export const privateFile = 0o600;
/** Nobody but the owner may look inside. */
export const privateFolder = 0o700;

/**
 * Writes a file so that a reader sees the old content or the new, never a part. When it returns, the file survives power loss.
 * @param mode of the new file
 */
export function writeDurably(path: string, content: string | Uint8Array, mode: number, rng: Rng): void {
  const draft = `${path}.${hex(rng(6))}.new`;
  const file = openSync(draft, 'wx', mode);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** Makes a folder that only its owner looks into, and those above it that are missing. When it returns, they survive power loss. */
export function makeDurably(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: privateFolder });
  if (first === undefined) return;
  for (let made = path; made !== dirname(first); made = dirname(made)) syncFolder(dirname(made));
}

/** Makes what was created, renamed or removed in a folder survive power loss. */
export function syncFolder(path: string): void {
  if (!posix) return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Reads a text file of a home; throws `config-invalid` naming the file if it is missing, too long or not a plain file. */
export function readHomeFile(path: string, { secret = false, maxBytes = 65_536 } = {}): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw fault('config-invalid', `${path} is missing`, {
      culprit: path,
      hint: 'Restore the file from your backup of this folder.',
    });
  }
  if (!stats.isFile()) throw fault('config-invalid', `${path} is not a plain file`, { culprit: path });
  if (stats.size > maxBytes)
    throw fault('config-invalid', `${path} is longer than ${maxBytes} bytes`, { culprit: path });
  if (secret) requirePrivate(path, stats.mode);
  return readFileSync(path, 'utf8');
}

/** Throws `config-invalid` unless `path` is a folder that only its owner can enter. */
export function requirePrivateFolder(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) throw fault('config-invalid', `${path} is not a folder`, { culprit: path });
  requirePrivate(path, stats.mode);
}

function requirePrivate(path: string, mode: number): void {
  if (!posix || (mode & 0o077) === 0) return;
  throw fault('config-invalid', `${path} can be read by other users of this machine`, {
    culprit: path,
    hint: `Run: chmod go= ${path}. If others may have read it, replace the keys.`,
  });
}
