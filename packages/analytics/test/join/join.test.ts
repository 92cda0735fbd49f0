import { insecureTestRng, randomOrder, systemRng, toEnd } from '@symbolon/crypto';
import { PlanBuilder } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import type { LaneLeaf } from '@symbolon/linkage';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keysOf } from '../../../linkage/test/psi/run.ts';
import { hubJoin, joinInputs, joinLanes, joinMeet, joinWires, type RuleJoin, spokeJoin } from '../../src/join/index.ts';
import { type StudyInput, type StudyYield, studyProtocol } from '../../src/session/index.ts';
import { packed, words } from '../session/made.ts';
import { run, yields } from '../session/network.ts';

const numRuns = process.env.SLOW ? 30 : 3;

/** Codes of 20 bits are equal; the hub's record has its flag; the spoke's has its own. */
const leaves: LaneLeaf[] = [
  { kind: 'equal', width: 20, negated: false },
  { kind: 'local', from: 'a' },
  { kind: 'local', from: 'b' },
];
const columns = [{ kind: 'word', ring: 64 }, { kind: 'bit' }, { kind: 'word', ring: 16 }] as const;

interface Made {
  readonly keys: readonly (string | null)[];
  readonly code: number;
  readonly flag: boolean;
  /** Of a spoke. */
  readonly values?: readonly [bigint, bigint, bigint];
}

function tableOf(side: 0 | 1, records: readonly Made[]) {
  // Equal codes are all ones together: the hub's are turned.
  const turn = side === 0 ? 0xfffff : 0;
  const codes = Uint8Array.from({ length: 3 * records.length }, (_, i) => {
    return (records[Math.floor(i / 3)]!.code ^ turn) >> (8 * (i % 3));
  });
  const flags = Uint8Array.from(records, ({ flag }) => Number(flag));
  const none = new Uint8Array(0);
  const of = (i: 0 | 1 | 2): bigint[] => records.map(({ values }) => values![i]);
  return {
    keys: records[0]!.keys.map((_, key) => keysOf(records.map((record) => record.keys[key]!))),
    parts: side === 0 ? [codes, flags, none] : [codes, none, flags],
    columns: side === 0 ? [] : [words(of(0), 64), packed(of(1)), words(of(2), 16)],
  };
}

/** By the names of what opens, of every record of the hub. */
function joinOf(
  hub: readonly Made[],
  spokes: readonly (readonly Made[])[],
  terms: Pick<RuleJoin, 'keys' | 'cap' | 'prefer' | 'verdict'>,
) {
  const joins = spokes.map(
    (records, i): RuleJoin => ({ spoke: i + 1, records: [hub.length, records.length], leaves, columns, ...terms }),
  );
  const parties = spokes.length + 1;
  const b = new PlanBuilder(parties);
  const shares = joins.map((join, at) => joinInputs(b, at, join));
  const wires = shares.map((share) => joinWires(b, share));
  for (const [at, { places, found, columns: of }] of wires.entries()) {
    b.reveal(places, [0], `places ${at}`);
    b.reveal(found, [0], `found ${at}`);
    for (const [i, wire] of of.entries()) b.reveal(wire, [0], `column ${at} ${i}`);
  }
  const program = studyProtocol.parse(
    JSON.parse(JSON.stringify({ protocol: 'study/1', parties, meets: joins.map(joinMeet), plan: b.build() })),
  );
  return { program, joins };
}

/** What each party puts in. One run key for all: the hub's entries are those of every join. */
function inputsOf(
  hub: readonly Made[],
  spokes: readonly (readonly Made[])[],
  joins: readonly RuleJoin[],
  seed: string,
) {
  const rng = insecureTestRng(seed);
  const common = { runKey: rng(32).slice(), kernels: createKernels(), rng: systemRng };
  const own = toEnd(hubJoin({ ...common, join: joins[0]!, table: tableOf(0, hub) }));
  const orders = spokes.map(({ length }) => randomOrder(length, rng));
  const hubInput: StudyInput = {
    hubKeys: own.hubKeys,
    added: new Map(joins.map((_, at) => [at, own.added])),
    inputs: (bins) => Object.assign({}, ...joins.map((_, at) => own.inputs(at, bins!))),
  };
  const spokeInputs = spokes.map((records, at): StudyInput => {
    const { entries } = toEnd(spokeJoin({ ...common, join: joins[at]!, table: tableOf(1, records) }, orders[at]!));
    return { spokes: new Map([[at, entries]]), inputs: () => ({}) };
  });
  return { inputs: [hubInput, ...spokeInputs], orders };
}

