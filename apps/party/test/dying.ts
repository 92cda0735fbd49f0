import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

interface Servers<Role extends string> {
  readonly homes: Readonly<Record<Role, { readonly path: string }>>;
  stop(role: Role): Promise<unknown>;
}

/** Starts a role as a process that dies where its script's arguments say; resolves when it listens. */
export async function forkDying<Role extends string>(
  network: Servers<Role>,
  role: Role,
  ...at: (string | number)[]
): Promise<{ child: ChildProcess; died: Promise<void> }> {
  await network.stop(role);
  const script = join(import.meta.dirname, role === 'keys' ? 'dying-keyservice.ts' : 'dying-party.ts');
  const child = fork(script, [network.homes[role].path, ...at.map(String)], { execArgv: [] });
  const died = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([new Promise((resolve) => child.once('message', resolve)), died]);
  return { child, died };
}
