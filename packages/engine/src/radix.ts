import type { Arena } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';

/** Where a sort finds the digits of its keys: bits `from` … `from + width − 1` of each of `rows` rows of 1 bit or of whole bytes. */
export interface DigitPlace {
  readonly rows: number;
  readonly rowBits: number;
  readonly from: number;
  readonly width: number;
}

/**
 * A block is 2^width − 1 vectors of `rows` words of Z_2^32, one behind the other: vector v − 1 is that of the digit v ≥ 1. Digits are bytes, one a
 * row. At a party neither branches nor addresses depend on shares: on Δ, which is public, and on shapes only.
 */
export interface Radix {
  /** @param x 0: zeros */
  digits(out: Ptr, x: Ptr, place: DigitPlace): void;
  /** Runs at: the dealer. Block [λ = v]. */
  oneHot(out: Ptr, lambda: Ptr, place: DigitPlace): void;
  /** Runs at: the dealer. Block μ_{λ⊕v}, μ_0 = 0. */
  chosen(out: Ptr, lambda: Ptr, masks: Ptr, place: DigitPlace): void;
  /**
   * Shares of how many rows before have each digit: zeros[i] ← C_0(i), block += C_v(i) + Σ_{u<v} C_u(all) − C_0(i), where C_v(i) = Σ_{j≤i} [x_j = v].
   * @param oneHot block of shares of [λ = v]; @param one the party's share of 1
   */
  count(block: Ptr, zeros: Ptr, oneHot: Ptr, delta: Ptr, one: 0 | 1, place: DigitPlace): void;
  /** out += share of S_x(i) = C_0(i) − 1 + Σ_{v≥1} [x_i = v]·(opened_v(i) − μ_v(i)). @param chosen block of shares of μ_{λ⊕v} */
  choose(
    out: Ptr,
    shares: { zeros: Ptr; oneHot: Ptr; chosen: Ptr; masks: Ptr; opened: Ptr },
    delta: Ptr,
    one: 0 | 1,
    place: DigitPlace,
  ): void;
}

export function radix(arena: Arena): Radix {
  /** Corrections may stand at any byte. */
  const words = (ptr: Ptr, size: number): Uint32Array =>
    ptr % 4 === 0 ? arena.u32(ptr, size) : new Uint32Array(arena.bytes(ptr, 4 * size).slice().buffer);
  const block = (ptr: Ptr, { rows, width }: DigitPlace): Uint32Array => words(ptr, rows * (2 ** width - 1));
  return {
    digits(out, x, { rows, rowBits, from, width }) {
      const to = arena.bytes(out, rows);
      if (x === 0) return void to.fill(0);
      const bytes = arena.bytes(x, Math.ceil((rows * rowBits) / 8));
      const mask = (1 << width) - 1;
      for (let i = 0; i < rows; i++) {
        const bit = i * rowBits + from;
        const at = bit >>> 3;
        to[i] = ((bytes[at]! | (bytes[at + 1]! << 8)) >>> (bit & 7)) & mask;
      }
    },
    oneHot(out, lambda, place) {
      const [to, digits] = [block(out, place).fill(0), arena.bytes(lambda, place.rows)];
      for (let i = 0; i < digits.length; i++) if (digits[i] !== 0) to[(digits[i]! - 1) * place.rows + i] = 1;
    },
    chosen(out, lambda, masks, place) {
      const [to, digits, from] = [block(out, place), arena.bytes(lambda, place.rows), block(masks, place)];
      const { rows } = place;
      for (let v = 1; v < 1 << place.width; v++) {
        const base = (v - 1) * rows;
        for (let i = 0; i < rows; i++) {
          const digit = digits[i]! ^ v;
          to[base + i] = digit === 0 ? 0 : from[(digit - 1) * rows + i]!;
        }
      }
    },
    count(out, zeros, oneHot, delta, one, place) {
      const { rows } = place;
      const values = 1 << place.width;
      const [to, first, hot, digits] = [
        block(out, place),
        words(zeros, rows),
        block(oneHot, place),
        arena.bytes(delta, rows),
      ];
      const [row, counted] = [new Int32Array(values), new Int32Array(values)];
      for (let i = 0; i < rows; i++) {
        const digit = digits[i]!;
        let rest: number = one;
        for (let v = 1, at = i; v < values; v++, at += rows) {
          const share = hot[at]! | 0;
          rest = (rest - share) | 0;
          row[v] = share;
        }
        row[0] = rest;
        for (let v = 0; v < values; v++) counted[v] = (counted[v]! + row[v ^ digit]!) | 0;
        const none = counted[0]!;
        first[i] = none;
        for (let v = 1, at = i; v < values; v++, at += rows) to[at] = to[at]! + counted[v]! - none;
      }
      for (let v = 1, below = 0; v < values; v++) {
        below = (below + counted[v - 1]!) | 0;
        for (let at = (v - 1) * rows; at < v * rows; at++) to[at] = to[at]! + below;
      }
    },
    choose(out, shares, delta, one, place) {
      const { rows } = place;
      const values = 1 << place.width;
      const [to, zeros, digits] = [words(out, rows), words(shares.zeros, rows), arena.bytes(delta, rows)];
      const [hot, chosen] = [block(shares.oneHot, place), block(shares.chosen, place)];
      const [masks, opened] = [block(shares.masks, place), block(shares.opened, place)];
      const [row, gone] = [new Int32Array(values), new Int32Array(values)];
      for (let i = 0; i < rows; i++) {
        const digit = digits[i]!;
        let [rest, without]: [number, number] = [one, 0];
        for (let v = 1, at = i; v < values; v++, at += rows) {
          const [share, mask] = [hot[at]! | 0, chosen[at]! | 0];
          rest = (rest - share) | 0;
          row[v] = share;
          // Σ_δ μ_{λ⊕δ} is Σ_v μ_v, whatever λ.
          without = (without + masks[at]! - mask) | 0;
          gone[v] = mask;
        }
        row[0] = rest;
        gone[0] = without;
        let sum = (zeros[i]! - one - gone[digit]!) | 0;
        for (let v = 1, at = i; v < values; v++, at += rows) sum = (sum + Math.imul(row[v ^ digit]!, opened[at]!)) | 0;
        to[i] = to[i]! + sum;
      }
    },
  };
}
