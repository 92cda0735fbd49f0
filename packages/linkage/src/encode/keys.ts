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
 * The key of every row of a table: all parts of the equality, each as its type and its text, with their lengths; or a hash of all that.
 * None where a part is NULL. Runs at: the owner.
 */
export function encodeKeys(
  rule: CompiledRule,
  equality: Encoding & { kind: 'equal' },
  side: Side,
  table: LocalTable,
): PsiKeys {
  requireShape(rule, side, table);
  const parts = equality[side].map((operand) => {
    const local = rule.locals[side][operand]!;
    const values = table.columns[operand]!;
    const text = (row: number): string | undefined =>
      local.as === 'text' ? textAt(local, values, row) : integerAt(local, values, row)?.toString();
    return { type: `${local.as}:`, text };
  });
  const offsets = new Uint32Array(table.rows + 1);
  const present = new Uint8Array(table.rows);
  const writer = new Writer(table.rows * 24);
  for (let row = 0; row < table.rows; row++) {
    const start = writer.length;
    present[row] = 1;
    for (const { type, text } of parts) {
      const value = text(row);
      if (value === undefined) {
        present[row] = 0;
        writer.length = start;
        break;
      }
      writer.write(type, value);
    }
    if (writer.length - start > longest) writer.hashFrom(start);
    offsets[row + 1] = writer.length;
  }
  return { data: writer.bytes(), offsets, present };
}

const encoder = new TextEncoder();

/** Texts in UTF-8 behind their lengths in bytes, u32, in a buffer that grows. */
class Writer {
  length = 0;
  #buffer: Uint8Array<ArrayBuffer>;

  constructor(bytes: number) {
    this.#buffer = new Uint8Array(bytes);
  }

  write(type: string, text: string): void {
    const start = this.length + 4;
    this.#reserve(start + 3 * (type.length + text.length));
    const end = this.#append(text, this.#append(type, start));
    this.#lengthAt(this.length, end - start);
    this.length = end;
  }

  /** Puts a hash in the place of everything from `start` on, which must be longer. */
  hashFrom(start: number): void {
    const hash = hashLabelled('symbolon/link/key/1', this.#buffer.subarray(start, this.length));
    this.#lengthAt(start, hashed);
    this.#buffer.set(hash, start + 4);
    this.length = start + 4 + hash.length;
  }

  /** All that was written; the writer has it no more. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#buffer.buffer.transfer(this.length));
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#buffer.length, bytes));
    larger.set(this.#buffer.subarray(0, this.length));
    this.#buffer = larger;
  }

  #lengthAt(at: number, length: number): void {
    for (let i = 0; i < 4; i++) this.#buffer[at + i] = length >>> (8 * i);
  }

  /** @returns where the text ends. Short ones are faster by characters than by the encoder, as long as they are ASCII. */
  #append(text: string, at: number): number {
    const buffer = this.#buffer;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return at + encoder.encodeInto(text, buffer.subarray(at)).written;
      buffer[at + i] = code;
    }
    return at + text.length;
  }
}
