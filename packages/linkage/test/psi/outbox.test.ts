import { insecureTestRng } from '@symbolon/crypto';
import { MAX_FRAME, sendMessage } from '@symbolon/engine';
import { expect, test } from 'vitest';
import { Outbox } from '../../src/psi/outbox.ts';

const lengths = [0, 1, MAX_FRAME - 1, MAX_FRAME, MAX_FRAME + 1, 3 * MAX_FRAME + 7];

test.each(lengths)(
  'a message of %i bytes that is made bit by bit goes out in the frames of one that is there',
  async (length) => {
    const message = insecureTestRng(length)(length);
    const [made, whole]: [Uint8Array[], Uint8Array[]] = [[], []];
    const outbox = new Outbox(async (frame) => void made.push(frame.slice()));
    const ready = [0, 5, MAX_FRAME + 3, 2 * MAX_FRAME, length].filter((bytes) => bytes <= length).sort((x, y) => x - y);
    for (const bytes of ready) {
      await outbox.upTo(bytes, length, (from, count) => {
        expect(from + count).toBeLessThanOrEqual(bytes);
        return message.subarray(from, from + count);
      });
    }
    await outbox.end();
    await sendMessage({ send: async (_: number, frame) => void whole.push(frame.slice()) }, 0, message);
    expect(made).toEqual(whole);
  },
);

test('a frame is made while the one before is on its way, and no further ones', async () => {
  const gates: (() => void)[] = [];
  const made: number[] = [];
  const outbox = new Outbox(() => new Promise((resolve) => gates.push(resolve)));
  const all = 3 * MAX_FRAME;
  const sent = outbox.upTo(all, all, (from, bytes) => {
    made.push(from / MAX_FRAME);
    return new Uint8Array(bytes);
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([made, gates.length]).toEqual([[0, 1], 1]);
  gates[0]!();
  await new Promise((resolve) => setImmediate(resolve));
  expect([made, gates.length]).toEqual([[0, 1, 2], 2]);
  gates[1]!();
  await sent;
  gates[2]!();
  await outbox.end();
});

test('what fails on its way is told to whoever goes on', async () => {
  const outbox = new Outbox(() => Promise.reject(new Error('hung up')));
  const all = 2 * MAX_FRAME;
  await expect(outbox.upTo(all, all, (_, bytes) => new Uint8Array(bytes))).rejects.toThrow('hung up');
  await expect(outbox.end()).rejects.toThrow('hung up');
});
