import { createHmac } from 'node:crypto';
import { utf8 } from '@symbolon/crypto';

/**
 * The paper's long-term pseudonym (§2): a hash of identifiers with the module's secret salt, here HMAC-SHA-256, 32 bytes. Whoever has the salt can
 * try all identities; see `oprf.ts`. Runs at: the module.
 */
export function saltedPseudonym(salt: Uint8Array, identity: string): Uint8Array {
  return new Uint8Array(
    createHmac('sha256', salt)
      .update(utf8(`symbolon pseudonym\n${identity}`))
      .digest(),
  );
}
