import { base64url, concat, insecureTestRng, u32, utf8 } from '@symbolon/crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createPeerServer, decodeOpenAnswer, encodeOpenAnswer, peerClient, route, SecretBytes } from '../src/index.ts';
import { quiet, testPartners } from './homes.ts';

const rng = insecureTestRng('open answer');
const answer = {
  session: base64url(rng(32)),
  nonces: [base64url(rng(32)), base64url(rng(32))],
  log: { note: 'a note\n', from: 3, proof: [rng(32), rng(32)] },
  seeds: [rng(32), rng(32)],
};
const bytes = encodeOpenAnswer(answer);

test('what was written is read, and gives the same bytes again', () => {
  const read = decodeOpenAnswer(bytes, 'keys');
  expect(read).toEqual(answer);
  expect(encodeOpenAnswer(read)).toEqual(bytes);
});

test('the seeds are copies, of a Buffer too: the bytes they came in can be overwritten', () => {
  const arrived = Buffer.from(bytes);
  const { seeds } = decodeOpenAnswer(arrived, 'keys');
  arrived.fill(0);
  expect(seeds).toEqual(answer.seeds);
});

test('every other length is refused', () => {
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeOpenAnswer(bytes.subarray(0, length), 'keys')).toThrow(
      /^keys opened a session in another shape/,
    );
  }
  expect(() => decodeOpenAnswer(concat(bytes, Uint8Array.of(0)), 'keys')).toThrow(/not one seed for each party/);
});

test.each([
  ['a head of four gigabytes', concat(Uint8Array.of(255, 255, 255, 255), bytes.subarray(4))],
  ['no JSON', concat(u32(3), utf8('{"a'), new Uint8Array(64))],
  ['another order of fields', reordered()],
  ['a field too many', headed({ more: 1 })],
  ['three nonces for two seeds', headed({ nonces: [...answer.nonces, answer.session] })],
  ['a session of another length', headed({ session: 'AAAA' })],
  ['a negative size', headed({ log: { note: 'a note\n', from: -1, proof: [] } })],
  ['a long note', headed({ log: { note: 'x'.repeat(3000), from: 0, proof: [] } })],
])('%s is refused', (_, wrong) => {
  expect(() => decodeOpenAnswer(wrong, 'keys')).toThrow(
    expect.objectContaining({ code: 'frame-shape', culprit: 'keys' }),
  );
});

function head(): Record<string, unknown> {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, u32(1)[0] === 1);
  return JSON.parse(Buffer.from(bytes.subarray(4, 4 + length)).toString()) as Record<string, unknown>;
}

function withHead(text: string): Uint8Array {
  return concat(u32(utf8(text).length), utf8(text), ...answer.seeds);
}

function headed(change: object): Uint8Array {
  const fields = Object.entries({ ...head(), ...change }).sort(([a], [b]) => (a < b ? -1 : 1));
  return withHead(JSON.stringify(Object.fromEntries(fields)));
}

function reordered(): Uint8Array {
  return withHead(JSON.stringify(Object.fromEntries(Object.entries(head()).reverse())));
}

test('the buffers are overwritten at both ends, and too much is refused', async () => {
  const [fred, keys] = await testPartners('fred', 'keys');
  const sent: Uint8Array[] = [];
  const peer = route<unknown>();
  const handle = async () => {
    const copy = Uint8Array.from(bytes);
    sent.push(copy);
    return new SecretBytes(copy);
  };
  const server = createPeerServer({
    home: keys,
    routes: [peer({ method: 'GET', path: '/secret', handle })],
    logger: quiet,
  });
  await server.listen();
  onTestFinished(() => server.close());
  const client = peerClient({ home: fred, partner: keys.card });
  onTestFinished(() => client.close());
  expect(Buffer.from(await client.secret('GET', '/secret', { maxBytes: bytes.length })).equals(bytes)).toBe(true);
  const tooMuch = client.secret('GET', '/secret', { maxBytes: bytes.length - 1 });
  await expect(tooMuch).rejects.toMatchObject({ code: 'frame-too-long', culprit: 'keys' });
  await expect.poll(() => sent.map((copy) => copy.some((byte) => byte !== 0))).toEqual([false, false]);
});
