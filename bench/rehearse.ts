import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What `symbolon rehearse link --json` prints: all roles as processes of this machine, with mutual TLS. */
export interface LinkReport {
  readonly left: number;
  readonly right: number;
  readonly matches: number;
  readonly equalsClear: boolean;
  /** Where a truth is given. */
  readonly precision: number;
  readonly recall: number;
  readonly seconds: number;
  readonly protocolSeconds: number;
  readonly phaseSeconds: Readonly<Record<string, number>>;
  readonly secondsTotal: number;
  readonly bytes: Readonly<Record<string, number>>;
  readonly rounds: number;
  /** By blocking: sessions of the run, and pairs that the cap of a block lost. */
  readonly sessions?: number;
  readonly cutPairs?: number;
  readonly processes: Readonly<Record<string, { readonly peakBytes: number; readonly cpuSeconds: number }>>;
}

export function rehearseLink(arguments_: readonly string[]): LinkReport {
  const command = [join(import.meta.dirname, '../apps/cli/src/main.ts'), 'rehearse', 'link', ...arguments_, '--json'];
  const child = spawnSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.status !== 0) throw new Error(`symbolon rehearse link ended with ${child.status}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1)!) as LinkReport;
}
