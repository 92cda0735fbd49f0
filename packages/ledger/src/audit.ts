import { equalBytes, parseCanonical, SymbolonError } from '@symbolon/crypto';
import type { Checkpoint } from './checkpoint.ts';
import { entryHash } from './log.ts';
import { leafHash } from './proofs.ts';
import type { LogReader, LogRecord } from './store.ts';
import { HashTree } from './tree.ts';

const pageLength = 1024;

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
  const erased: number[] = [];
  const size = await store.size();
  const ordered = checkpoints.toSorted((a, b) => a.size - b.size);
  let sound = 0;
  let page: readonly LogRecord[] = [];
  for (let index = 0; ; index++) {
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
    if (index % pageLength === 0) page = await store.entries(index, index + pageLength);
    const record = page[index % pageLength];
    const reason = record === undefined ? 'there is no such entry' : flaw(record);
    if (reason !== undefined) return { ok: false, index, until: index + 1, reason };
    if (record!.event === null) erased.push(index);
    tree.append(leafHash(record!.entry));
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

function flaw({ entry, event, salt }: LogRecord): string | undefined {
  if (entry.length !== 32) return 'the entry is not a SHA-256 hash';
  if (event === null && salt === null) return undefined;
  if (event === null || salt === null) return 'the entry has lost one of event and salt';
  try {
    parseCanonical(event);
  } catch (error) {
    if (error instanceof SymbolonError) return `the event: ${error.message}`;
    throw error;
  }
  if (salt.length !== 32 || !equalBytes(entryHash(event, salt), entry)) return 'the event does not give the entry';
  return undefined;
}
