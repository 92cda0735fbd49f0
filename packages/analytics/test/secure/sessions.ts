import { decodeRun, encodeUnit, type Released, type StudyRun } from '../../src/secure/index.ts';
import { yields } from '../session/network.ts';
import type { Owned } from './rehearse.ts';

/** A run in whole sessions, every role with masks and frames of its own: what each party of the last one learns. */
export async function runSessions(run: StudyRun, owned: Owned): Promise<ReadonlyMap<string, Released | undefined>> {
  const kept = new Map<string, Map<number, ReadonlyMap<string, Uint8Array>>>();
  const learned = new Map<string, Released | undefined>();
  for (const [unit, { parties, program }] of run.units.entries()) {
    const inputs = parties.map((party) =>
      encodeUnit({ run, unit, party, tables: owned.get(party) ?? new Map(), kept: kept.get(party) ?? new Map() }),
    );
    const ends = await yields({ program, inputs, seed: `unit ${unit}` });
    for (const [i, party] of parties.entries()) {
      kept.set(party, (kept.get(party) ?? new Map<number, ReadonlyMap<string, Uint8Array>>()).set(unit, ends[i]!));
      if (unit === run.units.length - 1)
        learned.set(party, ends[i]!.size > 0 ? decodeRun(run.bound, ends[i]!) : undefined);
    }
  }
  return learned;
}
