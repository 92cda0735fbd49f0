import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../../cli/src/main.ts');

/** A demo in the background, as `symbolon demo up` makes it. */
export interface RunningDemo {
  readonly url: Readonly<Record<'fred' | 'sally' | 'institute', string>>;
  readonly password: string;
  down(): Promise<void>;
}

/** Brings one up in folders of its own. The caller takes it down. */
export async function bringUpDemo(): Promise<RunningDemo> {
  const folder = mkdtempSync(join(tmpdir(), 's-'));
  const demo = (action: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, TMPDIR: folder, XDG_STATE_HOME: folder, LOCALAPPDATA: folder };
      const child = spawn(process.execPath, [main, 'demo', action, '--json'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (part) => {
        text += String(part);
      });
      child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`demo ${action}: ${text}`))));
    });
  const { consoles, password } = JSON.parse(await demo('up')) as {
    consoles: { id: string; url: string }[];
    password: string;
  };
  return {
    url: Object.fromEntries(consoles.map(({ id, url }) => [id, url])) as RunningDemo['url'],
    password,
    async down() {
      await demo('down');
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
