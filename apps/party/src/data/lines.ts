import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { SymbolonError } from '@symbolon/crypto';
import { UnreadableSource } from './source.ts';

/** Whole lines of a text file. */
export interface Lines {
  text: string;
  /** The bytes are not UTF-8; every wrong sequence reads U+FFFD. */
  damaged: boolean;
  last: boolean;
}

const blockSize = 1 << 20;
const maxLine = 1 << 20;
const lineEnd = 10;

/** Opens a file, or says in plain words why that fails. */
export async function openFile(path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, 'r');
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : String(code);
    throw new SymbolonError('config-invalid', `${path} cannot be opened: ${reason}`, { culprit: path });
  }
  throw new SymbolonError('config-invalid', `${path} is not a file`, { culprit: path });
}

/** Reads a text file in blocks that end at line ends. A byte order mark is dropped. */
export async function* readLines(path: string): AsyncGenerator<Lines> {
  const handle = await openFile(path);
  try {
    let kept = Buffer.alloc(0);
    let lines = 1;
    for (let first = true; ; first = false) {
      const block = Buffer.allocUnsafe(blockSize);
      const { bytesRead } = await handle.read(block, 0, blockSize);
      const last = bytesRead === 0;
      let bytes = Buffer.concat([kept, block.subarray(0, bytesRead)]);
      if (first) bytes = withoutMark(bytes, path);
      const cut = last ? bytes.length : bytes.lastIndexOf(lineEnd) + 1;
      if (bytes.length - cut > maxLine) {
        throw new UnreadableSource(
          path,
          'line',
          lines,
          'the line is longer than 1 MiB; is this a text file with one record a line?',
        );
      }
      kept = bytes.subarray(cut);
      const whole = bytes.subarray(0, cut);
      const zero = whole.indexOf(0);
      if (zero >= 0) {
        throw new UnreadableSource(
          path,
          'line',
          lines + count(whole, zero),
          'holds a zero byte: this is no text file in UTF-8',
        );
      }
      lines += count(whole, cut);
      if (cut > 0 || last) yield { text: whole.toString('utf8'), damaged: !isUtf8(whole), last };
      if (last) return;
    }
  } finally {
    await handle.close();
  }
}

function withoutMark(bytes: Buffer<ArrayBuffer>, path: string): Buffer<ArrayBuffer> {
  const [a, b, c] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new UnreadableSource(path, 'line', 1, 'the file is UTF-16; save it as UTF-8');
  }
  if (a === 0x1f && b === 0x8b)
    throw new UnreadableSource(path, 'line', 1, 'the file is compressed (gzip); unpack it first');
  if (a === 0x50 && b === 0x4b && c === 0x03) {
    throw new UnreadableSource(path, 'line', 1, 'the file is a ZIP archive or a spreadsheet; save it as CSV in UTF-8');
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? bytes.subarray(3) : bytes;
}

function count(bytes: Buffer, to: number): number {
  let n = 0;
  for (let at = bytes.indexOf(lineEnd); at >= 0 && at < to; at = bytes.indexOf(lineEnd, at + 1)) n++;
  return n;
}
