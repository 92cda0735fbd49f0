import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@symbolon/service';

const installed = '/usr/lib/postgresql';
const oldest = 15;

// After a crash the whole folder is synced: by one call, not file by file.
const quick = { listen_addresses: '127.0.0.1', recovery_init_sync_method: 'syncfs' };

/** Where Debian's packages put the programs of the newest version that will do. */
function programs(): string | undefined {
  if (!existsSync(installed)) return undefined;
  const versions = readdirSync(installed)
    .map(Number)
    .filter((version) => version >= oldest);
  const folders = versions.sort((a, b) => b - a).map((version) => join(installed, String(version), 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

/** Whether a throw-away PostgreSQL can be started here; says so where not. */
export function postgresIsHere(): boolean {
  const here = programs() !== undefined;
  if (!here) console.log(`skipped: PostgreSQL ${oldest} or newer is not installed (apt-get install postgresql)`);
  return here;
}

/** A PostgreSQL of its own, on a free port of this machine. */
export interface Cluster {
  readonly url: string;
  /** Where its data are. */
  readonly folder: string;
  /** Ends it as a crash would. */
  halt(): void;
  /** Starts it again, on the same port. */
  start(): void;
  /** Ends and removes it. */
  stop(): void;
}

/**
 * Starts a PostgreSQL that trusts everybody on this machine. Syncs its commits, as `openDatabase` asks for.
 * @param settings of postgresql.conf
 * @param files in its folder, which the settings may name
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-pg-'));
  // PostgreSQL refuses to run as root: its own user runs it there.
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const user = process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : undefined;
  const own = (path: string) => user !== undefined && chownSync(path, user.uid, user.gid);
  const run = (program: string, ...args: string[]) => {
    execFileSync(join(programs()!, program), args, { stdio: 'ignore', cwd: tmpdir(), ...user });
  };
  own(folder);
  const port = await freePort('127.0.0.1');
  run('initdb', '-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync');
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    own(join(folder, name));
  }
  const options = Object.entries({ ...quick, ...settings }).map(([name, to]) => `-c ${name}=${to}`);
  const start = () => run('pg_ctl', '-D', folder, '-w', '-o', `-p ${port} -k ${folder} ${options.join(' ')}`, 'start');
  const halt = () => run('pg_ctl', '-D', folder, '-m', 'immediate', 'stop');
  start();
  const stop = () => {
    try {
      halt();
    } catch {
      // It has ended already.
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, folder, halt, start, stop };
}
