import { createHash } from 'node:crypto';
import { concat, equalBytes, fault, type Rng, utf8 } from '@symbolon/crypto';
import sodium from 'libsodium-wrappers-sumo';

// RFC 9497, OPRF(ristretto255, SHA-512), mode 0. The module blinds, the key holder evaluates, the module unblinds: the key holder never sees an
// identifier, and the module cannot try identities without asking it, each time.

const suite = concat(utf8('OPRFV1-'), Uint8Array.of(0), utf8('-ristretto255-SHA512'));

/** Bytes of an element and of a scalar. */
const elementBytes = 32;

/** Has to resolve before anything here is called: the group is a WebAssembly module. */
export const oprfReady: Promise<void> = sodium.ready;

/** What the module keeps of one blinding, and what it sends. */
export interface Blinded {
  /** Secret; one use. */
  readonly blind: Uint8Array;
  readonly element: Uint8Array;
}

/** RFC 9497 §3.3.1, Blind. Runs at: the module. @param input at most 65,535 bytes */
export function blindInput(input: Uint8Array, rng: Rng): Blinded {
  const blind = randomScalar(rng);
  return { blind, element: blindWith(input, blind) };
}

/** {@link blindInput} with a scalar that is given: for vectors. */
export function blindWith(input: Uint8Array, blind: Uint8Array): Uint8Array {
  // RFC 9497 §2.1, HashToGroup: RFC 9380 §5.3.1 with SHA-512, then the map of RFC 9496 §4.3.4.
  const uniform = expandMessage(input, concat(utf8('HashToGroup-'), suite), 64);
  const point = sodium.crypto_core_ristretto255_from_hash(uniform);
  return sodium.crypto_scalarmult_ristretto255(blind, point);
}

/**
 * RFC 9497 §3.3.1, BlindEvaluate. Throws `frame-shape` for bytes that are no element. Runs at: the key holder, which learns nothing.
 * @param key its scalar, 32 bytes
 */
export function evaluateBlinded(key: Uint8Array, element: Uint8Array): Uint8Array {
  requireElement(element);
  return sodium.crypto_scalarmult_ristretto255(key, element);
}

/** RFC 9497 §3.3.1, Finalize: 64 bytes. Throws `frame-shape`. Runs at: the module. */
export function finalize(input: Uint8Array, blind: Uint8Array, evaluated: Uint8Array): Uint8Array {
  requireElement(evaluated);
  const inverse = sodium.crypto_core_ristretto255_scalar_invert(blind);
  const unblinded = sodium.crypto_scalarmult_ristretto255(inverse, evaluated);
  const hash = createHash('sha512')
    .update(concat(u16(input.length), input, u16(unblinded.length), unblinded, utf8('Finalize')))
    .digest();
  return new Uint8Array(hash);
}

/** RFC 9497 §3.2.1, DeriveKeyPair: the private key of a seed (32 bytes) and a name for what it is for. */
export function deriveKey(seed: Uint8Array, info: Uint8Array): Uint8Array {
  for (let counter = 0; counter < 256; counter++) {
    const input = concat(seed, u16(info.length), info, Uint8Array.of(counter));
    const key = sodium.crypto_core_ristretto255_scalar_reduce(
      expandMessage(input, concat(utf8('DeriveKeyPair'), suite), 64),
    );
    if (!equalBytes(key, new Uint8Array(elementBytes))) return key;
  }
  throw fault('bad-key', 'no key comes of this seed');
}

function randomScalar(rng: Rng): Uint8Array {
  for (;;) {
    const scalar = sodium.crypto_core_ristretto255_scalar_reduce(rng(64));
    if (!equalBytes(scalar, new Uint8Array(elementBytes))) return scalar;
  }
}

/** RFC 9497 §2.1, DeserializeElement: canonical, and not the identity. */
function requireElement(element: Uint8Array): void {
  const isElement =
    element.length === elementBytes &&
    sodium.crypto_core_ristretto255_is_valid_point(element) &&
    !equalBytes(element, new Uint8Array(elementBytes));
  if (!isElement) throw fault('frame-shape', 'the bytes are no element of ristretto255');
}

/** RFC 9380 §5.3.1, expand_message_xmd with SHA-512, for one block of output. @param length at most 64 */
function expandMessage(message: Uint8Array, tag: Uint8Array, length: number): Uint8Array {
  const suffix = concat(tag, Uint8Array.of(tag.length));
  const sha512 = (...parts: Uint8Array[]) =>
    new Uint8Array(
      createHash('sha512')
        .update(concat(...parts))
        .digest(),
    );
  const first = sha512(new Uint8Array(128), message, u16(length), Uint8Array.of(0), suffix);
  return sha512(first, Uint8Array.of(1), suffix).subarray(0, length);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
