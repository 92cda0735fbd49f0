import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Draw, normalise, normaliseSteps, seededDraw } from '@symbolon/linkage';
import { generatePeople, writePeople } from '@symbolon/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExamplePair, TuneParams } from '../src/index.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

const rule =
  'a.medicaid = b.medicaid OR (agree(a.name, b.name) >= 0.8 AND agree(a.address, b.address) >= 0.8) OR (a.name = b.name AND a.dob = b.dob)';
const blocking = { keys: ['a.dob = b.dob', 'left(a.name, 1) = left(b.name, 1)'], cap: 3 };
const people = generatePeople({ seed: 3, left: 2000, right: 1500, overlap: 1000 });

let network: TestNetwork;
let hash: string;
beforeAll(async () => {
  network = await testNetwork();
  writePeople(network.folder, people);
  hash = await agree(network, {
    key: 'member_no',
    partnerKey: 'patient_no',
    rule,
    link: { blocking },
    maxRows: 3000,
    signed: false,
  });
});
afterAll(() => network.close());

const tune = (params: TuneParams = {}) => network.fred(({ agreements }) => agreements.tune(hash, params));

test('keys are measured on the own table and on own records with errors; a set is proposed', async () => {
  const report = await tune({ sample: 1000 });
  expect(report).toMatchObject({ side: 'a', rows: 2000, pairs: { source: 'synthetic', errors: 'usual', tried: 1000 } });
  expect(report.pairs.matching).toBeGreaterThan(800);
  expect(report.proposal.recall).toBeGreaterThan(0.98);
  expect(report.proposal.keys.length).toBeLessThanOrEqual(4);
  expect(report.proposal.entries).toBe(2000 * report.proposal.keys.length * report.proposal.cap);
  expect(report.unblocked).toMatchObject({ kind: 'all-pairs', sessions: 1 });
  const { cost } = report.proposal;
  expect(cost!.seconds).toBeLessThanOrEqual(report.unblocked!.seconds);
  expect(cost!.bytes).toBeGreaterThan(0);
  expect(report.keys.slice(0, report.proposal.keys.length).map(({ sql }) => sql)).toEqual(report.proposal.keys);
  const dates = new Map<string, number>();
  for (const { dob } of people.left) dates.set(dob, (dates.get(dob) ?? 0) + 1);
  const counts = [...dates.values()];
  expect(report.keys.find(({ sql }) => sql === 'a.dob = b.dob')).toMatchObject({
    from: 'agreement',
    blocks: dates.size,
    largest: Math.max(...counts),
    without: 0,
    cut: [1, 2, 4, 8].map((cap) => counts.reduce((sum, count) => sum + Math.max(0, count - cap), 0)),
  });
  expect(report.agreed).toMatchObject({ keys: blocking.keys, cap: 3 });
  expect(report.sets.map(({ cap }) => cap)).toEqual([1, 2, 4, 8]);
});

test('the same seed gives the same report, more errors a smaller recall', async () => {
  const [one, same, worse] = [
    await tune({ sample: 500 }),
    await tune({ sample: 500 }),
    await tune({ sample: 500, errors: 'high' }),
  ];
  expect(one).toEqual(same);
  expect(worse.agreed!.recall).toBeLessThan(one.agreed!.recall);
});

test('expected recall on labelled pairs is what blocking finds of the true pairs', async () => {
  const pairs = people.pairs.map(([i, j]) => labelled(i, j));
  const report = await tune({ pairs, cap: 16, block: ['a.medicaid = b.medicaid AND a.dob = b.dob'] });
  expect(report.pairs).toMatchObject({ source: 'labelled', errors: null, tried: 1000 });
  const given = report.keys.find(({ from }) => from === 'given')!;
  const agreeing = people.pairs.filter(([i, j]) => {
    const [x, y] = [people.left[i]!, people.right[j]!];
    return x.medicaid !== null && x.medicaid === y.medicaid && x.dob === y.dob;
  }).length;
  // A pair that agrees on this key matches.
  expect(given.recall.uncapped).toBeCloseTo(agreeing / report.pairs.matching, 10);
  expect(report.sets.map(({ cap }) => cap)).toEqual([16]);
  expect(report.proposal.recall).toBeGreaterThan(0.97);
});

