import { join } from 'node:path';
import { fault, hex, sha256, utf8 } from '@symbolon/crypto';

// sun_path of unix(7) has 108 bytes, 104 on macOS, with the final zero.
const maxSocketPath = 103;

/** Where an organisation's server listens for its own commands: a UNIX domain socket in the home, or a named pipe on Windows. */
export function localAddress(home: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\symbolon-${hex(sha256(utf8(home))).slice(0, 32)}`;
  return join(home, 'symbolon.sock');
}

/** Throws `config-invalid` if a home's path is too long for a socket in it. */
export function requireSocketPath(home: string): void {
  if (process.platform === 'win32' || Buffer.byteLength(localAddress(home)) <= maxSocketPath) return;
  throw fault('config-invalid', `the path ${home} is too long for a socket in this folder`, {
    culprit: home,
    hint: `Choose a folder whose path has at most ${maxSocketPath - 14} bytes.`,
  });
}
