import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hosted } from './hosted.ts';
import { jsonOf, play, root } from './script.ts';

const files = {
  'members.csv': 'member_no,medicaid,name\nM1,1110001111,Ann Lee\nM2,,Bob Ray\nM3,3330003333,Cy Dee\n',
  'patients.csv': 'patient_no,medicaid,name\nP1,9990001111,Zoe Fox\nP2,1110001111,Anne Lee\nP3,,Bob Raye\n',
  'bad.csv': 'id,name\n1,Ann\n2,"Bob\n3,Cy,too many\n',
  'examples.csv': 'a.medicaid,a.name,b.medicaid,b.name\n1110001111,Ann Lee,1110001111,Someone\n,Ann Lee,,Bob Ray\n',
};

const roles = { fred: 'party', sally: 'party', keys: 'keyservice' } as const;
type Id = keyof typeof roles;
const ids = Object.keys(roles) as Id[];

/** Two organisations, fred and sally, and a key service, in a new folder where commands run; each step brings them further. */
export class Organisations {
  readonly folder = mkdtempSync(join(tmpdir(), 'symbolon-cli-'));
  /** Texts for scripts: fingerprints by id, `agreement`, `short`. */
  readonly names: Record<string, string> = {};
  readonly #servers: ChildProcess[] = [];
  readonly #run: typeof hosted;

  /** @param run `symbolon` for a process for each command, `hosted` for one process */
  constructor(run: typeof hosted = hosted) {
    this.#run = run;
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
  }

  play(script: string, names: Record<string, string> = this.names): Promise<void> {
    return play(this.folder, script, names, this.#run);
  }

  /** What a command says with --json. */
  async value<T>(args: readonly string[]): Promise<T> {
    return jsonOf(await this.#run(this.folder, [...args, '--json'])) as T;
  }

  async initialise(): Promise<void> {
    const name = (id: Id): string => (id === 'fred' ? ` --name "Fred's Health Insurance"` : '');
    await Promise.all(
      ids.map((id) => this.play(`$ symbolon init ${id}${name(id)} --host 127.0.0.1 --role ${roles[id]} --home ${id}`)),
    );
  }

  /** Cards in files, fingerprints in `names`. */
  async invite(): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const invite = ['partner', 'invite', '--home', id, '--out', `${id}.card`];
        this.names[id] = (await this.value<{ fingerprint: string }>(invite)).fingerprint;
      }),
    );
  }

  async accept(): Promise<void> {
    await this.invite();
    await Promise.all(
      ids.map((home) =>
        this.play(
          ids
            .filter((id) => id !== home)
            .map((id) => `$ symbolon partner accept ${id}.card --home ${home} --fingerprint {${id}}`)
            .join('\n'),
        ),
      ),
    );
  }

  async addData(): Promise<void> {
    await Promise.all([
      this.play('$ symbolon data add members members.csv --home fred'),
      this.play(`
        $ symbolon data add patients patients.csv --home sally
        $ symbolon data show patients --describe patients.json --home sally
      `),
    ]);
  }

  /** All that an agreement needs. */
  async prepare(): Promise<void> {
    await this.initialise();
    await this.accept();
    await this.addData();
  }

  serve(role: string, home: string): Promise<ChildProcess> {
    const bin = join(root, 'apps/cli/bin/symbolon.mjs');
    const child = spawn(process.execPath, [bin, 'serve', role, '--home', home], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#servers.push(child);
    return new Promise((resolve, reject) => {
      child.once('message', () => resolve(child));
      child.once('exit', (code) => reject(new Error(`serve ${role} ended with ${code}`)));
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(stop));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ends a server; its exit code. */
export function stop(server: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (server.exitCode !== null) resolve(server.exitCode);
    server.once('exit', resolve);
    server.kill('SIGINT');
  });
}
