import { type Plan, PlanBuilder, type Wire } from '@symbolon/engine';
import { lanePartsOf } from '../lanes/program.ts';
import { laneVerdict } from '../lanes/verdict.ts';
import { binsOfShard, NUMBER, type ShardProgram } from './program.ts';

/** What one lane holds beside the leaves' parts: words that only S's store fills. */
type Part = ReturnType<typeof lanePartsOf>[number];

/** All parts of a lane, in the order of the plan's inputs: the tag, S's number, the leaves'. */
export function laneParts({ tag, leaves }: Pick<ShardProgram, 'tag' | 'leaves'>): readonly Part[] {
  return [
    ...tag.map((ring): Part => ({ kind: 'word', ring, from: 'b' })),
    { kind: 'word', ring: NUMBER, from: 'b' },
    ...leaves.flatMap((leaf) => lanePartsOf(leaf)),
  ];
}

/**
 * The plan of a shard, a lane a bin. H puts in what it decoded there, combined with what it contributes itself (`h/<part>`, or
 * `h/<part>/<bit>`); S put its pad over it (`s/…`, a random wire: S sends nothing). Kept at both as `met`: for each bin S's number where entries
 * met and the rule holds, and 0 elsewhere. Nothing opens.
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
  const holds = laneVerdict(builder, program.leaves, program.verdict, parts);
  const met = builder.and(...tags, holds);
  builder.keep(builder.bitDot([met], [number[0]!]), 'met');
  builder.stage();
  return builder.build();
}

/** A wire a word, a wire a bit. */
function inputs(builder: PlanBuilder, parts: readonly Part[], lanes: number): Wire[][] {
  const names = parts.map((part, i) =>
    part.kind === 'word' ? [`${i}`] : Array.from({ length: part.width }, (_, bit) => `${i}/${bit}`),
  );
  const make = (owner: 0 | 1): (Wire[] | undefined)[] =>
    parts.map((part, i) => {
      if (owner === 1 && part.from === 'a') return undefined;
      return names[i]!.map((name) => {
        if (part.kind === 'word') {
          const shape = { ring: part.ring, size: lanes };
          return owner === 0 ? builder.input(`h/${name}`, 0, shape) : builder.random(`s/${name}`, 1, shape);
        }
        return owner === 0 ? builder.inputBits(`h/${name}`, 0, lanes) : builder.randomBits(`s/${name}`, 1, lanes);
      });
    });
  const [hub, spoke] = [make(0), make(1)];
  return parts.map((part, i) =>
    hub[i]!.map((h, k) => {
      const pad = spoke[i]?.[k];
      if (pad === undefined) return h;
      return part.kind === 'word' ? builder.subtract(h, pad) : builder.xor([h, pad]);
    }),
  );
}
