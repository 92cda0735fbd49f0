import { afterSql, type ReleasedBound } from '@symbolon/analytics';
import { base64url, canonicalBytes, hashLabelled } from '@symbolon/crypto';
import { openDuckDb } from '@symbolon/service';
import type { BoundQuestion } from './question.ts';
import type { ReleasedStudy } from './runs.ts';

/** Salted hash of what opened to all: the bytes, as what is made of them may differ in a last digit from one machine to another. */
export function releasedHash(opened: ReadonlyMap<string, Uint8Array>, salts: readonly Uint8Array[]): string {
  const entries = [...opened].map(([name, bytes]) => [name, base64url(bytes)]).sort(([a], [b]) => (a! < b! ? -1 : 1));
  return base64url(hashLabelled('symbolon released study', ...salts, canonicalBytes(entries)));
}

/** What the study's SELECT list makes of the cells that opened; a method's result stands for itself. Runs at: who learns. */
export async function finished({ bound }: BoundQuestion, opened: ReleasedBound): Promise<ReleasedStudy> {
  if (bound === null) return { ...opened, rows: [] };
  const duck = await openDuckDb({ threads: 1 });
  try {
    await duck.lockDown();
    const { values, rows } = await duck.columns(afterSql(bound, opened.cells));
    const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));
    return { ...opened, rows: Array.from({ length: rows }, (_, row) => values.map((column) => text(column[row]))) };
  } finally {
    duck.close();
  }
}
