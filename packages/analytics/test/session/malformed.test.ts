import { insecureTestRng, SymbolonError } from '@symbolon/crypto';
import { MAX_FRAME, type Plan, PlanBuilder } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import { type StudyInput, studyProtocol } from '../../src/session/index.ts';
import { type Hub, inputsOf, keysOf, sums, type Table } from './made.ts';
import { answerKeyFor, dealt, type Meddle, name, network, type Run, run, saltOf } from './network.ts';

const column = { kind: 'word', ring: 64 } as const;
const table = (spoke: number): Table => ({ spoke, columns: [column], rows: new Map([[1, [5n]]]), entries: 40 });
const tables = [table(1), table(2)];
const hub: Hub = { rows: new Map([[1, 3n]]) };
const program = sums(3, hub, tables);
const masks = dealt(3, 'malformed');
const answerKey = answerKeyFor(program, masks);

const ended = async (options: Partial<Run> = {}): Promise<[code: string, culprit: string | undefined][]> => {
  const inputs = inputsOf(program, hub, tables);
  const { ends } = await run({ program, inputs, masks, answerKey, seed: 'malformed', ...options });
  return ends.map((end) => {
    expect(end).toBeInstanceOf(SymbolonError);
    const { code, culprit } = end as SymbolonError;
    return [code, culprit];
  });
};

const at =
  (sender: number, receiver: number, place: number, change: (frame: Uint8Array) => Uint8Array[]): Meddle =>
  (from, to, n, frame) =>
    from === sender && to === receiver && n === place ? change(frame) : [frame];

/**
 * Frames up to the first round. From the hub: start, the start of the inputs, two inputs, seed, vector, hash of the other meet, shares of each meet,
 * rounds. To the hub: two starts, input, seed, store, rounds. Between spokes: two starts, input, hash, rounds.
 */
const places: readonly [from: number, to: number, number[]][] = [
  [0, 1, [0, 1, 2, 4, 5, 6, 8, 11]],
  [2, 0, [0, 1, 2, 3, 4, 6]],
  [1, 2, [0, 1, 2, 3, 4]],
];

const changes: readonly [string, (frame: Uint8Array) => Uint8Array[], string][] = [
  ['one byte short', (frame) => [frame.subarray(1)], 'frame-shape'],
  ['one byte long', (frame) => [new Uint8Array([...frame, 0])], 'frame-shape'],
  ['empty', () => [new Uint8Array(0)], 'frame-shape'],
  ['longer than any', () => [new Uint8Array(MAX_FRAME + 1)], 'frame-too-long'],
  ['behind one of another length', (frame) => [new Uint8Array(9), frame], 'frame-shape'],
  ['missing', () => [], ''],
];

describe('whatever frame is malformed', () => {
  test.each(changes)('%s: nobody is shown anything, and its receiver names its sender', async (_, change, code) => {
    for (const [from, to, frames] of places) {
      for (const place of frames) {
        const ends = await ended({ meddle: at(from, to, place, change) });
        // A missing frame shows when the next comes in its place, or none.
        if (code === '') expect(['peer-silent', 'peer-gone', 'frame-shape', 'peer-disagrees']).toContain(ends[to]![0]);
        else expect(ends[to], `frame ${place} from ${from} to ${to}`).toEqual([code, name(from)]);
      }
    }
  });

  test('its own random start, sent back', async () => {
    for (const [from, to] of places) {
      const ends = await ended({ meddle: at(from, to, 0, () => [saltOf(to)]) });
      expect(ends[to]).toEqual(['frame-order', name(from)]);
    }
  });
});

