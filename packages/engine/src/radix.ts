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
   * @param unit shares of [λ = v], v ≥ 0
   */
  count(block: Ptr, zeros: Ptr, unit: Ptr, delta: Ptr, place: DigitPlace): void;
  /**
   * out += share of S_x(i) = C_0(i) − 1 + Σ_{v≥1} [x_i = v]·(opened_v(i) − μ_v(i)).
   * @param shares.chosen of μ_{λ⊕v}, v ≥ 0; @param one the party's share of 1
   */
  choose(
    out: Ptr,
    shares: { zeros: Ptr; unit: Ptr; chosen: Ptr; opened: Ptr },
    delta: Ptr,
    one: 0 | 1,
    place: DigitPlace,
  ): void;
}

export function radix(arena: Arena): Radix {
  const words = (ptr: Ptr, size: number): Uint32Array => arena.u32(ptr, size);
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
    count(out, zeros, unit, delta, place) {
      const { rows } = place;
      const values = 1 << place.width;
      const [to, first, digits] = [block(out, place), words(zeros, rows), arena.bytes(delta, rows)];
      const hot = words(unit, values * rows);
      let below = 0;
      for (let v = 0; v < values; v++) {
        const base = (v - 1) * rows;
        let counted = below;
        for (let i = 0; i < rows; i++) {
          counted = (counted + hot[(v ^ digits[i]!) * rows + i]!) | 0;
          if (v === 0) first[i] = counted;
          else to[base + i] = to[base + i]! + counted - first[i]!;
        }
        below = counted;
      }
    },
    choose(out, { zeros, unit, chosen, opened }, delta, one, place) {
      const { rows } = place;
      const values = 1 << place.width;
      const [to, first, digits] = [words(out, rows), words(zeros, rows), arena.bytes(delta, rows)];
      const [hot, masks] = [words(unit, values * rows), words(chosen, values * rows)];
      const sums = block(opened, place);
      for (let i = 0; i < rows; i++) {
        const digit = digits[i]!;
        let sum = (first[i]! - one - masks[digit * rows + i]!) | 0;
        for (let v = 1; v < values; v++)
          sum = (sum + Math.imul(hot[(v ^ digit) * rows + i]!, sums[(v - 1) * rows + i]!)) | 0;
        to[i] = to[i]! + sum;
      }
    },
  };
}
