import { base64, concat, fromBase64, generateSigningKey, insecureTestRng, utf8, verify } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  cosign,
  cosignedAt,
  noteKeyId,
  parseCheckpoint,
  parseVerifierKeys,
  signCheckpoint,
  verifierKey,
  withSignature,
} from '../src/index.ts';

const rng = insecureTestRng('cosignatures');
const [key, witness, other] = [generateSigningKey(rng), generateSigningKey(rng), generateSigningKey(rng)];
const origin = 'symbolon/insurer';
const name = 'symbolon/clinic';
const note = signCheckpoint({ origin, size: 7, root: rng(32) }, key);
const time = 1_679_315_147;
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('cosignatures', () => {
  test('sign header, time and text, under a key ID of their own (C2SP tlog-cosignature)', () => {
    const line = cosign(note, name, witness, time);
    const bytes = fromBase64(line.trim().split(' ')[2]!);
    expect(bytes.subarray(0, 4)).toEqual(noteKeyId(name, witness.publicKey, 'cosignature'));
    expect(bytes.subarray(0, 4)).not.toEqual(noteKeyId(name, witness.publicKey));
    expect(Buffer.from(bytes).readBigUInt64BE(4)).toBe(BigInt(time));
    const message = `cosignature/v1\ntime ${time}\n${note.slice(0, note.indexOf('\n\n') + 1)}`;
    expect(verify(witness.publicKey, utf8(message), bytes.subarray(12))).toBe(true);
  });

  test('the published example has the form that is read here', () => {
    const published =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n' +
      '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n';
    expect(cosignedAt(published, 'witness.example.com/w1', witness.publicKey)).toBeUndefined();
  });

  test('stand below the signature of the log and say when', () => {
    const cosigned = withSignature(note, cosign(note, name, witness, time));
    expect(cosignedAt(cosigned, name, witness.publicKey)).toBe(time);
    expect(parseCheckpoint(cosigned, origin, key.publicKey).size).toBe(7);
    expect(withSignature(cosigned, cosign(note, name, witness, time))).toBe(cosigned);
    const both = withSignature(cosigned, cosign(note, 'symbolon/keys', other, time + 1));
    expect([name, 'symbolon/keys'].map((one, i) => cosignedAt(both, one, [witness, other][i]!.publicKey))).toEqual([
      time,
      time + 1,
    ]);
    expect(cosignedAt(note, name, witness.publicKey)).toBeUndefined();
    expect(() => withSignature(note, 'no line\n')).toThrow(code('bad-document'));
  });

  test('by another key do not count; with another time or text they are not valid', () => {
    const line = cosign(note, name, witness, time);
    expect(cosignedAt(withSignature(note, cosign(note, name, other, time)), name, witness.publicKey)).toBeUndefined();
    const bytes = fromBase64(line.trim().split(' ')[2]!);
    bytes[11] = bytes[11]! - 1;
    const earlier = `— ${name} ${base64(bytes)}\n`;
    expect(() => cosignedAt(note + earlier, name, witness.publicKey)).toThrow(code('bad-signature'));
    expect(() => cosignedAt(note.replace('\n7\n', '\n8\n') + line, name, witness.publicKey)).toThrow(
      code('bad-signature'),
    );
    const short = `— ${name} ${base64(concat(noteKeyId(name, witness.publicKey, 'cosignature'), rng(9)))}\n`;
    expect(() => cosignedAt(note + short, name, witness.publicKey)).toThrow(code('bad-signature'));
    const far = concat(noteKeyId(name, witness.publicKey, 'cosignature'), new Uint8Array(8).fill(255), rng(64));
    expect(() => cosignedAt(`${note}— ${name} ${base64(far)}\n`, name, witness.publicKey)).toThrow(
      code('bad-signature'),
    );
  });
});

describe('keys in a file', () => {
  const keys = [
    { name: origin, type: 'note', publicKey: key.publicKey },
    { name, type: 'cosignature', publicKey: witness.publicKey },
  ] as const;

  test('are read as they were written, beside remarks', () => {
    expect(parseVerifierKeys(`# trusted\n\n${keys.map(verifierKey).join('\n')}\n`)).toEqual(keys);
  });

  test('the published example is read', () => {
    // C2SP signed-note, after golang.org/x/mod/sumdb/note.
    const line = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    expect(verifierKey(parseVerifierKeys(line)[0]!)).toBe(line);
  });

  test.each([
    ['a hash that is not the key’s', 'a+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['an unknown type', 'a+00000000+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['a short key', 'a+00000000+ARpc2Q=='],
    ['no base64', 'a+00000000+***'],
    ['words', 'trust me'],
  ])('%s is refused with its line', (_, line) => {
    expect(() => parseVerifierKeys(`# one\n${line}\n`)).toThrow(/^line 2 is not the key/);
  });
});
