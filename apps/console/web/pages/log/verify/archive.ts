import type { Copy } from './copy.ts';

const blockBytes = 512;

/** The copy as files in a folder, as `symbolon audit export` writes it: a tar archive (POSIX ustar). */
export function archiveOf({ head, tiles, lines }: Copy): Blob {
  const folder = 'log';
  const text = (path: string, content: string): [string, Uint8Array] => [path, new TextEncoder().encode(content)];
  const files: [path: string, content: Uint8Array][] = [
    ...tiles,
    ...head.cosigned.map(({ witness, note }) => text(`cosigned/${witness}`, note)),
    text('keys', head.keys.map((line) => `${line}\n`).join('')),
    text('checkpoint', head.checkpoint),
    text('events.jsonl', lines.map((line) => `${line}\n`).join('')),
  ];
  const parts = files.flatMap(([path, content]) => [
    header(`${folder}/${path}`, content.length),
    content.slice(),
    new Uint8Array(-content.length & (blockBytes - 1)),
  ]);
  return new Blob([...parts, new Uint8Array(2 * blockBytes)], { type: 'application/x-tar' });
}

/** Of a file that its owner alone reads. */
function header(path: string, length: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(blockBytes);
  const write = (at: number, text: string): void => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  write(0, path);
  write(100, '0000600\0');
  write(124, `${octal(length, 11)}\0`);
  write(136, `${octal(0, 11)}\0`);
  write(148, ' '.repeat(8));
  write(156, '0');
  write(257, 'ustar\x0000');
  write(
    148,
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
  );
  return block;
}
