import { insecureTestRng, Prg, toEnd } from '@symbolon/crypto';
import type { Channel, Masks } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { parseResolve, parseShard, type ResolveProgram } from '../../src/blocking/program.ts';
import type { BlockingRun } from '../../src/blocking/run.ts';
import { shardingOf, tagRings } from '../../src/blocking/shape.ts';
import { prepareSide, type RunSide } from '../../src/blocking/side.ts';
import type { LaneLeaf } from '../../src/lanes/program.ts';
import { keysOf } from '../psi/run.ts';
import { answerKeyOf, lastOf, type Meddle, type Side, wires } from '../psi/sides.ts';
import type { SideTable } from './run.ts';

/** Two codes of 20 bits are equal, and the record of a has its flag. */
const leaves: LaneLeaf[] = [
  { kind: 'equal', width: 20, negated: false },
  { kind: 'local', from: 'a' },
];

/** A run without a rule's text. */
export function madeRun(
  sizes: BlockingRun['sizes'],
  terms: Partial<Pick<ResolveProgram, 'most' | 'reveal' | 'to'>> = {},
  target?: number,
): BlockingRun {
  const sharding = shardingOf(sizes, target);
  const tag = tagRings(sharding);
  const shard = { protocol: 'link-shard/1', entries: sharding.capacity, rows: sizes.rows[1], tag, leaves };
  const slots = sizes.keys * sizes.cap;
  const bins = sharding.shards * sharding.bins;
  const resolve = { protocol: 'link-resolve/1', rows: sizes.rows, slots, bins };
  return {
    sizes,
    sharding,
    shard: parseShard({ ...shard, verdict: { and: [0, 1] }, prefer: 'first' }),
    resolve: parseResolve({
      ...resolve,
      most: 1,
      cardinality: 'many-to-many',
      score: 0,
      reveal: 'pairs',
      to: [0, 1],
      ...terms,
    }),
  };
}

/** A record: its keys, null where it has none, and its code. Those of a with an odd flag match nothing. */
export interface Made {
  readonly keys: readonly (string | null)[];
  readonly code: number;
  readonly flag?: boolean;
}

/** @param order the row of each number */
export function madeTable(side: 0 | 1, records: readonly Made[], order: Uint32Array): SideTable {
  const codes = new Uint8Array(3 * records.length);
  // Equal codes are all ones together: a's are turned.
  const turn = side === 0 ? 0xfffff : 0;
  for (const [i, record] of records.entries()) {
    const code = record.code ^ turn;
    codes.set([code & 255, (code >> 8) & 255, code >> 16], 3 * i);
  }
  const flags = Uint8Array.from(records, ({ flag = true }) => Number(flag));
  const keys = records[0]!.keys.map((_, key) => keysOf(records.map((record) => record.keys[key]!)));
  return { order, keys, columns: [codes, side === 0 ? flags : new Uint8Array(0)] };
}

/** Whether two records match. */
export function matches(a: Made, b: Made): boolean {
  return a.code === b.code && (a.flag ?? true);
}

export function prepare(run: BlockingRun, tables: readonly [SideTable, SideTable], seed: string): [RunSide, RunSide] {
  const runKey = insecureTestRng(`run ${seed}`)(32);
  return tables.map(({ keys, columns, order }, i) => {
    const own = { side: i as 0 | 1, keys, columns, order, rng: insecureTestRng(`side ${i} ${seed}`) };
    return toEnd(prepareSide({ run, runKey, kernels: createKernels(), ...own }));
  }) as [RunSide, RunSide];
}

/** Masks of both parties, and of the pair, for one session. */
export function masksOf(seed: string): { own: [Masks, Masks]; pair: Masks } {
  const prg = (who: string): Masks => new Prg(insecureTestRng(`masks ${seed} ${who}`)(32));
  return { own: [prg('0'), prg('1')], pair: prg('pair') };
}

/** What one party of a session is given: always the same. */
export function partyOptions(index: number, channel: Channel, { own, pair }: ReturnType<typeof masksOf>) {
  const pairs = index === 0 ? [undefined, pair] : [pair, undefined];
  return {
    index,
    channel,
    masks: { own: own[index]!, pairs },
    kernels: createKernels(),
    rng: insecureTestRng(`party ${index}`),
    name: (party: number) => `party ${party}`,
    pause: () => Promise.resolve(),
  };
}

export const saltOf = (index: number): Uint8Array => insecureTestRng(`salt ${index}`)(32);

/** Both real parties of a session: what each saw, what each ends with. */
export async function bothSides<Result>(params: {
  open: (index: number, channel: Channel) => Side<Result>;
  inputs: readonly unknown[];
  answerKey: Uint8Array;
  meddle?: Meddle;
}) {
  const { open, inputs, answerKey, meddle } = params;
  const { channels, seen } = wires(meddle);
  const parties = channels.map((channel, i) => open(i, channel));
  const hashes = await Promise.all(
    parties.map((party, i) => party.exchange(structuredClone(inputs[i]) as never, saltOf(i))),
  );
  const results = await Promise.all(
    parties.map((party, i) => lastOf(party.evaluate(i === 0 ? answerKeyOf(answerKey) : undefined))),
  );
  for (const party of parties) party.end();
  return { seen, hashes, results };
}
