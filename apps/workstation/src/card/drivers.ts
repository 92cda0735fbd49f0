import { existsSync } from 'node:fs';
import { fault } from '@symbolon/crypto';

/** Where OpenSC's driver is, which knows most cards: Debian, Fedora, macOS. */
const known = [
  '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so',
  '/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so',
  '/usr/lib64/opensc-pkcs11.so',
  '/usr/local/lib/opensc-pkcs11.so',
  '/Library/OpenSC/lib/opensc-pkcs11.so',
];

/** The drivers that are named; else OpenSC's, where it is installed. Throws `card-driver` where there is none. */
export function driversFor(named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  const found = known.find((path) => existsSync(path));
  if (found === undefined) throw fault('card-driver', 'no driver of smartcards is installed here');
  return [found];
}
