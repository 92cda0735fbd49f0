import { createKernels } from '@symbolon/kernels';
import type { Masks, Plan } from '../src/index.ts';
import { byteLength, dealCorrections, PartySession } from '../src/index.ts';
import { memoryNetwork } from './network.ts';

/*
 * All randomness at once. A session over vectors of 2^V elements is run in which element t of the j-th random variable is digit j of t: so
 * each element is one world, together they are every world, and the distribution of a view is counted exactly. Words of Z_2^16 draw
 * two bits and are read modulo 4: every formula is a ring homomorphism, so this is the protocol over Z_4.
 */

/** Random variables in the order in which they are first asked for; the same source, label and place give the same one. */
class Tape {
  readonly lanes: number;
  readonly #variables: number;
  readonly #places = new Map<string, number>();
  #used = 0;

  constructor(variables: number) {
    this.#variables = variables;
    this.lanes = 2 ** variables;
  }

  /** `alias` may give two labels one stream: a pad used twice. */
  source(name: string, alias: (label: string) => string = (label) => label): Masks {
    return {
      stream: (label) => ({
        fill: (out, offset) => this.#draw(`${name}/${alias(label)}/${offset}`, out),
      }),
    };
  }

  #draw(key: string, out: Uint8Array): void {
    const width = out.length === this.lanes / 8 ? 1 : 2;
    if (width === 2 && out.length !== 2 * this.lanes) throw new Error(`a draw of ${out.length} bytes`);
    const at = this.#places.get(key) ?? this.#used;
    if (!this.#places.has(key)) this.#used += width;
    if (this.#used > this.#variables) throw new Error(`more than ${this.#variables} random bits are drawn`);
    this.#places.set(key, at);
    out.fill(0);
    for (let t = 0; t < this.lanes; t++) {
      const digit = (t >> at) & (width === 1 ? 1 : 3);
      if (width === 1) out[t >> 3]! |= digit << (t & 7);
      else out[2 * t] = digit;
    }
  }

  get used(): number {
    return this.#used;
  }
}

export interface Deviation {
  /** Sharings of zero are all zero: λ shares go out bare. */
  readonly bareReveal?: boolean;
  /** This party is shown the answer key, too. */
  readonly answerKeyTo?: number;
  readonly alias?: (label: string) => string;
  /** Streams that are all zero. */
  readonly unmasked?: RegExp;
}

/** The plan of a program over vectors of `size`. */
export type Program = (size: number) => Plan;

/**
 * Every world of a session at once.
 *
 * @returns for each coalition asked about, its joint view as a count of each value that it takes; and what each party's session yields,
 *   one element a world
 */
export async function viewsOf(
  program: Program,
  variables: number,
  inputs: Readonly<Record<string, number>>,
  coalitions: readonly (readonly number[])[],
  deviation: Deviation = {},
): Promise<{ views: Map<string, number>[]; kept: Uint8Array[][]; used: number }> {
  const tape = new Tape(variables);
  const plan = program(tape.lanes);
  const seen: Uint8Array[][] = Array.from({ length: plan.parties }, () => []);
  const zero: Masks = { stream: () => ({ fill: (out) => out.fill(0) }) };
  const watch = (source: Masks, party: number): Masks => ({
    stream(label) {
      const stream = source.stream(label);
      return {
        fill(out, offset) {
          stream.fill(out, offset);
          seen[party]!.push(out.slice());
        },
      };
    },
  });
  const own = Array.from({ length: plan.parties }, (_, i): Masks => {
    const source = tape.source(`p${i}`, deviation.alias);
    return { stream: (label) => (deviation.unmasked?.test(label) ? zero : source).stream(label) };
  });
  const chunks = [...dealCorrections({ plan, masks: own, kernels: createKernels() })];
  const { channels, frames } = memoryNetwork(plan.parties);
  const plain = Object.fromEntries(
    plan.nodes.flatMap((node) =>
      node.op === 'input' ? [[node.name, fill(plan, node.out[0]!, inputs[node.name]!)]] : [],
    ),
  );
  const kept = await Promise.all(
    channels.map(async (channel, index) => {
      const pairs = channels.map((_, peer) => {
        if (peer === index) return undefined;
        const name = `pair${Math.min(index, peer)}${Math.max(index, peer)}`;
        return deviation.bareReveal ? zero : watch(tape.source(name), index);
      });
      const session = new PartySession({
        plan,
        index,
        channel,
        kernels: createKernels(),
        masks: { own: watch(own[index]!, index), pairs },
      });
      await session.exchange(plain, new Uint8Array(32).fill(index + 1));
      const key = chunks.filter((chunk) => chunk.length > 0);
      const read = async (): Promise<Uint8Array> => key.shift()!.slice();
      const kept: Uint8Array[] = [];
      for await (const yielded of session.evaluate({ read })) kept.push(...yielded.map(({ bytes }) => bytes));
      return kept;
    }),
  );
  const views = coalitions.map((coalition) => {
    const parts = coalition.flatMap((party) => seen[party]!);
    const started = new Set<string>();
    for (const { from, to, frame } of frames) {
      // The first frame of each direction is the random start, no part of the computation.
      const first = !started.has(`${from}-${to}`);
      started.add(`${from}-${to}`);
      if (coalition.includes(to) && !coalition.includes(from) && !first) parts.push(frame);
    }
    if (coalition.includes(0) || coalition.includes(deviation.answerKeyTo ?? 0)) parts.push(...chunks);
    return count(plan, parts, tape.lanes);
  });
  return { views, kept, used: tape.used };
}

function fill(plan: Plan, wire: number, value: number): Uint8Array {
  const type = plan.wires[wire]!;
  const bytes = new Uint8Array(byteLength(type));
  if (type.kind === 'bits') return bytes.fill(value & 1 ? 255 : 0);
  return new Uint8Array(new Int16Array(type.size).fill(value).buffer);
}

/** How often each combination of values stands in one lane. A part is a run of vectors of bits or of words: programs keep the two apart. */
function count(plan: Plan, parts: readonly Uint8Array[], lanes: number): Map<string, number> {
  const bitVectors: Uint8Array[] = [];
  const wordVectors: Uint8Array[] = [];
  const onlyBits = plan.wires.every(({ kind }) => kind === 'bits');
  for (const part of parts) {
    const words = !onlyBits && part.length % (2 * lanes) === 0;
    const step = words ? 2 * lanes : lanes / 8;
    if (part.length % step !== 0) throw new Error(`a part of ${part.length} bytes`);
    for (let at = 0; at < part.length; at += step)
      (words ? wordVectors : bitVectors).push(part.subarray(at, at + step));
  }
  const counts = new Map<string, number>();
  for (let t = 0; t < lanes; t++) {
    const view =
      bitVectors.map((bits) => (bits[t >> 3]! >> (t & 7)) & 1).join('') +
      wordVectors.map((words) => words[2 * t]! & 3).join('');
    counts.set(view, (counts.get(view) ?? 0) + 1);
  }
  return counts;
}
