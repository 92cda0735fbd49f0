import type { Masks } from '@symbolon/engine';
import { expect, test } from 'vitest';
import { expected, type Hub, inputsOf, numbersOf, sums, type Table } from './made.ts';
import { answerKeyFor, type Dealt, dealt, run } from './network.ts';

/** Which bytes of which stream were read how often: the most that any byte was. */
class Audit {
  readonly #reads = new Map<string, [from: number, to: number][]>();

  over(masks: Masks): Masks {
    return {
      stream: (label) => {
        const stream = masks.stream(label);
        const reads = this.#reads.get(label) ?? [];
        this.#reads.set(label, reads);
        return {
          fill(out, offset) {
            reads.push([offset, offset + out.length]);
            stream.fill(out, offset);
          },
        };
      },
    };
  }

  get labels(): string[] {
    return [...this.#reads].flatMap(([label, reads]) => (reads.length > 0 ? [label] : [])).sort();
  }

  /** Labels of streams of which some byte was read twice. */
  get again(): string[] {
    return this.labels.filter((label) => {
      const reads = this.#reads
        .get(label)!
        .filter(([from, to]) => to > from)
        .sort(([x], [y]) => x - y);
      return reads.some(([from], i) => i > 0 && from < reads[i - 1]![1]);
    });
  }
}

function audited(masks: Dealt) {
  const own = masks.own.map(() => new Audit());
  const pairs = new Map<string, Audit>();
  const pair = (i: number, j: number): Masks => {
    const audit = pairs.get(`${i} of ${j}`) ?? new Audit();
    pairs.set(`${i} of ${j}`, audit);
    return audit.over(masks.pair(i, j));
  };
  return { own, pairs, masks: { own: masks.own.map((of, i) => own[i]!.over(of)), pair } };
}

const column = { kind: 'word', ring: 64 } as const;
const table = (spoke: number): Table => ({
  spoke,
  columns: [column, { kind: 'bit' }, column],
  rows: new Map([
    [1, [5n, 1n, 6n]],
    [2, [7n, 1n, 8n]],
  ]),
});
/** Two meets of one spoke, and one of another. */
const tables = [table(1), table(2), table(1)];
const hub: Hub = { rows: new Map([[1, 3n]]) };

test('no byte of a mask serves twice, and dealer and parties agree which there are', async () => {
  const program = sums(3, hub, tables);
  const base = dealt(3, 'audit');
  const dealer = audited(base);
  const parties = audited(base);
  const answerKey = answerKeyFor(program, dealer.masks);
  const { ends } = await run({ program, inputs: inputsOf(program, hub, tables), masks: parties.masks, answerKey });
  for (const end of ends) expect(numbersOf(end as Map<string, Uint8Array>)).toEqual(expected(3, hub, tables));

  for (const [party, audit] of parties.own.entries()) {
    expect(dealer.own[party]!.again).toEqual([]);
    expect(audit.labels).toEqual(dealer.own[party]!.labels);
    // A spoke puts its random values over what it stores, and holds them as masks.
    const random = program.plan.nodes.flatMap((node, i) =>
      node.op === 'random' && node.owner === party ? [`${i}/input`] : [],
    );
    expect(audit.again).toEqual(random.sort());
  }
  for (const audit of parties.pairs.values()) expect(audit.again).toEqual([]);
  const ofMeets = parties.own.map((audit) => audit.labels.filter((label) => label.startsWith('meet/')));
  expect(ofMeets).toEqual([
    [],
    ['meet/0/vole/B', 'meet/0/vole/D', 'meet/2/vole/B', 'meet/2/vole/D'],
    ['meet/1/vole/B', 'meet/1/vole/D'],
  ]);
});
