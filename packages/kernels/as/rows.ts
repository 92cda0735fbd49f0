// Rows of bytes on their way between hashes, stores and payloads. Exactly the bytes of the rows are written, nothing behind them is read.
// Indices belong to whoever runs this, seen by nobody else.

/** Copies `bytes` bytes. */
// @ts-ignore: decorator
@inline
function copy(out: usize, src: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(out + at, v128.load(src + at));
  if (bytes & 8) {
    store<u64>(out + at, load<u64>(src + at));
    at += 8;
  }
  if (bytes & 4) {
    store<u32>(out + at, load<u32>(src + at));
    at += 4;
  }
  for (; at < bytes; at++) store<u8>(out + at, load<u8>(src + at));
}

export function copyRows(out: usize, outStride: usize, src: usize, srcStride: usize, bytes: usize, n: usize): void {
  for (; n > 0; n--, out += outStride, src += srcStride) copy(out, src, bytes);
}

export function gatherRows(out: usize, src: usize, order: usize, bytes: usize, n: usize): void {
  for (; n > 0; n--, out += bytes, order += 4) copy(out, src + <usize>load<u32>(order) * bytes, bytes);
}

export function interleave(out: usize, a: usize, aBytes: usize, b: usize, bBytes: usize, n: usize): void {
  for (; n > 0; n--, a += aBytes, b += bBytes) {
    copy(out, a, aBytes);
    out += aBytes;
    copy(out, b, bBytes);
    out += bBytes;
  }
}

/** Adds words of y to those of x from byte `at` to byte `end` of a row; gives `end`. */
// @ts-ignore: decorator
@inline
function addWords<T>(out: usize, x: usize, y: usize, at: usize, end: usize): usize {
  for (; at + 16 <= end; at += 16) v128.store(out + at, v128.xor(v128.load(out + at), v128.add<T>(v128.load(x + at), v128.load(y + at))));
  for (; at < end; at += sizeof<T>()) store<T>(out + at, load<T>(out + at) ^ <T>(load<T>(x + at) + load<T>(y + at)));
  return end;
}

export function combineRows(out: usize, x: usize, xIndex: usize, y: usize, yIndex: usize, n: usize, rowBytes: usize, words64: usize, words32: usize, words16: usize): void {
  const end64 = words64 << 3, end32 = end64 + (words32 << 2), end16 = end32 + (words16 << 1);
  for (; n > 0; n--, out += rowBytes, xIndex += 4, yIndex += 4) {
    const a = x + <usize>load<u32>(xIndex) * rowBytes, b = y + <usize>load<u32>(yIndex) * rowBytes;
    let at = addWords<u64>(out, a, b, 0, end64);
    at = addWords<u32>(out, a, b, at, end32);
    at = addWords<u16>(out, a, b, at, end16);
    for (; at + 16 <= rowBytes; at += 16) v128.store(out + at, v128.xor(v128.load(out + at), v128.xor(v128.load(a + at), v128.load(b + at))));
    for (; at < rowBytes; at += 2) store<u16>(out + at, load<u16>(out + at) ^ load<u16>(a + at) ^ load<u16>(b + at));
  }
}