describe('other data at some than at others', () => {
  const flip = (frame: Uint8Array): Uint8Array[] => [frame.with(7, frame[7]! ^ 1)];
  test.each([
    ['a start', 0, 1, 0],
    ['the start of the inputs', 2, 1, 1],
    ['an input of the hub', 0, 1, 2],
    ['an input of a spoke', 1, 2, 2],
    ['a seed of the hub', 0, 1, 4],
    ['a vector', 0, 1, 5],
    ['a seed of a store', 1, 0, 3],
    ['a store', 1, 0, 4],
    ['the hash of a meet', 0, 2, 6],
    ['the hash of a meet, from a spoke', 1, 2, 3],
  ])('%s: there is no answer key, nothing opens', async (_, from, to, place) => {
    const ends = await ended({ meddle: at(from, to, place, flip) });
    expect(ends.map(([code]) => code)).toContain('peer-disagrees');
  });

  test('a program of another shape at one party', async () => {
    for (const party of [0, 1, 2]) {
      const other = sums(3, hub, [
        { ...table(1), entries: 90 },
        { ...table(2), columns: [] },
      ]);
      const inputs = inputsOf(program, hub, tables);
      inputs[party] = inputsOf(other, hub, [
        { ...table(1), entries: 90 },
        { ...table(2), columns: [], rows: new Map([[1, []]]) },
      ])[party]!;
      await ended({ programs: { [party]: other }, inputs });
    }
  });
});

describe('an answer key that ends early', () => {
  const { length } = answerKey;
  const { vectorBytes } = { vectorBytes: studyProtocol.pads(program, 0).at(-1)!.bytes };
  test.each([
    ['at once', 0],
    ['in the first vector', 1000],
    ['in the second', vectorBytes + 5],
    ['before the corrections', 2 * vectorBytes],
    ['in the corrections', length - 1],
  ])('%s: the hub names the key service, nothing opens', async (_, bytes) => {
    const ends = await ended({ answerKey: answerKey.slice(0, bytes) });
    expect(ends[0]).toEqual(['frame-shape', 'key service']);
  });

  test('the key of other masks: noise opens, and nothing else', async () => {
    const other = answerKeyFor(program, dealt(3, 'other'));
    const { ends } = await run({ program, inputs: inputsOf(program, hub, tables), masks, answerKey: other });
    const sum = (end: unknown): Uint8Array | undefined => (end as Map<string, Uint8Array>).get('sum 0 0');
    expect(sum(ends[0])).not.toEqual(new Uint8Array(new BigUint64Array([15n]).buffer));
  });
});

describe('before anything is sent', () => {
  const refused = async (change: (inputs: StudyInput[]) => void, options: Partial<Run> = {}) => {
    const inputs = inputsOf(options.program ?? program, hub, tables);
    change(inputs);
    const { ends, seen } = await run({ program, inputs, masks, answerKey, ...options });
    return { ends: ends.map((end) => (end as SymbolonError).code), seen };
  };

  test('a spoke with the same key twice', async () => {
    const keys = keysOf([4, 9, 4]);
    const twice = { keys, columns: [new Uint8Array(24)] };
    const { ends, seen } = await refused((inputs) => {
      inputs[1] = { ...inputs[1]!, spokes: new Map([[0, twice]]) };
    });
    expect(ends[1]).toBe('data-duplicate-id');
    for (const frames of seen) expect(frames.filter(({ from }) => from === 1)).toEqual([]);
  });

  test('a hub with the same entry twice', async () => {
    const { ends, seen } = await refused((inputs) => {
      inputs[0] = { ...inputs[0]!, hubKeys: keysOf([4, 9, 4]) };
    });
    expect(ends[0]).toBe('data-duplicate-id');
    for (const frames of seen) expect(frames.filter(({ from }) => from === 0)).toEqual([]);
  });

  test.each([
    [
      'more entries than agreed',
      { keys: keysOf(Array.from({ length: 41 }, (_, i) => i)), columns: [new Uint8Array(328)] },
    ],
    ['half a key', { keys: new Uint8Array(16), columns: [new Uint8Array(4)] }],
    ['a column too short', { keys: keysOf([1, 2]), columns: [new Uint8Array(8)] }],
    ['a column too many', { keys: keysOf([1]), columns: [new Uint8Array(8), new Uint8Array(8)] }],
  ])('%s', async (_, entries) => {
    const { ends, seen } = await refused((inputs) => {
      inputs[2] = { ...inputs[2]!, spokes: new Map([[1, entries]]) };
    });
    expect(ends[2]).toBe('internal');
    for (const frames of seen) expect(frames.filter(({ from }) => from === 2)).toEqual([]);
  });
});

