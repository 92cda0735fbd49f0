import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { beforeAll, describe, expect, test } from 'vitest';
import { skew, uniform } from '../../../linkage/test/psi/uniform.ts';
import { bindStudy } from '../../src/index.ts';
import { encodeUnit, planStudy, type StudyRun } from '../../src/secure/index.ts';
import { type Owned, ownTables } from '../secure/rehearse.ts';
import { answerKeyFor, dealt, run as runSession } from '../session/network.ts';
import { type Data, MemoryDuck, type Row } from '../sql/duckdb.ts';
import { alike, schemaOf } from './people.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const n = 64;
const nameOf = (i: number): string => `${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}zzzzzzz`;
const dayOf = (i: number): string => `1970-0${1 + (i % 9)}-1${Math.floor(i / 9) % 10}`;
const patients = (of: (i: number) => string | null = nameOf, rows = n): Row[] =>
  Array.from({ length: rows }, (_, i) => ({
    pid: `p${i}`,
    name: of(i),
    born: of(i) === null ? null : dayOf(i),
    arm: 'a',
    age: '0.0',
    time: '5',
    died: true,
  }));
const registered = (of: (i: number) => string | null = nameOf, rows = n): Row[] =>
  Array.from({ length: rows }, (_, i) => ({
    code: String(i),
    called: of(i),
    birth: of(i) === null ? null : dayOf(i),
    region: 'hill',
    paid: '7',
    app: true,
  }));
const insured = Array.from({ length: n }, (_, i): Row => ({ pid: `p${i}`, plan: 'full', cost: '3' }));

const from = 'FROM patients p JOIN registered r ON agreed(p, r) JOIN insured i ON p.pid = i.pid';
const sql = `SELECT r.region, COUNT(*), SUM(r.paid * i.cost) ${from} WHERE p.died GROUP BY r.region`;
const sizes = {
  p: { north: { rows: n, patients: n } },
  r: { registry: { rows: n, patients: 1 } },
  i: { insurer: { rows: n, patients: n } },
};

async function prepared(hub: Row[], spoke: Row[]): Promise<{ run: StudyRun; owned: Owned }> {
  const schema = schemaOf(alike, 2);
  const bound = await bindStudy(sql, schema, duck);
  const data: Data = { patients: { north: hub }, registered: { registry: spoke }, insured: { insurer: insured } };
  const owned = await ownTables(bound, await duck.load(schema, data), duck);
  return { run: planStudy(bound, sizes, { to: ['office'] }), owned };
}

/** Every unit of a run: what went from whom to whom, and what each party was left with. */
async function views({ run, owned }: Awaited<ReturnType<typeof prepared>>) {
  const kept = new Map<string, Map<number, Map<string, Uint8Array>>>();
  const units = [];
  for (const [unit, { parties, program }] of run.units.entries()) {
    const inputs = parties.map((party) =>
      encodeUnit({ run, unit, party, tables: owned.get(party) ?? new Map(), kept: kept.get(party) ?? new Map() }),
    );
    const masks = dealt(program.parties, `privacy ${unit}`);
    const answerKey = answerKeyFor(program, masks);
    const { ends, seen } = await runSession({ program, inputs, masks, answerKey });
    const left = ends.map((end) => {
      if (end instanceof Error) throw end;
      return new Map([...end].map(([name, bytes]) => [name, bytes.slice()] as const));
    });
    for (const [i, party] of parties.entries())
      kept.set(party, (kept.get(party) ?? new Map()).set(unit, new Map(ends[i] as Map<string, Uint8Array>)));
    const lengths = seen.map((frames) =>
      parties.map((_, peer) => frames.filter((one) => one.from === peer).map(({ frame }) => frame.length)),
    );
    units.push({ left, lengths, answerKey: answerKey.length });
  }
  return units;
}

describe('what is sent, and what anybody is left with, has the same number and lengths', () => {
  const shape = async (hub: Row[], spoke: Row[]) =>
    (await views(await prepared(hub, spoke))).map(({ left, lengths, answerKey }) => ({
      lengths,
      answerKey,
      left: left.map((yielded) => [...yielded].map(([name, { length }]) => [name, length])),
    }));

  test.each<[what: string, hub: Row[], spoke: Row[]]>([
    ['none matches', patients(), registered((i) => `q${nameOf(i)}`)],
    ['all are alike, so one pair is left and the cap cuts', patients(() => 'aaaaaaaaa'), registered(() => 'aaaaaaaaa')],
    ['nobody has a name', patients(() => null), registered(() => null)],
    ['there are fewer rows than agreed', patients(nameOf, 3), registered(nameOf, 1)],
  ])('as where all match, when %s', async (_, hub, spoke) => {
    expect(await shape(hub, spoke)).toEqual(await shape(patients(), registered()));
  });
});

describe('what two parties keep of a join says nothing to one of them', () => {
  test('shares are uniform, and the places that the hub learns in an order that has nothing to do with the rows', async () => {
    const [matched] = await views(await prepared(patients(), registered()));
    const [hub, spoke] = matched!.left;
    expect([...hub!.keys()].sort()).toEqual([...spoke!.keys(), 'places'].sort());
    const together = (name: string): bigint[] => {
      const [x, y] = [hub!, spoke!].map((side) => new BigUint64Array(side.get(name)!.slice().buffer));
      return [...x!].map((word, i) => BigInt.asUintN(64, word + y![i]!));
    };
    const words = [...hub!.keys()].filter((name) => name.startsWith('column') && hub!.get(name)!.length === 8 * n);
    expect(words.length).toBeGreaterThan(0);
    // Everybody paid 7: what is shared is one number, n times.
    for (const name of words) expect(together(name)).toEqual(Array<bigint>(n).fill(7n));
    for (const side of [hub!, spoke!]) {
      const shares = Buffer.concat(words.map((name) => side.get(name)!));
      expect(skew(shares)).toBeLessThan(uniform);
    }
    const places = [...new Uint32Array(hub!.get('places')!.slice().buffer)];
    const fixed = places.filter((row, place) => row === place).length;
    const rising = places.filter((row, place) => place > 0 && row > places[place - 1]!).length;
    // Of a uniform order: about 1, and half; the bounds fail once in 10^9.
    expect(fixed).toBeLessThan(13);
    expect(Math.abs(rising - (n - 1) / 2)).toBeLessThan(6 * Math.sqrt((n + 1) / 12));
  });

  test('control: the same test sees what is shared', () => {
    expect(skew(new Uint8Array(new BigUint64Array(n).fill(7n).buffer))).toBeGreaterThan(100 * uniform);
  });
});

test('what an owner encodes goes over to a thread, and stays in memory that threads share', async () => {
  const { run, owned } = await prepared(patients(), registered());
  const { port1, port2 } = new MessageChannel();
  const [table] = owned.get('registry')!.values();
  const { parts, keys } = table!.matched!.get('r')!;
  for (const array of [...parts, ...keys.flatMap(({ data, offsets, present }) => [data, offsets, present])])
    expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
  const order = { run, tables: owned.get('registry')! };
  port1.postMessage(order);
  expect(receiveMessageOnPort(port2)!.message).toEqual(order);
  port1.close();
});

test('an order that is none ends the run', async () => {
  const { run, owned } = await prepared(patients(), registered());
  const kept = new Map([[0, new Map([['places', new Uint8Array(4 * n)]])]]);
  const input = encodeUnit({ run, unit: 1, party: 'north', tables: owned.get('north')!, kept });
  const bins = Uint32Array.from({ length: n }, (_, i) => i);
  expect(() => input.inputs(bins)).toThrow(expect.objectContaining({ code: 'frame-shape' }));
});
