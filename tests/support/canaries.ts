import { createHash } from 'node:crypto';
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
export async function encodingsOf(network: Network): Promise<Needle[]> {
  const needles: Needle[] = [];
  for (const side of ['a', 'b'] as const) {
    const input = await network.as(side, async ({ agreements, data }) => {
      const { agreement } = await agreements.show(network.agreement);
      const found = await data.show('people');
      return loadInput({ agreement, side, source: found.source, found });
    });
    needles.push(...rowsOf(input, side));
  }
  return needles;
}

function rowsOf(input: LinkInput, side: string): Needle[] {
  const records = input.inOrder(Uint32Array.from({ length: input.rows }, (_, row) => row));
  const kernels = createKernels();
  const vectors = input.rule.leaves.flatMap((_, leaf) =>
    records.vectors(leaf, kernels).map((rows) => ({ leaf, encoded: Buffer.from(rows) })),
  );
  return vectors.flatMap(({ leaf, encoded }) => {
    const width = encoded.length / input.rows;
    return Array.from({ length: input.rows }, (_, row) => ({
      what: `row ${row} of ${side}, encoded for comparison ${leaf}`,
      bytes: encoded.subarray(row * width, (row + 1) * width),
    })).filter(({ bytes }) => new Set(bytes).size > 1);
  });
}

/** What is found in `hay`. */
export function search(hay: Uint8Array, needles: readonly Needle[]): string[] {
  const buffer = Buffer.from(hay.buffer, hay.byteOffset, hay.byteLength);
  return needles.filter(({ bytes }) => buffer.includes(bytes)).map(({ what }) => what);
}
