import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { insecureTestRng } from '@symbolon/crypto';
import { clearSql, prepareClear } from '@symbolon/linkage';
import { openDuckDb } from '@symbolon/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadInput, type Match, requestLink } from '../src/index.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
});
afterEach(() => network.close());

const rules = [
  'a.medicaid = b.medicaid OR (agree(a.name, b.name) >= 0.8 AND a.born = b.born)',
  'abs(a.weight - b.weight) <= 1.5 AND NOT a.city = b.city',
  "(abs(date_diff('day', a.born, b.born)) <= 400 OR a.born IS NULL) AND hamming(a.name, b.name) <= 6",
];

const runs = [
  ...rules.map((rule) => ({ rule, pads: 'expanded' as const })),
  { rule: 'a.city = b.city', pads: 'expanded' as const },
  { rule: 'a.city = b.city', pads: 'full' as const },
];

test.each(runs)('the pairs of $rule, pads $pads, are those that DuckDB finds in the clear', async ({ rule, pads }) => {
  writeTables(network.folder);
  const agreement = await agree(network, { rule, pads, maxRows: 200, key: 'id' });
  const { id } = await requestLink(network.homes.fred.path, { agreement });
  const left = await network.fred(({ links }) => collect(links.matches(id)));
  const right = await network.sally(({ links }) => collect(links.matches(1)));
  const found = left.map((match) => {
    const other = right.find((one) => one.peerRow === match.ownNumber && one.ownNumber === match.peerRow)!;
    return `${match.row} ${other.row}`;
  });
  const expected = await inTheClear(agreement);
  expect(expected.length).toBeGreaterThan(5);
  expect(found.sort()).toEqual(expected.sort());
});

async function collect(matches: AsyncIterable<Match>): Promise<Match[]> {
  const all: Match[] = [];
  for await (const match of matches) all.push(match);
  return all;
}

async function inTheClear(hash: string): Promise<string[]> {
  const { agreement } = await network.fred(({ agreements }) => agreements.show(hash));
  const duck = await openDuckDb();
  try {
    let rule = '';
    for (const side of ['a', 'b'] as const) {
      const owner = side === 'a' ? network.fred : network.sally;
      const name = side === 'a' ? 'members' : 'patients';
      const found = await owner(({ data }) => data.show(name));
      const input = await loadInput({ agreement, side, source: found.source, found });
      rule = clearSql(input.rule);
      const columns = prepareClear(input.rule, side, input.locals);
      const types = columns.map((column) => `"${column.name}" ${column.sqlType}`);
      await duck.query(`CREATE TABLE ${side} (${['number INTEGER', ...types].join(', ')})`);
      for (let row = 0; row < input.rows; row++) {
        const values = [row, ...columns.map((column) => column.values[row])] as never[];
        await duck.query(`INSERT INTO ${side} VALUES (${values.map((_, i) => `$${i + 1}`).join(', ')})`, values);
      }
    }
    const rows = await duck.query(`SELECT a.number AS x, b.number AS y FROM a, b WHERE ${rule}`);
    return rows.map(({ x, y }) => `${x} ${y}`);
  } finally {
    duck.close();
  }
}

/** Tables of 40 and 55 people who have a good deal in common, with typing errors and gaps. */
function writeTables(folder: string): void {
  const rng = insecureTestRng('clear');
  const pick = <T>(list: readonly T[]): T => list[rng(1)[0]! % list.length]!;
  const chance = (oneIn: number): boolean => rng(1)[0]! % oneIn === 0;
  const first = ['Ann', 'Bob', 'Cleo', 'Dörte', 'Eve', "O'Neil", 'Zoë'];
  const last = ['Müller', 'Stone', 'Park', 'de la Cruz', 'Long-Smith', 'Hart'];
  const person = (i: number): string[] => [
    chance(5) ? '' : `M-${100 + (rng(1)[0]! % 60)}`,
    chance(12) ? '' : `${pick(first)} ${pick(last)}${chance(6) ? 'x' : ''}`,
    chance(9) ? '' : `19${60 + (rng(1)[0]! % 4)}-0${1 + (rng(1)[0]! % 9)}-1${rng(1)[0]! % 10}`,
    pick(['Bonn', 'Köln', 'BONN', 'Mainz', '']),
    chance(10) ? '' : `${60 + (rng(1)[0]! % 20)}.${rng(1)[0]! % 10}`,
    String(i),
  ];
  const table = (rows: number, header: string): string =>
    [header, ...Array.from({ length: rows }, (_, i) => person(i).join(','))].join('\n');
  const header = 'medicaid,name,born,city,weight,id';
  writeFileSync(join(folder, 'members.csv'), table(40, header));
  writeFileSync(join(folder, 'patients.csv'), table(55, header));
}
