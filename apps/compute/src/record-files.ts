import { type FileHandle, open } from 'node:fs/promises';
import { fault } from '@symbolon/crypto';

/** Reads from a file of records. */
export async function readRecordAt(file: string, length: number, at: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await handle.read(bytes, 0, length, at);
    if (bytesRead !== length) throw fault('internal', `${file} is too short`);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Writes into a file of records, durably. */
export async function writeRecordAt(file: string, bytes: Uint8Array, at: number): Promise<void> {
  const handle: FileHandle = await open(file, 'a+', 0o600).then(async (made) => {
    await made.close();
    return open(file, 'r+');
  });
  try {
    await handle.write(bytes, 0, bytes.length, at);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
