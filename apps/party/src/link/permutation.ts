/** Rows of equal length in another order: row i of the result is row `order[i]`. */
export function permuteRows(bytes: Uint8Array, order: Uint32Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  const length = bytes.length / order.length;
  for (let i = 0; i < order.length; i++) {
    const from = order[i]! * length;
    result.set(bytes.subarray(from, from + length), i * length);
  }
  return result;
}
