import { checkCanonical, concat, equalBytes, SymbolonError } from '@symbolon/crypto';
import type { Checkpoint } from './checkpoint.ts';
import { entryHashes } from './entry.ts';
import { MerkleHasher } from './merkle-hasher.ts';
import type { LogReader, LogRecord } from './store.ts';
import { HashTree } from './tree.ts';

const pageLength = 4096;

/** The outcome of {@link verifyLog}. */
export type LogVerdict =
  | {
      readonly ok: true;
      readonly size: number;
      readonly root: Uint8Array;
      /** Indexes of entries whose event and salt have been erased: in place, but no longer readable. */
      readonly erased: readonly number[];
    }
  | {
      readonly ok: false;
      /** The first entry found wrong; where only a root is wrong, the first entry that can be the cause. */
      readonly index: number;
      /** The wrong entry lies below this one. */
      readonly until: number;
      readonly reason: string;
    };

/**
 * Verifies a whole log: every event against its entry, and the tree against checkpoints that were verified before
 * (`parseCheckpoint`), one's own or those that witnesses hold. The more checkpoints, the closer a rewritten entry is pinned down.
 */
export async function verifyLog(
  store: Pick<LogReader, 'size' | 'entries'>,
  checkpoints: readonly Checkpoint[],
): Promise<LogVerdict> {
  const tree = new HashTree();
  const hasher = new MerkleHasher();
  const erased: number[] = [];
  const size = await store.size();
  const ordered = checkpoints.toSorted((a, b) => a.size - b.size);
  let sound = 0;
  for (let index = 0; ; index = tree.size) {
    for (; ordered[0]?.size === index; ordered.shift()) {
      if (!equalBytes(tree.root(), ordered[0].root)) {
        return {
          ok: false,
          index: sound,
          until: index,
          reason: `the entries do not give the root of the checkpoint of size ${index}`,
        };
      }
      sound = index;
    }
    if (index === size) break;
    const end = Math.min(index + pageLength, size, ordered[0]?.size ?? size);
    const page = await store.entries(index, end);
    for (const [i, reason] of flaws(page, end - index, hasher).entries()) {
      if (reason !== undefined) return { ok: false, index: index + i, until: index + i + 1, reason };
      if (page[i]!.event === null) erased.push(index + i);
    }
    tree.appendAll(hasher.leaves(concat(...page.map(({ entry }) => entry))), hasher);
  }
  const [beyond] = ordered;
  if (beyond !== undefined) {
    return {
      ok: false,
      index: size,
      until: beyond.size,
      reason: `the log has ${size} entries, but signed a checkpoint of ${beyond.size}`,
    };
  }
  return { ok: true, size, root: tree.root(), erased };
}

/** What is wrong with each of `length` records. */
function flaws(page: readonly LogRecord[], length: number, hasher: MerkleHasher): (string | undefined)[] {
  const forms = Array.from({ length }, (_, i) => formFlaw(page[i]));
  const whole = [...page.keys()].filter((i) => forms[i] === undefined && page[i]!.event !== null);
  const hashes = entryHashes(
    whole.map((i) => page[i] as { event: Uint8Array; salt: Uint8Array }),
    hasher,
  );
  if (equalBytes(hashes, concat(...whole.map((i) => page[i]!.entry)))) return forms;
  for (const [i, place] of whole.entries()) {
    if (!equalBytes(hashes.subarray(32 * i, 32 * (i + 1)), page[place]!.entry))
      forms[place] = 'the event does not give the entry';
  }
  return forms;
}

function formFlaw(record: LogRecord | undefined): string | undefined {
  if (record === undefined) return 'there is no such entry';
  const { entry, event, salt } = record;
  if (entry.length !== 32) return 'the entry is not a SHA-256 hash';
  if (event === null && salt === null) return undefined;
  if (event === null || salt === null) return 'the entry has lost one of event and salt';
  try {
    checkCanonical(event);
  } catch (error) {
    if (error instanceof SymbolonError) return `the event: ${error.message}`;
    throw error;
  }
  return salt.length === 32 ? undefined : 'the event does not give the entry';
}
