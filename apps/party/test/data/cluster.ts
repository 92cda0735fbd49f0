import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@symbolon/service';

const programs = '/usr/lib/postgresql/15/bin';

/** Whether a throw-away PostgreSQL can be started here; says so where not. */
export function postgresIsHere(): boolean {
  const here = existsSync(`${programs}/initdb`);
  if (!here) console.log('skipped: PostgreSQL 15 is not installed (apt-get install postgresql-15)');
  return here;
}

/** A PostgreSQL of its own, on a free port; `stop` removes it. */
export async function startPostgres(): Promise<{ url: string; stop: () => void }> {
  const data = mkdtempSync(join(tmpdir(), 'symbolon-pg-'));
  // PostgreSQL refuses to run as root: its own user runs it there.
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const user = process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : undefined;
  if (user !== undefined) chownSync(data, user.uid, user.gid);
  const run = (program: string, ...args: string[]) => {
    execFileSync(join(programs, program), args, { stdio: 'ignore', cwd: tmpdir(), ...user });
  };
  const port = await freePort('127.0.0.1');
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync');
  run('pg_ctl', '-D', data, '-w', '-o', `-p ${port} -k ${data} -c listen_addresses=127.0.0.1 -c fsync=off`, 'start');
  const stop = () => {
    run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
    rmSync(data, { recursive: true, force: true });
  };
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop };
}
