// Rows of bytes on their way between hashes, stores and payloads. Exactly the bytes of the rows are written, nothing behind them is read.

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

export function interleave(out: usize, a: usize, aBytes: usize, b: usize, bBytes: usize, n: usize): void {
  for (; n > 0; n--, a += aBytes, b += bBytes) {
    copy(out, a, aBytes);
    out += aBytes;
    copy(out, b, bBytes);
    out += bBytes;
  }
}