describe('each step once', () => {
  const opened = (parties = 3) => {
    const { channels } = network(parties);
    return studyProtocol.open({
      program,
      index: 1,
      channel: channels[1]!,
      masks: { own: masks.own[1]!, pairs: [masks.pair(0, 1), undefined, masks.pair(1, 2)] },
      kernels: createKernels(),
      rng: insecureTestRng('once'),
      name,
      pause: () => Promise.resolve(),
    });
  };
  const [, input] = inputsOf(program, hub, tables);

  test('a session that failed does not begin again; one that ended does nothing', async () => {
    const session = opened();
    await expect(session.exchange(input!, saltOf(1))).rejects.toMatchObject({ code: 'peer-silent' });
    await expect(session.exchange(input!, saltOf(1))).rejects.toMatchObject({ code: 'session-burned' });
    session.end();
    session.end();
    await expect(session.exchange(input!, saltOf(1))).rejects.toMatchObject({ code: 'session-expired' });
    await expect(session.evaluate().next()).rejects.toMatchObject({ code: 'session-expired' });
  });

  test('what still waits when a session ends touches no memory', async () => {
    const session = opened();
    const waits = session.exchange(input!, saltOf(1));
    session.end();
    await expect(waits).rejects.toBeInstanceOf(SymbolonError);
  });

  test('without a seed for a pair there is no session', () => {
    const { channels } = network(3);
    const pairs = [masks.pair(0, 1), undefined, undefined];
    const options = {
      program,
      index: 1,
      channel: channels[1]!,
      kernels: createKernels(),
      rng: insecureTestRng('none'),
    };
    const open = () =>
      studyProtocol.open({ ...options, masks: { own: masks.own[1]!, pairs }, name, pause: () => Promise.resolve() });
    expect(open).toThrow(expect.objectContaining({ code: 'frame-shape', culprit: 'key service' }));
  });
});

function huge(): Plan {
  const b = new PlanBuilder(3);
  b.reveal(b.sum(b.input('x', 0, { ring: 64, size: 2 ** 28 })), [0], 'sum');
  return b.build();
}

describe('a program from elsewhere', () => {
  /** As it comes from a peer. */
  const changed = (fields: object): unknown => JSON.parse(JSON.stringify({ ...program, ...fields }));
  const meet = (fields: object): object => ({ meets: [{ ...program.meets[0]!, ...fields }, program.meets[1]!] });

  test('is read as it was written', () => {
    expect(studyProtocol.parse(changed({}))).toEqual(program);
  });

  test.each<[string, object]>([
    ['another protocol', { protocol: 'study/2' }],
    ['a field more', { note: 1 }],
    ['a party too many', { parties: 6 }],
    ['other parties than the plan', { parties: 4 }],
    ['the hub as a spoke', meet({ spoke: 0 })],
    ['a spoke that is not there', meet({ spoke: 3 })],
    ['too few entries of the hub', meet({ entries: [4095, 40] })],
    ['no entries of a spoke', meet({ entries: [4096, 0] })],
    ['half an entry', meet({ entries: [4096, 1.5] })],
    ['too many entries', meet({ entries: [4096, 2 ** 20 + 1] })],
    ['another number of the hub’s entries in one meet', meet({ entries: [4097, 40] })],
    ['a column that the plan does not have', meet({ columns: [column, column] })],
    ['a column less', meet({ columns: [] })],
    ['another ring', meet({ columns: [{ kind: 'word', ring: 32 }] })],
    ['a ring of 8 bits', meet({ columns: [{ kind: 'word', ring: 8 }] })],
    ['no bits', meet({ columns: [{ kind: 'bits', width: 0 }] })],
    ['more bits than a row has', meet({ columns: [{ kind: 'bits', width: 2049 }] })],
    ['a kind of column that there is not', meet({ columns: [{ kind: 'text' }] })],
    ['too many columns', meet({ columns: Array.from({ length: 33 }, () => column) })],
    ['another spoke than the plan', meet({ spoke: 2 })],
    ['a meet less', { meets: [program.meets[0]] }],
    ['meets that are no list', { meets: { length: 0 } }],
    ['a wire that no memory holds', { meets: [], plan: huge() }],
    ['no plan', { plan: {} }],
    ['nothing', { plan: null }],
  ])('%s is refused', (_, fields) => {
    expect(() => studyProtocol.parse(changed(fields))).toThrow(expect.objectContaining({ code: 'plan-invalid' }));
  });
});
