import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFiles } from './data/files.ts';
import { run as besideOpenMined } from './peers/openmined.ts';
import { rehearseLink } from './rehearse.ts';
import type { Row } from './row.ts';
import { row } from './row.ts';

/** Tables of n records that share half of their keys, linked by one equality: all roles as processes, with mutual TLS; and a peer's library. */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-psi-'));
  try {
    return [...[10_000, 100_000, 2 ** 20].flatMap((n) => intersect(folder, n)), ...(await besideOpenMined())];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function intersect(folder: string, n: number): Row[] {
  const files = keyFiles(folder, n);
  const report = rehearseLink(['--left', files[0], '--right', files[1], '--rule', 'a.medicaid = b.medicaid']);
  const bars = n === 2 ** 20;
  const [left, right] = Object.values(report.bytes) as [number, number, number];
  const memory = Math.max(...Object.values(report.processes).map(({ peakBytes }) => peakBytes));
  const phases = Object.entries(report.phaseSeconds).map(([phase, seconds]) =>
    row('psi', `exact: phase ${phase}`, n, seconds, 's'),
  );
  const cpu = Object.entries(report.processes).map(([role, { cpuSeconds }]) =>
    row('psi', `exact: CPU of ${role}, start and stop included`, n, cpuSeconds, 's'),
  );
  return [
    row('psi', 'exact: protocol, line opened to result opened', n, report.protocolSeconds, 's', bars ? 3 : null),
    row('psi', 'exact: CSV to stored result', n, report.seconds, 's', bars ? 8 : null),
    ...(bars ? [...phases, ...cpu] : []),
    row('psi', 'exact: pairs that differ from the clear run', n, report.equalsClear ? 0 : 1, 'verdicts', 0),
    row('psi', 'exact: on the wire, a record', n, (left + right) / (report.left + report.right), 'B', 60),
    row('psi', 'exact: memory, largest process', n, memory / 2 ** 20, 'MiB', bars ? 1024 : null),
  ];
}
