import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fault } from '@symbolon/crypto';
import { z } from 'zod';

const savedSession = z.strictObject({ user: z.string(), token: z.string(), expiresAt: z.string() });
const savedServer = z.strictObject({
  session: savedSession.exactOptional(),
  /** For each user, what shows that they have logged in from here before; it survives a logout. */
  devices: z.record(z.string(), z.string()),
});
const savedServers = z.record(z.string(), savedServer);

/** What `symbolon login` keeps of one server. */
export type SavedServer = z.output<typeof savedServer>;

/** Where sessions are kept: with the settings of whoever sits here, never in an organisation's folder. */
export function sessionsFile(env: NodeJS.ProcessEnv = process.env): string {
  const windows = process.platform === 'win32' ? env.APPDATA : undefined;
  return join(windows ?? env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'symbolon', 'sessions.json');
}

/** What is kept of a server. Throws `config-invalid` if others of this machine can read it. @param server address, or an organisation's folder */
export function readSaved(server: string): SavedServer {
  return readAll()[server] ?? { devices: {} };
}

/** Keeps something of a server; only the user of this machine can read it. */
export function writeSaved(server: string, saved: SavedServer): void {
  const file = sessionsFile();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ...readAll(), [server]: saved }), { mode: 0o600 });
  // The mode of a file that was there already stays otherwise.
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

function readAll(): Record<string, SavedServer> {
  const file = sessionsFile();
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return {};
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    throw fault('config-invalid', `${file} can be read by other users of this machine`, {
      culprit: file,
      hint: `Run: chmod go= ${file}. Then end what others may have read: symbolon logout --everywhere.`,
    });
  }
  const result = savedServers.safeParse(parsed(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  throw fault('config-invalid', `${file} is damaged`, { culprit: file, hint: 'Delete it, and log in again.' });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
