import { expect } from 'vitest';
import { decodeRun, encodeUnit, type Released, type StudyRun } from '../../src/secure/index.ts';
import { type StudyYield, studyProtocol } from '../../src/session/index.ts';
import { yields } from '../session/network.ts';
import type { Owned } from './rehearse.ts';

/** A run in whole sessions, every role with masks and frames of its own: what each party of the last one learns. */
export async function runSessions(run: StudyRun, owned: Owned): Promise<ReadonlyMap<string, Released | undefined>> {
  return (await runUnits(run, owned)).released;
}

/** The same, and what each party kept of each unit. */
export async function runUnits(run: StudyRun, owned: Owned) {
  const kept = await keptOf(run, owned);
  const released = new Map(
    run.units.at(-1)!.parties.map((party) => {
      const end = kept.get(party)!.get(run.units.length - 1)!;
      return [party, end.size > 0 ? decodeRun(run.bound!, end) : undefined] as const;
    }),
  );
  return { released, kept };
}

/** What the last session of a run yields to each of its parties. */
export async function yieldsOf(run: StudyRun, owned: Owned): Promise<ReadonlyMap<string, StudyYield>> {
  const kept = await keptOf(run, owned);
  return new Map(run.units.at(-1)!.parties.map((party) => [party, kept.get(party)!.get(run.units.length - 1)!]));
}

/** What each unit of a run yields to each of its parties. */
async function keptOf(run: StudyRun, owned: Owned): Promise<ReadonlyMap<string, ReadonlyMap<number, StudyYield>>> {
  const kept = new Map<string, Map<number, StudyYield>>();
  for (const [unit, { parties, program }] of run.units.entries()) {
    const inputs = parties.map((party) =>
      encodeUnit({ run, unit, party, tables: owned.get(party) ?? new Map(), kept: kept.get(party) ?? new Map() }),
    );
    // As the key service reads it.
    expect(studyProtocol.parse(JSON.parse(JSON.stringify(program)))).toEqual(program);
    const ends = await yields({ program, inputs, seed: `unit ${unit}` });
    for (const [i, party] of parties.entries())
      kept.set(party, (kept.get(party) ?? new Map<number, StudyYield>()).set(unit, ends[i]!));
  }
  return kept;
}
