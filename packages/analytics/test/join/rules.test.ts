import { insecureTestRng, randomOrder, systemRng, toEnd } from '@symbolon/crypto';
import { PlanBuilder } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import {
  type Columns,
  compileRule,
  encodeKeys,
  encodeParts,
  keyEquality,
  laneLeaf,
  macros,
  normaliseSteps,
  type Side,
} from '@symbolon/linkage';
import { beforeAll, expect, test } from 'vitest';
import { Duck, type Row } from '../../../linkage/test/duckdb.ts';
import { hubJoin, joinInputs, joinMeet, joinWires, type RuleJoin, spokeJoin } from '../../src/join/index.ts';
import { studyProtocol } from '../../src/session/index.ts';
import { words } from '../session/made.ts';
import { yields } from '../session/network.ts';

const text = (maxLength: number) => ({ type: 'text', maxLength, normalise: [...normaliseSteps] }) as const;
const columns: Columns = {
  id: text(6),
  name: text(10),
  born: { type: 'date', min: '1990-01-01', max: '1999-12-31' },
  weight: { type: 'number', min: '0', max: '500', scale: 1 },
};
const both = { a: columns, b: columns };
const keys = ['a.born = b.born', 'left(a.name, 3) = left(b.name, 3)'];
const cap = 8;

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
  for (const macro of macros) await duck.run(macro);
});

/** The second half of b are people of a, some with other spellings; some values are missing. */
function people(seed: string, n: number): Record<Side, Row[]> {
  const rng = insecureTestRng(seed);
  const next = (below: number): number => new DataView(rng(4).slice().buffer).getUint32(0, true) % below;
  const word = (length: number): string => Array.from({ length }, () => 'abcdefgh'[next(8)]).join('');
  const person = (): Row => ({
    id: next(5) === 0 ? null : word(5),
    name: word(8),
    born: next(9) === 0 ? null : `199${next(10)}-0${1 + next(5)}-10`,
    weight: `${50 + next(40)}.${next(10)}`,
  });
  const a = Array.from({ length: n }, person);
  const alike = (of: Row): Row => ({
    ...of,
    id: next(2) === 0 ? null : of.id!,
    name: next(2) === 0 ? `${String(of.name).slice(0, -1)}x` : of.name!,
  });
  return { a, b: Array.from({ length: n }, (_, i) => (i < n / 2 ? person() : alike(a[next(n)]!))) };
}

test.each([
  'a.id = b.id',
  'agree(a.name, b.name) >= 0.8 AND abs(a.weight - b.weight) <= 2',
  'a.id = b.id OR (levenshtein(a.name, b.name) <= 1 AND a.weight > 60 AND b.born IS NOT NULL)',
])('a rule as SQL, by DuckDB: %s', async (sql) => {
  const n = 60;
  const tables = people(sql, n);
  const rule = await compileRule(sql, both, duck);
  const compiledKeys = await Promise.all(keys.map((key) => compileRule(key, both, duck)));
  const kernels = createKernels();
  const join: RuleJoin = {
    spoke: 1,
    records: [n, n],
    keys: keys.length,
    cap,
    leaves: rule.leaves.map((_, leaf) => laneLeaf(rule, leaf)),
    verdict: rule.verdict,
    prefer: 'first',
    columns: [{ kind: 'word', ring: 64 }],
  };
  const tableOf = async (side: Side) => {
    await duck.load(`join_${side}`, columns, tables[side]);
    const locals = await duck.locals(rule, side, `join_${side}`);
    const ofKeys = [];
    for (const key of compiledKeys)
      ofKeys.push(encodeKeys(key, keyEquality(key)!, side, await duck.locals(key, side, `join_${side}`)));
    // What a record of the spoke carries along is its row, counted from 1.
    const rows = words(
      Array.from({ length: n }, (_, i) => BigInt(i + 1)),
      64,
    );
    return {
      keys: ofKeys,
      parts: rule.leaves.flatMap((_, leaf) => encodeParts(rule, leaf, side, locals, kernels)),
      columns: side === 'b' ? [rows] : [],
    };
  };
  const b = new PlanBuilder(2);
  const shares = joinInputs(b, 0, join);
  const wires = joinWires(b, shares);
  b.reveal(wires.places, [0], 'places');
  b.reveal(wires.found, [0], 'found');
  b.reveal(wires.columns[0]!, [0], 'row');
  const program = studyProtocol.parse(
    JSON.parse(JSON.stringify({ protocol: 'study/1', parties: 2, meets: [joinMeet(join)], plan: b.build() })),
  );
  const common = { join, runKey: systemRng(32), kernels, rng: systemRng };
  const own = toEnd(hubJoin({ ...common, table: await tableOf('a') }));
  const order = randomOrder(n, systemRng);
  const spoke = toEnd(spokeJoin({ ...common, table: await tableOf('b') }, order));
  expect([own.cutRecords, spoke.cutRecords]).toEqual([0, 0]);
  const [learned] = await yields({
    program,
    inputs: [
      { hubKeys: own.hubKeys, added: new Map([[0, own.added]]), inputs: (bins) => own.inputs(0, bins!) },
      { spokes: new Map([[0, spoke.entries]]), inputs: () => ({}) },
    ],
  });
  const matching = `(${sql}) AND (${keys.map((key) => `(${key})`).join(' OR ')})`;
  const numberOf = new Map([...order].map((record, number) => [record, number]));
  const pairs = (await duck.matches(matching, 'join_a', 'join_b', n)).map(
    (pair) => [Math.floor(pair / n), pair % n] as const,
  );
  // Of each record the first in the spoke's order.
  const picks = new Map(pairs.toSorted(([, x], [, y]) => numberOf.get(y)! - numberOf.get(x)!));
  const places = new Uint32Array(learned!.get('places')!.slice().buffer);
  const rowOf = new BigInt64Array(learned!.get('row')!.slice().buffer);
  const stay = [...places].filter((_, i) => ((learned!.get('found')![i >> 3]! >> (i & 7)) & 1) === 1);
  expect(pairs.length).toBeGreaterThan(5);
  for (const record of stay) expect(Number(rowOf[record])).toBe(picks.get(record)! + 1);
  expect(stay.map((record) => picks.get(record)).sort()).toEqual([...new Set(picks.values())].sort());
});
