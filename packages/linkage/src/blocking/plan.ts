import { type Plan, PlanBuilder, type Wire } from '@symbolon/engine';
import { type LanePart, lanePartsOf } from '../lanes/program.ts';
import { laneScored, laneVerdict } from '../lanes/verdict.ts';
import { planeBits } from './layout.ts';
import { binsOfShard, NUMBER, resultRing, type ShardProgram, type Stored } from './program.ts';

/** All parts of a lane, in the order of the plan's inputs: the tag, S's number, the leaves'. */
export function laneParts({ tag, leaves, prefer }: Stored): readonly LanePart[] {
  return [
    ...tag.map((ring): LanePart => ({ kind: 'word', ring, from: 'b' })),
    { kind: 'word', ring: resultRing(prefer), from: 'b' },
    ...leaves.flatMap((leaf) => lanePartsOf(leaf)),
  ];
}

/**
 * The plan of a shard, a lane a bin. H puts in what it decoded there, combined with what it contributes itself (`h/<part>`); S put its pad
 * over it (`s/<part>`, a random wire: S sends nothing). Kept at both as `met`: for each bin S's number, with the score above it where the best is wanted,
 * where entries met and the rule holds, and 0 elsewhere. Nothing opens.
 *
 * A bin where nothing met holds garbage, which takes part like a record: all that opens on the way is under fresh masks, and its
 * verdict is 0 because its tag is not (but with probability ≤ 2^-40 in the whole run).
 */
export function shardPlan(program: ShardProgram): Plan {
  const builder = new PlanBuilder(2);
  const lanes = binsOfShard(program);
  const wires = inputs(builder, laneParts(program), lanes);
  const tags = program.tag.map((_, i) => builder.isZero(wires[i]![0]!));
  const [number, ...parts] = wires.slice(program.tag.length) as [Wire[], ...Wire[][]];
  const { verdict, word } = lanesOf(builder, program, number[0]!, parts);
  const met = builder.and(...tags, verdict);
  builder.keep(builder.bitDot([met], [word]), 'met');
  builder.stage();
  return builder.build();
}

/** A lane's verdict, and what is kept where it holds. */
function lanesOf(
  builder: PlanBuilder,
  { leaves, verdict, prefer }: ShardProgram,
  number: Wire,
  parts: readonly (readonly Wire[])[],
): { verdict: Wire; word: Wire } {
  if (prefer === 'first') return { verdict: laneVerdict(builder, leaves, verdict, parts), word: number };
  const scored = laneScored(builder, leaves, verdict, parts, 64);
  const terms = [
    [1n << BigInt(NUMBER), scored.score!],
    [1n, number],
  ] as const;
  return { verdict: scored.verdict, word: builder.linear(terms) };
}

/** A wire a word, a wire a bit; bits come as one long wire, a plane behind the other. */
function inputs(builder: PlanBuilder, parts: readonly LanePart[], lanes: number): Wire[][] {
  const plane = planeBits(lanes);
  const hub = parts.map((part, i) =>
    part.kind === 'word'
      ? builder.input(`h/${i}`, 0, { ring: part.ring, size: lanes })
      : builder.inputBits(`h/${i}`, 0, plane * part.width),
  );
  const spoke = parts.map((part, i) => {
    if (part.from === 'a') return undefined;
    return part.kind === 'word'
      ? builder.random(`s/${i}`, 1, { ring: part.ring, size: lanes })
      : builder.randomBits(`s/${i}`, 1, plane * part.width);
  });
  return parts.map((part, i) => {
    const [h, s] = [hub[i]!, spoke[i]];
    if (part.kind === 'word') return [s === undefined ? h : builder.subtract(h, s)];
    const bits = s === undefined ? h : builder.xor([h, s]);
    return Array.from({ length: part.width }, (_, bit) => builder.slice(bits, plane * bit, lanes));
  });
}
