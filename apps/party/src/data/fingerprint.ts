import { base64url, TranscriptHash, utf8 } from '@symbolon/crypto';
import { openSource } from './open.ts';
import type { DataSource } from './source.ts';

/**
 * One hash of a source's columns and records, in their order: the same as long as nothing in it changes. For its owner only: whoever guesses
 * all records could recognise it. Throws what opening and reading throw.
 */
export async function fingerprint(source: DataSource): Promise<string> {
  const reader = await openSource(source);
  const hash = new TranscriptHash('symbolon data set');
  const add = (texts: readonly (string | null)[]): void => void hash.add(utf8(JSON.stringify(texts)));
  add(reader.columns.map(({ name }) => name));
  await reader.read((cells) => {
    add(cells);
    return true;
  });
  return base64url(hash.digest());
}
