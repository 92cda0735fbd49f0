import {
  bindStudy,
  openLogistic,
  openSurvival,
  planStudy,
  type Schema,
  type StudyProgram,
  survivalCounts,
} from '@symbolon/analytics';
import { type Plan, PlanBuilder, sortBy, type Wire } from '@symbolon/engine';
import { openDuckDb } from '@symbolon/service';

export const parties = 3;
const ids = ['hospital', 'insurer', 'office'];

/** A study without meets. */
export function programOf(plan: Plan): StudyProgram {
  return { protocol: 'study/1', parties, meets: [], plan };
}

/** x of p0 and y of p1. One word is opened: the cost is that of the operation. */
export function binary(size: number, operation: (b: PlanBuilder, x: Wire, y: Wire) => Wire): StudyProgram {
  const b = new PlanBuilder(parties);
  const [x, y] = [b.input('x', 0, { ring: 64, size }), b.input('y', 1, { ring: 64, size })];
  b.reveal(b.slice(operation(b, x, y), 0, 1), [0], 'result');
  return programOf(b.build());
}

/** Of 64-bit keys, without other columns. */
export function sort(size: number): StudyProgram {
  const b = new PlanBuilder(parties);
  const key = b.inputBits('key', 0, 64 * size);
  const [sorted] = sortBy(b, [{ wire: key, width: 64 }], [key], size);
  b.reveal(b.slice(sorted!, 0, 64), [0], 'least');
  return programOf(b.build());
}

/** Hub rows with a key to group by, spoke rows with four numbers; a third party learns as well. */
function schema(size: number, group: Schema['tables'][string]['columns'][string]): Schema {
  const id = { type: 'text', policy: 'join', required: true } as const;
  const number = { type: 'number', min: '-1000000', max: '1000000', policy: 'aggregate', required: true } as const;
  const table = { maxRows: size, patient: 'id', onePerPatient: true } as const;
  return {
    tables: {
      patients: { ...table, parties: [ids[0]!], columns: { id, grp: group } },
      claims: { ...table, parties: [ids[1]!], columns: { id, a: number, b: number, c: number, d: number } },
    },
    joins: [{ hub: 'patients', spoke: 'claims', on: [['id', 'id']] }],
    minPatients: 10,
  };
}

/** @param aligned the linkage is known to both: nothing meets */
async function grouped(
  size: number,
  {
    group,
    sums,
    aligned,
  }: { group: Schema['tables'][string]['columns'][string]; sums: readonly string[]; aligned: boolean },
): Promise<StudyProgram> {
  const duck = await openDuckDb({ threads: 1 });
  try {
    const columns = sums.map((name) => `SUM(c.${name})`).join(', ');
    const sql = `SELECT p.grp, ${columns} FROM patients p JOIN claims c USING (id) GROUP BY p.grp`;
    const bound = await bindStudy(sql, schema(size, group), duck);
    const own = { rows: size, patients: size };
    const run = planStudy(bound, { p: { hospital: own }, c: { insurer: own } }, { to: ids, aligned });
    return run.units[0]!.program;
  } finally {
    duck.close();
  }
}

const sixteen = {
  type: 'text',
  values: Array.from({ length: 16 }, (_, i) => `g${i}`),
  policy: 'group',
  required: true,
} as const;

/** SUM by 16 groups whose values are known before. */
export function knownGroups(size: number): Promise<StudyProgram> {
  return grouped(size, { group: sixteen, sums: ['a'], aligned: true });
}

/** SUM by groups of which only the range, 0 to 65,535, is known before. */
export function unknownGroups(size: number): Promise<StudyProgram> {
  const group = { type: 'number', min: '0', max: '65535', policy: 'group', required: true } as const;
  return grouped(size, { group, sums: ['a'], aligned: true });
}

/** The secure join with four columns, then their sums by 16 groups. */
export function joinAndSum(size: number): Promise<StudyProgram> {
  return grouped(size, { group: sixteen, sums: ['a', 'b', 'c', 'd'], aligned: false });
}

/** Ten covariates: five numbers and five bits, of all parties. */
export function logistic(size: number, iterations: number): StudyProgram {
  const b = new PlanBuilder(parties);
  const [outcome, weight] = [b.inputBits('outcome', 0, size), b.inputBits('weight', 1, size)];
  const columns = Array.from({ length: 10 }, (_, i) =>
    i % 2 === 0
      ? b.input(`number/${i}`, i % parties, { ring: 64, size, range: [0n, 100n] })
      : b.inputBits(`bit/${i}`, i % parties, size),
  );
  openLogistic(b, { outcome, weight, columns }, { minimum: 1, iterations }, { to: [0, 1, 2], name: 'fit' });
  return programOf(b.build());
}

/** Kaplan–Meier and log-rank of two groups over days, in the lanes of a joined table of so many patients. */
export function survival(lanes: number, days: number): StudyProgram {
  const b = new PlanBuilder(parties);
  const time = b.input('time', 0, { ring: 64, size: lanes, range: [0n, BigInt(days)] });
  const [event, weight] = [b.inputBits('event', 0, lanes), b.inputBits('weight', 0, lanes)];
  const groups = [b.inputBits('group/0', 1, lanes), b.inputBits('group/1', 1, lanes)];
  const shape = { from: 0, to: days, groups: 2 };
  const counts = survivalCounts(b, { time, event, weight, groups }, shape);
  const at = Array.from({ length: 24 }, (_, i) => Math.floor(((i + 1) * days) / 24));
  openSurvival(b, counts, { shape, rule: { minimum: 10, at }, most: lanes }, { to: [0, 1, 2], name: 'survival' });
  return programOf(b.build());
}
