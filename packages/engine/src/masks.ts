/** One stream of uniform bytes; any slice of it can be made alone. */
export interface MaskStream {
  fill(out: Uint8Array, byteOffset: number): void;
}

/**
 * Uniform masks, one stream a label. Dealer and party make the same masks from the same seed; `Prg` of `@symbolon/crypto` is one,
 * a tape that a test enumerates is another. A label names one purpose; asked for twice, it gives the same bytes.
 */
export interface Masks {
  stream(label: string): MaskStream;
}

/** What the dealer hands to p_i: its own masks, and one source for each pair that it belongs to (PROTOCOLS §1). */
export interface PartyMasks {
  readonly own: Masks;
  /** By the other party's index; undefined at one's own. */
  readonly pairs: readonly (Masks | undefined)[];
}

/** The stream of the one-time pad over an input or a random value. `pads: full` replaces exactly these streams. */
export const inputLabel = (node: number): string => `${node}/input`;
/** Fresh masks of what a node opens. */
export const maskLabel = (node: number): string => `${node}/mask`;
/** Shares of a node's corrections, of every party but p0. */
export const shareLabel = (node: number): string => `${node}/share`;
/** The order of a permutation that its party and the dealer alone know. */
export const orderLabel = (node: number): string => `${node}/order`;
/** What a party puts over what it passes on: it and the dealer alone know it. */
export const passLabel = (node: number): string => `${node}/pass`;
/** Sharings of zero of a node's reveals, from the seeds of pairs. */
export const zeroLabel = (node: number): string => `${node}/zero`;

/** Masks whose input pads come from elsewhere: full-length random bytes, `pad(node)` for each node of `inputPads`. */
export function withInputPads(masks: Masks, pad: (node: number) => Uint8Array): Masks {
  return {
    stream(label) {
      const node = /^(\d+)\/input$/.exec(label)?.[1];
      if (node === undefined) return masks.stream(label);
      const bytes = pad(Number(node));
      return {
        fill(out, offset) {
          if (offset + out.length > bytes.length) throw new RangeError('a pad is shorter than its input');
          out.set(bytes.subarray(offset, offset + out.length));
        },
      };
    },
  };
}

/** A stream read from its start; made when first read, as most operations draw from few. */
export class Cursor {
  readonly #open: () => MaskStream;
  #stream: MaskStream | undefined;
  #at = 0;

  constructor(masks: Masks, label: string) {
    this.#open = () => masks.stream(label);
  }

  next(out: Uint8Array): void {
    this.#stream ??= this.#open();
    this.#stream.fill(out, this.#at);
    this.#at += out.length;
  }
}
