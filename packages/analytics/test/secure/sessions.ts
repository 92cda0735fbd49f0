import { expect } from 'vitest';
import { decodeRun, encodeUnit, type Released, type StudyRun } from '../../src/secure/index.ts';
import { type StudyYield, studyProtocol } from '../../src/session/index.ts';
import { yields } from '../session/network.ts';
import type { Owned } from './rehearse.ts';

/** A run in whole sessions, every role with masks and frames of its own: what each party of the last one learns. */
export async function runSessions(run: StudyRun, owned: Owned): Promise<ReadonlyMap<string, Released | undefined>> {
  const ends = await yieldsOf(run, owned);
  return new Map([...ends].map(([party, end]) => [party, end.size > 0 ? decodeRun(run.bound!, end) : undefined]));
}

/** What the last session of a run yields to each of its parties. */
export async function yieldsOf(run: StudyRun, owned: Owned): Promise<ReadonlyMap<string, StudyYield>> {
  const kept = new Map<string, Map<number, ReadonlyMap<string, Uint8Array>>>();
  let last = new Map<string, StudyYield>();
  for (const [unit, { parties, program }] of run.units.entries()) {
    const inputs = parties.map((party) =>
      encodeUnit({ run, unit, party, tables: owned.get(party) ?? new Map(), kept: kept.get(party) ?? new Map() }),
    );
    // As the key service reads it.
    expect(studyProtocol.parse(JSON.parse(JSON.stringify(program)))).toEqual(program);
    const ends = await yields({ program, inputs, seed: `unit ${unit}` });
    last = new Map(parties.map((party, i) => [party, ends[i]!]));
    for (const [party, end] of last)
      kept.set(party, (kept.get(party) ?? new Map<number, ReadonlyMap<string, Uint8Array>>()).set(unit, end));
  }
  return last;
}
