/** How far bytes are from uniform: χ² over the 256 values, in standard deviations from its mean. Uniform ones stay below 5 but once in 10^5 times. */
export function skew(bytes: Uint8Array): number {
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte]!++;
  const expected = bytes.length / 256;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chi - 255) / Math.sqrt(2 * 255);
}

export const uniform = 6;

export function xor(x: Uint8Array, y: Uint8Array): Uint8Array {
  return x.map((byte, i) => byte ^ y[i]!);
}

/** Rows of `rowBytes`, each combined with the one behind it: what one pad over all of them would leave. */
export function neighbours(rows: Uint8Array, rowBytes: number): Uint8Array {
  return xor(rows.subarray(0, rows.length - rowBytes), rows.subarray(rowBytes));
}