const scoreOf = (x: Made, y: Made): number => Number(x.code === y.code) + 2 * Number(y.flag) + 4 * Number(x.flag);

/** The record that one of the hub picks, by plain arithmetic; undefined where there is none. */
function pick(x: Made, others: readonly Made[], order: Uint32Array, prefer: RuleJoin['prefer']): number | undefined {
  const matches = Array.from(order).filter((record) => {
    const y = others[record]!;
    if (!x.keys.some((key, i) => key !== null && key === y.keys[i])) return false;
    return prefer === 'best' ? scoreOf(x, y) >= 5 : x.code === y.code && x.flag && y.flag;
  });
  const best = Math.max(...matches.map((record) => scoreOf(x, others[record]!)));
  return prefer === 'best' ? matches.find((record) => scoreOf(x, others[record]!) === best) : matches[0];
}

/** Of each lane of a result in the hub's order, whether the record found one, and the columns of that one. */
function resultOf(learned: StudyYield, at: number) {
  const places = [...new Uint32Array(learned.get(`places ${at}`)!.slice().buffer)];
  expect(places.toSorted((x, y) => x - y)).toEqual(places.map((_, i) => i));
  const bit = (bytes: Uint8Array, i: number): boolean => ((bytes[i >> 3]! >> (i & 7)) & 1) === 1;
  const found = Array<boolean>(places.length);
  for (const [i, place] of places.entries()) found[place] = bit(learned.get(`found ${at}`)!, i);
  const first = new BigInt64Array(learned.get(`column ${at} 0`)!.slice().buffer);
  const last = new Uint16Array(learned.get(`column ${at} 2`)!.slice().buffer);
  const flags = learned.get(`column ${at} 1`)!;
  return found.map((is, i) => (is ? [first[i]!, BigInt(bit(flags, i)), BigInt(last[i]!)] : undefined));
}

const gate = {
  score: [
    ['1', 0],
    ['2', 2],
    ['4', 1],
  ],
  atLeast: '5',
} as unknown as RuleJoin['verdict'];
const rules = { first: { and: [0, 1, 2] } as RuleJoin['verdict'], best: gate };

async function compared(
  hub: readonly Made[],
  spokes: readonly (readonly Made[])[],
  prefer: RuleJoin['prefer'],
  seed: string,
) {
  const terms = { keys: hub[0]!.keys.length, cap: 8, prefer, verdict: rules[prefer] };
  const { program, joins } = joinOf(hub, spokes, terms);
  const { inputs, orders } = inputsOf(hub, spokes, joins, seed);
  const [learned] = await yields({ program, inputs });
  for (const [at, join] of joins.entries()) {
    const own = spokes[at]!;
    const result = resultOf(learned!, at);
    expect(result).toHaveLength(joinLanes(join));
    const picks = hub.map((x) => pick(x, own, orders[at]!, prefer));
    for (const [record, rivals] of Map.groupBy(hub.keys(), (i) => picks[i])) {
      const stay = rivals.filter((i) => result[i] !== undefined);
      expect(stay).toHaveLength(record === undefined ? 0 : 1);
      if (record === undefined) continue;
      expect(result[stay[0]!]).toEqual(own[record]!.values);
      const scores = rivals.map((i) => scoreOf(hub[i]!, own[record]!));
      if (prefer === 'best') expect(scoreOf(hub[stay[0]!]!, own[record]!)).toBe(Math.max(...scores));
    }
    expect(result.slice(hub.length).every((row) => row === undefined)).toBe(true);
  }
}

