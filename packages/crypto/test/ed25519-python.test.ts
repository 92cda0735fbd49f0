import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromHex, generateSigningKey, hex, insecureTestRng, verify } from '../src/index.ts';
import { vectors } from './vectors.ts';

interface Case {
  readonly public: string;
  readonly message: string;
  readonly signature: string;
}

const folder = join(import.meta.dirname, '../../../vectors');
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const program =
  'import json, sys, ed25519; h = bytes.fromhex; ' +
  'print(json.dumps([ed25519.verify(h(c["public"]), h(c["message"]), h(c["signature"])) for c in json.load(sys.stdin)]))';

function python(cases: readonly Case[]): boolean[] | undefined {
  const options = { cwd: folder, input: JSON.stringify(cases), encoding: 'utf8' } as const;
  try {
    return JSON.parse(execFileSync('python3', ['-B', '-c', program], options)) as boolean[];
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

const flipped = (text: string, at: number): string => hex(fromHex(text).with(at, fromHex(text)[at]! ^ 1));

/** The same signature with S + L for S, which RFC 8032 §5.1.7 refuses. */
function malleated(signature: string): string {
  const s = BigInt(`0x${hex(fromHex(signature).subarray(32).toReversed())}`) + order;
  return signature.slice(0, 64) + hex(fromHex(s.toString(16).padStart(64, '0')).toReversed());
}

const rng = insecureTestRng('ed25519');
const key = generateSigningKey(rng);
const message = rng(90);
const good: Case[] = [
  ...vectors<{ vectors: Case[] }>('ed25519-rfc8032').vectors,
  { public: hex(key.publicKey), message: hex(message), signature: hex(key.sign(message)) },
];
const bad: Case[] = good.flatMap((one) => [
  { ...one, signature: flipped(one.signature, 3) },
  { ...one, signature: flipped(one.signature, 40) },
  { ...one, signature: malleated(one.signature) },
  { ...one, signature: one.signature.slice(2) },
  { ...one, public: flipped(one.public, 5) },
  { ...one, message: `${one.message}00` },
]);

test('vectors/ed25519.py accepts and refuses what we do', (context) => {
  const said = python([...good, ...bad]);
  context.skip(said === undefined, 'there is no python3 here');
  expect(said).toEqual([...good.map(() => true), ...bad.map(() => false)]);
  const ours = [...good, ...bad].map((one) => {
    return verify(fromHex(one.public), fromHex(one.message), fromHex(one.signature));
  });
  expect(ours).toEqual(said);
});
