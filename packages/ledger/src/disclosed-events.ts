import { checkCanonical, equalBytes, fromBase64, SymbolonError, utf8 } from '@symbolon/crypto';
import { entryHashes } from './entry.ts';
import { MerkleHasher } from './merkle-hasher.ts';

const [hashLength, saltLength] = [32, 32];

/** A line that discloses an event, as it was written. */
interface EventLine {
  readonly index: number;
  /** Base64. */
  readonly salt: string;
  readonly event: string;
}

/**
 * Verifies disclosed events, one a line, against the entries of their log.
 * @param blocks lines, some at a time
 * @param entries of 32 bytes each
 * @param faults gets what is wrong, one sentence each
 * @param progress told the number of lines so far
 * @returns the number of lines that disclose an event, up to the first that does not
 */
export async function verifyEvents(
  blocks: AsyncIterable<readonly string[]>,
  entries: Uint8Array,
  faults: string[],
  progress: (count: number) => void,
): Promise<number> {
  const hasher = new MerkleHasher();
  const size = entries.length / hashLength;
  let count = 0;
  for await (const texts of blocks) {
    const lines = texts.map((text) => parsed(text, size));
    const end = lines.indexOf(undefined);
    const events = lines.slice(0, end === -1 ? lines.length : end) as EventLine[];
    for (const index of strangers(events, entries, hasher)) {
      faults.push(`the event of entry ${index} does not give the entry`);
    }
    count += events.length;
    if (end !== -1) {
      faults.push(`line ${count + 1} of events.jsonl is not an event of this log`);
      return count;
    }
    progress(count);
  }
  return count;
}

/** Numbers of those entries that are not of the event that is said to be theirs. */
function strangers(lines: readonly EventLine[], entries: Uint8Array, hasher: MerkleHasher): number[] {
  const records = lines.map(recordOf);
  const hashes = entryHashes(
    records.filter((record) => record !== undefined),
    hasher,
  );
  let at = 0;
  return lines
    .filter(({ index }, i) => {
      if (records[i] === undefined) return true;
      const hash = hashes.subarray(at, at + hashLength);
      at += hashLength;
      return !equalBytes(hash, entries.subarray(index * hashLength, (index + 1) * hashLength));
    })
    .map(({ index }) => index);
}

function recordOf({ salt, event }: EventLine): { event: Uint8Array; salt: Uint8Array } | undefined {
  try {
    const record = { event: utf8(event), salt: fromBase64(salt) };
    checkCanonical(record.event);
    return record.salt.length === saltLength ? record : undefined;
  } catch (error) {
    if (error instanceof SymbolonError) return undefined;
    throw error;
  }
}

/** What a line says; undefined if it discloses no event of a log of this size. */
function parsed(text: string, size: number): EventLine | undefined {
  let line: Partial<EventLine> | null;
  try {
    line = JSON.parse(text) as Partial<EventLine> | null;
  } catch {
    return undefined;
  }
  if (typeof line !== 'object' || line === null || Object.keys(line).length !== 3) return undefined;
  const { index, salt, event } = line;
  if (!Number.isSafeInteger(index) || index! < 0 || index! >= size) return undefined;
  return typeof salt === 'string' && typeof event === 'string' ? (line as EventLine) : undefined;
}
