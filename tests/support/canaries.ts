import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createKernels } from '@symbolon/kernels';
import { type LinkInput, loadInput } from '@symbolon/party';
import type { Network } from '@symbolon/testkit';

/** A value that must not be on a wire, in one of the forms in which it could get there. */
export interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Forms of a text that a program might send by mistake. */
export function formsOf(text: string): Needle[] {
  const texts = new Set([text, text.toLowerCase(), text.toUpperCase()]);
  return [...texts].flatMap((one) => {
    const utf8 = Buffer.from(one);
    const hash = createHash('sha256').update(one).digest();
    const forms: [string, Buffer][] = [
      ['UTF-8', utf8],
      ['UTF-16 LE', Buffer.from(one, 'utf16le')],
      ['UTF-16 BE', Buffer.from(one, 'utf16le').swap16()],
      ['hex', Buffer.from(utf8.toString('hex'))],
      ['SHA-256', hash],
      ['SHA-256 in hex', Buffer.from(hash.toString('hex'))],
      ['SHA-256 in base64url', Buffer.from(hash.toString('base64url'))],
      ['64 bits of SHA-256', hash.subarray(0, 8)],
    ];
    for (const [name, bytes] of [
      ['text', utf8],
      ['hash', hash],
    ] as const) {
      forms.push([`base64 of the ${name}`, Buffer.from(bytes.toString('base64').replace(/=+$/, '').slice(0, -1))]);
    }
    return forms.map(([form, bytes]) => ({ what: `'${one}' in ${form}`, bytes }));
  });
}

/** Every record of both tables in the very encodings that the engine masks: hashes for equality, one-hot rows for agreement. */
export function encodingsOf(network: Network): Promise<Needle[]> {
  return ofBoth(network, rowsOf);
}

/** The first records of both tables as a run by blocking takes them: their keys, and their part of each comparison. */
export function blockedEncodingsOf(network: Network, first: number): Promise<Needle[]> {
  return ofBoth(network, (input, side) => blocksOf(input, side, first));
}

async function ofBoth(network: Network, of: (input: LinkInput, side: string) => Needle[]): Promise<Needle[]> {
  const needles: Needle[] = [];
  for (const side of ['a', 'b'] as const) {
    const input = await network.as(side, async ({ agreements, data }) => {
      const { agreement } = await agreements.show(network.agreement);
      const found = await data.show('people');
      return loadInput({ agreement, side, source: found.source, found });
    });
    needles.push(...of(input, side));
  }
  return needles;
}

function blocksOf(input: LinkInput, side: string, first: number): Needle[] {
  const { keys, columns } = inFileOrder(input).blocks(createKernels());
  const ofKeys = keys.flatMap(({ data, offsets, present }, key) =>
    Array.from(present.subarray(0, first).keys(), (row) => ({
      what: `key ${key} of row ${row} of ${side}`,
      bytes: Buffer.from(data.subarray(offsets[row], offsets[row + 1])),
    })),
  );
  const parts = columns.flatMap((column, part) =>
    rowsIn(column, input.rows, (row) => `part ${part} of row ${row} of ${side}`).slice(0, first),
  );
  return [...ofKeys, ...parts].filter(isTelling);
}

function rowsOf(input: LinkInput, side: string): Needle[] {
  const records = inFileOrder(input);
  const kernels = createKernels();
  return input.rule.leaves
    .flatMap((_, leaf) =>
      records
        .vectors(leaf, kernels)
        .flatMap((rows) => rowsIn(rows, input.rows, (row) => `row ${row} of ${side}, encoded for comparison ${leaf}`)),
    )
    .filter(({ bytes }) => new Set(bytes).size > 1);
}

function inFileOrder(input: LinkInput): ReturnType<LinkInput['inOrder']> {
  return input.inOrder(Uint32Array.from({ length: input.rows }, (_, row) => row));
}

/** The rows of a block of rows of one width. */
function rowsIn(block: Uint8Array, rows: number, what: (row: number) => string): Needle[] {
  const width = block.length / rows;
  return Array.from({ length: rows }, (_, row) => ({
    what: what(row),
    bytes: Buffer.from(block.subarray(row * width, (row + 1) * width)),
  }));
}

/** Long and mixed enough not to be among some megabytes of random bytes, or of zeros, by accident. */
function isTelling({ bytes }: Needle): boolean {
  return bytes.length >= 8 && new Set(bytes).size >= 5;
}

/** All files of a folder, one after the other. */
export function stored(folder: string): Buffer {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return Buffer.concat(paths.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path)));
}

/** What is found in `hay`. */
export function search(hay: Uint8Array, needles: readonly Needle[]): string[] {
  const buffer = Buffer.from(hay.buffer, hay.byteOffset, hay.byteLength);
  return needles.filter(({ bytes }) => buffer.includes(bytes)).map(({ what }) => what);
}
