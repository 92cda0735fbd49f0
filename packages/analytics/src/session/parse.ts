import { canonicalBytes, equalBytes, fault } from '@symbolon/crypto';
import { byteLength, type Plan, PlanBuilder, type PlanNode, parsePlan, type WireType } from '@symbolon/engine';
import { meetInputs, rowLayout, sharePrefix } from './meet.ts';
import { binsOf, leastHubEntries, type Meet, type MeetColumn, type StudyProgram } from './program.ts';

/** What a program may be, at most. */
export const meetLimits = {
  meets: 16,
  columns: 256,
  entries: 2 ** 20,
  rowBytes: 256,
  /** Of all rows that a spoke stores in one meet: a sixteenth of what the session then holds in memory. */
  storedBytes: 2 ** 27,
  /** Of one wire of the plan: memory of the kernels is 4 GiB. */
  wireBytes: 2 ** 30,
  /** Of all meets: a tag of 64 bits then passes by accident in any of them with probability ≤ 2^-40. */
  bins: 2 ** 24,
};

/**
 * Reads a program that came from elsewhere. Strict: exactly its fields, a plan that is what its own nodes make, the shares of every meet among
 * its inputs, bounded work.
 *
 * @throws SymbolonError `plan-invalid` with the rule that is broken
 */
export function parseStudyProgram(value: unknown): StudyProgram {
  const [protocol, parties, meets, plan] = fields(value, 'program', ['protocol', 'parties', 'meets', 'plan']);
  demand(protocol === 'study/1', 'protocol is study/1');
  demand(isWithin(parties, 2, 5), 'parties are 2 to 5');
  demand(Array.isArray(meets) && meets.length <= meetLimits.meets, `meets are ${meetLimits.meets} at most`);
  const program: StudyProgram = {
    protocol: 'study/1',
    parties,
    meets: meets.map((meet, at) => parseMeet(meet, `meet ${at}`, parties)),
    plan: parsePlan(plan),
  };
  const [first, ...others] = program.meets;
  const hub = first?.entries[0];
  demand(
    others.every(({ entries }) => entries[0] === hub),
    'all meets are of the same entries of the hub',
  );
  demand(
    program.meets.reduce((sum, { entries }) => sum + binsOf(entries[0]), 0) <= meetLimits.bins,
    'the meets have too many bins',
  );
  demand(program.plan.parties === parties, 'the plan is for all parties');
  demand(
    program.plan.wires.every((type) => byteLength(type) <= meetLimits.wireBytes),
    `a wire takes ${meetLimits.wireBytes} bytes at most`,
  );
  demand(sameSources(program), 'the plan has the shares of its meets, and no other inputs by such names');
  return program;
}

function parseMeet(value: unknown, name: string, parties: number): Meet {
  const [spoke, entries, columns] = fields(value, name, ['spoke', 'entries', 'columns']);
  demand(isWithin(spoke, 1, parties - 1), `${name}: spoke is a party but p0`);
  demand(Array.isArray(entries) && entries.length === 2, `${name}: entries are two numbers`);
  const [hub, of] = entries as unknown[];
  demand(
    isWithin(hub, leastHubEntries, meetLimits.entries),
    `${name}: the hub has ${leastHubEntries} to ${meetLimits.entries} entries`,
  );
  demand(isWithin(of, 1, meetLimits.entries), `${name}: the spoke has 1 to ${meetLimits.entries} entries`);
  demand(
    Array.isArray(columns) && columns.length <= meetLimits.columns,
    `${name}: columns are ${meetLimits.columns} at most`,
  );
  const meet: Meet = {
    spoke,
    entries: [hub, of],
    columns: columns.map((column, i) => parseColumn(column, `${name}, column ${i}`)),
  };
  const { rowBytes } = rowLayout(meet);
  demand(rowBytes <= meetLimits.rowBytes, `${name}: a row takes ${meetLimits.rowBytes} bytes at most`);
  demand(rowBytes * of <= meetLimits.storedBytes, `${name}: all rows take ${meetLimits.storedBytes} bytes at most`);
  return meet;
}

function parseColumn(value: unknown, name: string): MeetColumn {
  const { kind } = Object(value) as { kind?: unknown };
  if (kind === 'bit') {
    fields(value, name, ['kind']);
    return { kind };
  }
  if (kind === 'bits') {
    const [, width] = fields(value, name, ['kind', 'width']);
    demand(isWithin(width, 1, 8 * meetLimits.rowBytes), `${name}: width is 1 to ${8 * meetLimits.rowBytes}`);
    return { kind, width };
  }
  const [word, ring] = fields(value, name, ['kind', 'ring']);
  demand(
    word === 'word' && (ring === 16 || ring === 32 || ring === 64),
    `${name} is a bit, bits, or a word of 16, 32 or 64`,
  );
  return { kind: 'word', ring };
}

/** Whether the plan's sources by the names of shares are just those that the meets need. */
function sameSources({ parties, meets, plan }: StudyProgram): boolean {
  const builder = new PlanBuilder(parties);
  for (const [at, meet] of meets.entries()) meetInputs(builder, at, meet);
  const [needed, found] = [sources(builder.build()), sources(plan)];
  return equalBytes(canonicalBytes(needed), canonicalBytes(found));
}

/** What is known of each source that is named like a share, by its name. */
function sources({ nodes, wires }: Plan): [name: string, op: PlanNode['op'], owner: number, type: WireType][] {
  return nodes
    .flatMap((node): [string, PlanNode['op'], number, WireType][] => {
      const isShare = (node.op === 'input' || node.op === 'random') && node.name.startsWith(sharePrefix);
      return isShare ? [[node.name, node.op, node.owner, wires[node.out[0]!]!]] : [];
    })
    .sort(([x], [y]) => (x < y ? -1 : 1));
}

function demand(condition: boolean, rule: string): asserts condition {
  if (!condition) throw fault('plan-invalid', `study program: ${rule}`);
}

/** The values of exactly these fields. */
function fields(value: unknown, name: string, names: readonly string[]): unknown[] {
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), `${name} is an object`);
  const found = Object.keys(value);
  demand(
    found.length === names.length && names.every((key) => Object.hasOwn(value, key)),
    `${name} has exactly the fields ${names.join(', ')}`,
  );
  return names.map((key) => (value as Record<string, unknown>)[key]);
}

function isWithin(value: unknown, lo: number, hi: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= lo && value <= hi;
}
