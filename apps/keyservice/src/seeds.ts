import { concat, fromBase64url, hkdf, u32, utf8 } from '@symbolon/crypto';
import type { OpenRequest } from '@symbolon/service';

const seedLength = 32;
const noSalt = new Uint8Array(0);

/** The seeds of a session: one for each party, one for each pair. */
export interface Seeds {
  readonly own: readonly Uint8Array[];
  /** pairs[i][j] = pairs[j][i]; undefined for i = j. */
  readonly pairs: readonly (readonly (Uint8Array | undefined)[])[];
  wipe(): void;
}

/**
 * PROTOCOLS §1: HKDF(fresh secret of the dealer, all nonces ‖ agreement ‖ program ‖ recipients). Recipients are named by their
 * organisation keys; counts make the concatenation unambiguous.
 * @param secret 32 fresh random bytes, of this session alone
 */
export function deriveSeeds(
  secret: Uint8Array,
  { agreement, programHash, parties }: Pick<OpenRequest, 'agreement' | 'programHash' | 'parties'>,
  nonces: readonly string[],
): Seeds {
  const common = [
    u32(nonces.length),
    ...nonces.map(fromBase64url),
    fromBase64url(agreement),
    fromBase64url(programHash),
  ];
  const keys = parties.map(({ organisationKey }) => fromBase64url(organisationKey));
  const seed = (...recipients: Uint8Array[]) => {
    const info = concat(utf8('symbolon seed'), ...common, u32(recipients.length), ...recipients);
    return hkdf(secret, noSalt, info, seedLength);
  };
  const own = keys.map((key) => seed(key));
  const pairs = keys.map((): (Uint8Array | undefined)[] => keys.map(() => undefined));
  for (let i = 0; i < keys.length; i++) {
    for (let j = i + 1; j < keys.length; j++) {
      const shared = seed(keys[i]!, keys[j]!);
      pairs[i]![j] = shared;
      pairs[j]![i] = shared;
    }
  }
  return {
    own,
    pairs,
    wipe() {
      for (const bytes of [...own, ...pairs.flat()]) bytes?.fill(0);
    },
  };
}
