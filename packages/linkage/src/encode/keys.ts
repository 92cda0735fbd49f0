import { hashLabelled } from '@symbolon/crypto';
import type { PsiKeys } from '../psi/keys.ts';
import type { CompiledRule } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { integerAt, type LocalTable, requireShape, textAt } from './table.ts';

/** The one equality that a rule is, where it is no more: such a rule is an intersection by key. */
export function keyEquality(rule: CompiledRule): (Encoding & { kind: 'equal' }) | undefined {
  const [leaf, ...others] = rule.leaves;
  if (leaf?.encoding.kind !== 'equal' || leaf.encoding.negated || others.length > 0) return undefined;
  return rule.verdict === 0 ? leaf.encoding : undefined;
}

/** A longer key gives way to its hash: keyed BLAKE3 here takes 1024 bytes at most, and all keys together stay within 1 GiB. */
const longest = 256;
/** Where a length would stand: what follows is a hash. No text is so long. */
const hashed = 0xffffffff;

/**
 * The key of every row, in the order of the run: all parts of the equality, each as its type and its text, with their lengths; or a hash
 * of all that. None where a part is NULL. Runs at: the owner.
 */
export function encodeKeys(
  rule: CompiledRule,
  equality: Encoding & { kind: 'equal' },
  side: Side,
  table: LocalTable,
  order: Uint32Array,
): PsiKeys {
  requireShape(rule, side, table);
  const parts = equality[side].map((operand) => ({
    local: rule.locals[side][operand]!,
    values: table.columns[operand]!,
  }));
  const offsets = new Uint32Array(order.length + 1);
  const present = new Uint8Array(order.length);
  const writer = new Writer(order.length * 24);
  for (let row = 0; row < order.length; row++) {
    const start = writer.length;
    present[row] = 1;
    for (const { local, values } of parts) {
      const value = local.as === 'text' ? textAt(local, values, order[row]!) : integerAt(local, values, order[row]!);
      if (value === undefined) {
        present[row] = 0;
        writer.length = start;
        break;
      }
      writer.write(`${local.as}:${value}`);
    }
    if (writer.length - start > longest) writer.hashFrom(start);
    offsets[row + 1] = writer.length;
  }
  return { data: writer.bytes(), offsets, present };
}

/** Texts behind their lengths in bytes, u32, in a buffer that grows. */
class Writer {
  length = 0;
  #buffer: Uint8Array;
  readonly #encoder = new TextEncoder();

  constructor(bytes: number) {
    this.#buffer = new Uint8Array(bytes);
  }

  write(text: string): void {
    const most = this.length + 4 + 3 * text.length;
    if (most > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(2 * this.#buffer.length, most));
      larger.set(this.#buffer.subarray(0, this.length));
      this.#buffer = larger;
    }
    const { written } = this.#encoder.encodeInto(text, this.#buffer.subarray(this.length + 4));
    new DataView(this.#buffer.buffer).setUint32(this.length, written, true);
    this.length += 4 + written;
  }

  /** Puts a hash in the place of everything from `start` on, which must be longer. */
  hashFrom(start: number): void {
    const hash = hashLabelled('symbolon/link/key/1', this.#buffer.subarray(start, this.length));
    new DataView(this.#buffer.buffer).setUint32(start, hashed, true);
    this.#buffer.set(hash, start + 4);
    this.length = start + 4 + hash.length;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }
}
