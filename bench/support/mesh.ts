import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StudyProgram } from '@symbolon/analytics';
import { createHome } from '@symbolon/service';

/** Seconds of a session at p0. */
export interface MeshTimes {
  /** From the first masked data to the last that is signed. */
  readonly exchange: number;
  /** From there to the result. */
  readonly evaluate: number;
  /** Processor time of the whole run, of all roles together in what `run` returns. */
  readonly cpu: number;
}

/** What the parent tells a role, and what it answers. */
export type MeshOrder = { readonly program: StudyProgram; readonly rounds: number };
export type MeshReport = { readonly kind: 'ready' } | { readonly kind: 'done'; readonly times: readonly MeshTimes[] };

/** Parties and a dealer, each a process with an organisation's folder of its own, lines of mutual TLS between all. */
export interface Mesh {
  /** Runs a program over inputs of no meaning, all of whose entries meet. @returns the least of `rounds` runs: the machine is shared */
  run(program: StudyProgram, rounds: number): Promise<MeshTimes>;
  close(): Promise<void>;
}

export async function startMesh(parties: number): Promise<Mesh> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-mesh-'));
  const names = [...Array.from({ length: parties }, (_, i) => `p${i}`), 'dealer'];
  const homes = [];
  for (const id of names) {
    const role = id === 'dealer' ? 'keyservice' : 'party';
    const path = join(folder, id);
    homes.push(
      await createHome({
        path,
        id,
        name: id,
        role,
        host: '127.0.0.1',
        port: 0,
        database: 'embedded',
        now: () => new Date(),
      }),
    );
  }
  for (const home of homes) for (const other of homes) if (other !== home) home.partners.add(other.cardFile);
  const roles = names.map((name) =>
    fork(join(import.meta.dirname, 'mesh-role.ts'), [join(folder, name), String(parties)], {
      execArgv: [],
      serialization: 'advanced',
    }),
  );
  const failed = Promise.race(
    roles.map((role) => once(role, 'exit').then(([code]) => Promise.reject(new Error(`a role ended with ${code}`)))),
  );
  failed.catch(() => undefined);
  const answers = (): Promise<MeshReport[]> =>
    Promise.race([failed, Promise.all(roles.map(async (role) => (await once(role, 'message'))[0] as MeshReport))]);
  await answers();
  return {
    async run(program, rounds) {
      const reports = answers();
      for (const role of roles) role.send({ program, rounds } satisfies MeshOrder);
      const times = (await reports).map((report) => (report.kind === 'done' ? report.times : []));
      const [first] = times;
      return first!
        .map((one, round) => ({ ...one, cpu: times.reduce((sum, role) => sum + role[round]!.cpu, 0) }))
        .reduce((least, one) => (one.evaluate < least.evaluate ? one : least));
    },
    async close() {
      await Promise.all(
        roles.map((role) => {
          const ended = new Promise((resolve) => role.once('exit', resolve));
          role.disconnect();
          return ended;
        }),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
