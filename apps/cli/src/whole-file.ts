import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fault } from '@symbolon/crypto';
import type { Cleanup } from './cleanup.ts';

/**
 * Writes a file that only its owner can read: whole, or not at all. It grows beside its place and is renamed at the end; what is half
 * written is removed when the command ends, however it ends.
 *
 * @throws SymbolonError `conflict` if there is such a file; else what the file system or `parts` throw
 */
export async function writeWhole(path: string, parts: AsyncIterable<string>, cleanup: Cleanup): Promise<void> {
  if (existsSync(path)) {
    throw fault('conflict', `${path} is there already`, {
      culprit: path,
      hint: 'Name another file, or remove this one.',
    });
  }
  const draft = `${path}.${process.pid}.new`;
  cleanup.add(() => rmSync(draft, { force: true }));
  await pipeline(Readable.from(parts), createWriteStream(draft, { flags: 'wx', mode: 0o600 }));
  renameSync(draft, path);
}