test('expected recall is near what blocking finds of both tables', async () => {
  const pairs = people.pairs.map(([i, j]) => labelled(i, j));
  const { agreed, pairs: tried } = await tune({ pairs });
  // The rule may match fewer than all true pairs; those it does not are left aside on both ways.
  const draw = seededDraw(11);
  const rounds = 5;
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    const keys = [(row: Person) => row.dob, (row: Person) => normalise(normaliseSteps, row.name).slice(0, 1)];
    const taken = keys.map((key) => [ranks(people.left, key, draw), ranks(people.right, key, draw)] as const);
    found += people.pairs.filter(([i, j]) =>
      keys.some((key, k) => {
        const [left, right] = taken[k]!;
        return key(people.left[i]!) === key(people.right[j]!) && left[i]! < blocking.cap && right[j]! < blocking.cap;
      }),
    ).length;
  }
  expect(tried.matching).toBeGreaterThan(950);
  expect(Math.abs(found / rounds / people.pairs.length - agreed!.recall)).toBeLessThan(0.04);
});

test('the owner of b tunes as well; columns of other names are like those that the rule compares them with', async () => {
  const partnerDataset = await network.fred(({ agreements }) => agreements.describe('members'));
  const report = await network.sally(async ({ agreements }) => {
    const { hash: drafted } = await agreements.draft({
      title: 'Numbers',
      as: 'b',
      partner: 'fred',
      keyService: 'keys',
      dataset: 'patients',
      partnerDataset,
      rule: 'a.member_no = b.patient_no OR (a.name = b.name AND hamming(a.dob::VARCHAR, b.dob::VARCHAR) <= 2)',
      maxRows: 3000,
      maxRuns: 1,
      term: { from: '2020-01-01', until: '2099-12-31' },
    });
    return agreements.tune(drafted, { sample: 400 });
  });
  expect(report).toMatchObject({ side: 'b', rows: 1500, agreed: null, pairs: { tried: 400 } });
  expect(report.keys.map(({ sql }) => sql)).toContain('a.member_no = b.patient_no');
  expect(report.proposal.recall).toBeGreaterThan(0.98);
});

type Person = (typeof people.left)[number];

/** The place of each row in its block, in random order. */
function ranks(rows: readonly Person[], key: (row: Person) => string, draw: Draw): number[] {
  const sizes = new Map<string, number>();
  const result: number[] = [];
  const order = rows.map((_, i) => [draw(2 ** 30), i] as const).sort(([x], [y]) => x - y);
  for (const [, i] of order) {
    const block = key(rows[i]!);
    result[i] = sizes.get(block) ?? 0;
    sizes.set(block, result[i]! + 1);
  }
  return result;
}

function labelled(i: number, j: number): ExamplePair {
  const [{ medicaid, name, address, dob }, y] = [people.left[i]!, people.right[j]!];
  return {
    a: { medicaid, name, address, dob },
    b: { medicaid: y.medicaid, name: y.name, address: y.address, dob: y.dob },
  };
}

describe('refused', () => {
  test.each([
    ['a key that is no equality', { block: ['a.dob <> b.dob'] }, 'rule-unsupported', /blocking key 1/],
    ['a key of a column that is not agreed', { block: ['a.plan = b.sex'] }, 'rule-unknown-column', /a\.plan/],
    [
      'pairs without a column',
      { pairs: [{ a: { name: 'x' }, b: { name: 'x' } }] },
      'data-missing-column',
      /no example/,
    ],
    [
      'pairs that the rule does not match',
      {
        pairs: [
          {
            a: { medicaid: '1', name: 'x', address: 'y', dob: '1980-01-01' },
            b: { medicaid: '2', name: 'z', address: 'w', dob: '1990-01-01' },
          },
        ],
      },
      'request-invalid',
      /none of the 1 pairs/,
    ],
  ] satisfies [string, TuneParams, string, RegExp][])('%s', async (_, params, code, message) => {
    await expect(tune(params)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a table that has become too large, or an agreement that is not here', async () => {
    await expect(network.fred(({ agreements }) => agreements.tune('nothing'))).rejects.toMatchObject({
      code: 'not-found',
    });
    writeFileSync(join(network.folder, 'empty.csv'), 'member_no,medicaid,name,address,dob,plan\n');
    await expect(
      network.fred(async ({ data, agreements }) => {
        await data.add('members', { kind: 'csv', path: join(network.folder, 'empty.csv') });
        return agreements.tune(hash);
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^data-/) });
  });
});
