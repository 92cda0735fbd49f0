import { insecureTestRng } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import { unwrapSecret, wrapSecret } from '../src/index.ts';

const rng = insecureTestRng('wrapped secrets');
const secret = rng(1000);
const passphrase = 'vierzehn grüne Zebras am Fluss';
const wrapped = () => wrapSecret({ name: 'key 1', secret, passphrase }, ['fred'], rng);

test('a wrapped secret opens with its passphrase, however it was typed, and is nowhere in the text', async () => {
  const text = await wrapped();
  expect(await unwrapSecret(text, 'key 1', passphrase.normalize('NFD'))).toEqual(secret);
  expect(Buffer.from(text).includes(Buffer.from(secret.subarray(0, 16)))).toBe(false);
  expect(Buffer.from(JSON.parse(text).sealed, 'base64url').includes(Buffer.from(secret.subarray(0, 16)))).toBe(false);
  expect(text).not.toBe(await wrapped());
});

test('another passphrase, another name, and any altered byte are refused', async () => {
  const text = await wrapped();
  await expect(unwrapSecret(text, 'key 1', `${passphrase}.`)).rejects.toMatchObject({ code: 'passphrase-wrong' });
  await expect(unwrapSecret(text, 'key 2', passphrase)).rejects.toMatchObject({ code: 'config-invalid' });
  const fields = JSON.parse(text) as Record<string, string>;
  for (const field of ['salt', 'nonce', 'sealed']) {
    const bytes = Buffer.from(fields[field]!, 'base64url');
    bytes[bytes.length - 1]! ^= 1;
    const altered = JSON.stringify({ ...fields, [field]: bytes.toString('base64url') });
    await expect(unwrapSecret(altered, 'key 1', passphrase)).rejects.toMatchObject({ code: 'passphrase-wrong' });
  }
  const renamed = JSON.stringify({ ...fields, name: 'key 2' });
  await expect(unwrapSecret(renamed, 'key 2', passphrase)).rejects.toMatchObject({ code: 'passphrase-wrong' });
  for (const broken of ['', '{}', text.slice(0, 40), JSON.stringify({ ...fields, sealed: '' }), `${text}x`]) {
    await expect(unwrapSecret(broken, 'key 1', passphrase)).rejects.toMatchObject({ code: 'config-invalid' });
  }
});

test('a passphrase that is guessed early is refused', async () => {
  for (const weak of ['short', 'aaaaaaaaaaaaaaaa', 'fredfredfredpassword'])
    await expect(wrapSecret({ name: 'key 1', secret, passphrase: weak }, ['fred'], rng)).rejects.toMatchObject({
      code: 'password-weak',
    });
});
