import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fault, fromUtf8 } from '@symbolon/crypto';
import {
  type LogFolderVerdict,
  type ProofVerdict,
  tilePath,
  type VerifierKey,
  verifyExport,
  verifyProof,
} from '@symbolon/ledger';
import { logFiles } from './log-bundle.ts';

const maxNoteBytes = 16_384;
const maxProofBytes = 4 << 20;
const maxWitnesses = 1000;
/** What is read of the events, and verified, at once. */
const blockBytes = 1 << 20;
/** Nobody exports an event of more. */
const maxLineLength = 1 << 26;

/** `verifyExport` of the files in a folder. Throws as it does, and `not-found` where there is no checkpoint. */
export async function verifyLogFolder(folder: string, keys: readonly VerifierKey[]): Promise<LogFolderVerdict> {
  const files = {
    checkpoint: readBounded(join(folder, logFiles.checkpoint), maxNoteBytes),
    cosigned: cosignedNotes(folder),
    tile: (name: Parameters<typeof tilePath>[0], length: number) => {
      const file = join(folder, tilePath(name));
      return existsSync(file) && statSync(file).size === length ? readFileSync(file) : undefined;
    },
    events: () => blocksOfLines(join(folder, logFiles.events)),
  };
  return verifyExport(files, keys);
}

/** `verifyProof` of a file. Throws as it does, and `not-found`. */
export function verifyProofFile(file: string, keys: readonly VerifierKey[]): ProofVerdict {
  return verifyProof(readBounded(file, maxProofBytes), keys);
}

function cosignedNotes(folder: string): string[] {
  const below = join(folder, logFiles.cosigned);
  if (!existsSync(below)) return [];
  const names = readdirSync(below).sort();
  if (names.length > maxWitnesses) throw fault('bad-document', `${below} holds more than ${maxWitnesses} files`);
  return names.map((name) => readBounded(join(below, name), maxNoteBytes));
}

async function* blocksOfLines(file: string): AsyncGenerator<string[]> {
  if (!existsSync(file)) return;
  let begun = '';
  for await (const text of createReadStream(file, { encoding: 'utf8', highWaterMark: blockBytes })) {
    const lines = (begun + text).split('\n');
    begun = lines.pop()!;
    if (begun.length > maxLineLength) throw fault('bad-document', `${file} has a line that is too long`);
    yield lines;
  }
  if (begun !== '') yield [begun];
}

function readBounded(file: string, most: number): string {
  if (!existsSync(file)) throw fault('not-found', `there is no file ${file}`, { culprit: file });
  if (statSync(file).size > most) throw fault('bad-document', `${file} has more than ${most} bytes`, { culprit: file });
  return fromUtf8(readFileSync(file));
}
