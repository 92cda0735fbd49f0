/** Bits that number `values` different values. */
export function bitsFor(values: bigint): number {
  return values <= 2n ? 1 : (values - 1n).toString(2).length;
}

/** The narrowest ring that holds all of these numbers; none: undefined. */
export function ringFor(...numbers: readonly bigint[]): 16 | 32 | 64 | undefined {
  return ([16, 32, 64] as const).find((bits) => {
    const limit = 1n << BigInt(bits - 1);
    return numbers.every((number) => number >= -limit && number < limit);
  });
}

/** Rows of ⌈width/8⌉ bytes as planes: bit j of every row, packed from the lowest, a plane in ⌈rows/8⌉ bytes. */
export function planesOf(rows: Uint8Array, width: number): Uint8Array {
  const bytes = Math.ceil(width / 8);
  const count = rows.length / bytes;
  const stride = Math.ceil(count / 8);
  const planes = new Uint8Array(width * stride);
  for (let row = 0; row < count; row++) {
    const [at, bit] = [row >> 3, row & 7];
    for (let k = 0; k < bytes; k++) {
      for (let byte = rows[row * bytes + k]!, plane = 8 * k; byte !== 0; byte >>= 1, plane++) {
        if (byte & 1) planes[plane * stride + at]! |= 1 << bit;
      }
    }
  }
  return planes;
}
