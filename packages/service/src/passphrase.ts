import { createCipheriv, createDecipheriv } from 'node:crypto';
import { base64url, fault, fromBase64url, type Rng, utf8 } from '@symbolon/crypto';
import { z } from 'zod';
import { requireGoodPassword } from './people/password-rules.ts';
import { argonCost } from './people/passwords.ts';

// AES-256-GCM under a key that argon2id (RFC 9106) makes of the passphrase; the cost is that of passwords.

const bytes = (length: number) => z.base64url().refine((text) => fromBase64url(text).length === length);
const wrappedSchema = z.strictObject({
  kind: z.literal('wrapped-secret'),
  version: z.literal(1),
  /** What it is, bound to the secret: a file that is put in the place of another does not open. */
  name: z.string().min(1).max(200),
  salt: bytes(16),
  nonce: bytes(12),
  sealed: z.base64url(),
});
const tagBytes = 16;

/**
 * A secret that opens with a passphrase alone, as text to be kept in a file. Throws `password-weak`: whoever has the file can try passphrases.
 * @param known names that are guessed early
 */
export async function wrapSecret(
  { name, secret, passphrase }: { name: string; secret: Uint8Array; passphrase: string },
  known: readonly string[],
  rng: Rng,
): Promise<string> {
  requireGoodPassword(passphrase, known);
  const [salt, nonce] = [rng(16), rng(12)];
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt), nonce).setAAD(utf8(name));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  const text = { kind: 'wrapped-secret', version: 1, name, salt: base64url(salt), nonce: base64url(nonce) };
  return `${JSON.stringify({ ...text, sealed: base64url(sealed) })}\n`;
}

/** The secret again. Throws `passphrase-wrong`, and `config-invalid` for text that is no such secret. @param name that it was wrapped under */
export async function unwrapSecret(text: string, name: string, passphrase: string): Promise<Uint8Array> {
  const { salt, nonce, sealed } = parsed(text, name);
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(passphrase, salt), nonce).setAAD(utf8(name));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    const begun = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
    return new Uint8Array(Buffer.concat([begun, decipher.final()]));
  } catch {
    throw fault('passphrase-wrong', `${name} does not open with this passphrase`, { culprit: name });
  }
}

function parsed(text: string, name: string): Record<'salt' | 'nonce' | 'sealed', Uint8Array> {
  const invalid = () =>
    fault('config-invalid', `the file of ${name} is not a wrapped secret, or that of another`, {
      culprit: name,
      hint: 'Restore the file from your backup of this folder.',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid();
  }
  const read = wrappedSchema.safeParse(value);
  if (!read.success || read.data.name !== name) throw invalid();
  const { salt, nonce, sealed } = read.data;
  const secret = fromBase64url(sealed);
  if (secret.length < tagBytes) throw invalid();
  return { salt: fromBase64url(salt), nonce: fromBase64url(nonce), sealed: secret };
}

/** Native code, which is loaded when it is needed. */
async function keyOf(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  const { hashRaw } = await import('@node-rs/argon2');
  return hashRaw(passphrase.normalize('NFC'), { ...argonCost, salt });
}
