/** A word a row, little-endian. */
export function wordsOf(ring: 16 | 32 | 64, rows: number, word: (row: number) => bigint): Uint8Array {
  if (ring === 64) {
    const words = new BigInt64Array(rows);
    for (let row = 0; row < rows; row++) words[row] = word(row);
    return new Uint8Array(words.buffer);
  }
  const words = ring === 16 ? new Int16Array(rows) : new Int32Array(rows);
  for (let row = 0; row < rows; row++) words[row] = Number(word(row));
  return new Uint8Array(words.buffer);
}