/** Blocks of 6 at most: no cap of 8 cuts one. */
const record = (side: number): fc.Arbitrary<(place: number) => Made> =>
  fc
    .record({
      block: fc.array(fc.option(fc.integer({ min: 0, max: 5 }), { freq: 6 }), { minLength: 2, maxLength: 2 }),
      code: fc.integer({ min: 0, max: 2 }),
      flag: fc.boolean(),
      values: fc.tuple(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(0n, 1n), fc.bigInt(0n, 65535n)),
    })
    .map(({ block, code, flag, values }) => (place: number) => ({
      keys: block.map((of) => (of === null ? null : `${of} ${Math.floor(place / 6)}`)),
      code,
      flag,
      ...(side === 1 && { values: values as [bigint, bigint, bigint] }),
    }));
const table = (side: number): fc.Arbitrary<Made[]> =>
  fc.array(record(side), { minLength: 1, maxLength: 40 }).map((made) => made.map((of, place) => of(place)));

describe('a join by a match rule is that of plain arithmetic', () => {
  test.each(['first', 'best'] as const)(
    'one to one, the %s of those that share a blocking key and match',
    async (prefer) => {
      const tables = fc.tuple(table(0), fc.array(table(1), { minLength: 1, maxLength: 2 }), fc.string());
      await fc.assert(
        fc.asyncProperty(tables, ([hub, spokes, seed]) => compared(hub, spokes, prefer, seed)),
        { numRuns },
      );
    },
  );

  test('a record that several keys bring together with the same one, and with others', () =>
    compared(
      [
        { keys: ['k', 'l'], code: 1, flag: true },
        { keys: ['k', null], code: 2, flag: true },
        { keys: [null, null], code: 1, flag: true },
      ],
      [
        [
          { keys: ['k', 'l'], code: 1, flag: true, values: [5n, 1n, 7n] },
          { keys: ['k', 'm'], code: 1, flag: true, values: [6n, 0n, 8n] },
          { keys: ['n', 'l'], code: 2, flag: true, values: [7n, 1n, 9n] },
        ],
      ],
      'first',
      'several',
    ));
});

test('which of equal rivals stays, nobody can say before', async () => {
  const person = (i: number): Made => ({
    keys: [`k ${i}`, null],
    code: 1,
    flag: true,
    values: [BigInt(i), 1n, 0n],
  });
  const spoke = Array.from({ length: 24 }, (_, i) => person(i));
  const hub = spoke.flatMap((_, i) => [person(i), person(i)]);
  const { program, joins } = joinOf(hub, [spoke], { keys: 2, cap: 2, prefer: 'first', verdict: rules.first });
  const { inputs } = inputsOf(hub, [spoke], joins, 'rivals');
  const result = resultOf((await yields({ program, inputs }))[0]!, 0);
  const firsts = spoke.filter((_, i) => result[2 * i] !== undefined).length;
  const seconds = spoke.filter((_, i) => result[2 * i + 1] !== undefined).length;
  expect(firsts + seconds).toBe(24);
  // Once in 2^23 none.
  expect(Math.min(firsts, seconds)).toBeGreaterThan(0);
});

describe('frames have the same number and lengths', () => {
  const people = (prefix: string): Made[] =>
    Array.from({ length: 30 }, (_, i) => ({
      keys: [`${prefix} ${i}`, null],
      code: 1,
      flag: true,
      values: [1n, 1n, 1n],
    }));
  const lengths = async (spoke: readonly Made[]) => {
    const { program, joins } = joinOf(people('k'), [spoke], { keys: 2, cap: 2, prefer: 'first', verdict: rules.first });
    const { inputs } = inputsOf(people('k'), [spoke], joins, 'frames');
    const { ends, seen } = await run({ program, inputs });
    for (const end of ends) expect(end).toBeInstanceOf(Map);
    return seen.map((frames) => frames.map(({ frame }) => frame.length));
  };

  test('whether all match, or none shares a key', async () => {
    expect(await lengths(people('k'))).toEqual(await lengths(people('other')));
  });
});
