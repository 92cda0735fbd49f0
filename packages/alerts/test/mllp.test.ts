import { concat } from '@symbolon/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MllpFrames, mllpFrame } from '../src/index.ts';
import { refused, runs } from './samples.ts';

// Any bytes but those of the framing.
const message = fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.filter((byte) => byte !== 0x1c));

test('messages come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(20), { maxLength: 60 }), (messages, cuts) => {
      const stream = concat(...messages.map(mllpFrame));
      const frames = new MllpFrames(60);
      const found: Uint8Array[] = [];
      let at = 0;
      for (const cut of cuts) {
        found.push(...frames.push(stream.subarray(at, at + cut)));
        at += cut;
      }
      found.push(...frames.push(stream.subarray(at)));
      expect(found).toEqual(messages);
      expect(frames.within).toBe(false);
    }),
    runs(300),
  );
});

test('line ends between messages are left out; anything else is refused', () => {
  const frames = new MllpFrames(100);
  expect(
    frames.push(concat(mllpFrame(Uint8Array.of(65)), Uint8Array.of(13, 10), mllpFrame(Uint8Array.of(66)))),
  ).toHaveLength(2);
  expect(() => frames.push(Uint8Array.of(65))).toThrow(refused('frame-shape'));
  expect(() => new MllpFrames(100).push(Uint8Array.of(0x0b, 65, 0x1c, 65))).toThrow(refused('frame-shape'));
});

test('no more is kept than the bound, in one piece or in many', () => {
  const big = mllpFrame(new Uint8Array(101).fill(65));
  expect(() => new MllpFrames(100).push(big)).toThrow(refused('frame-too-long'));
  const frames = new MllpFrames(100);
  const byBytes = () => {
    for (const byte of big) frames.push(Uint8Array.of(byte));
  };
  expect(byBytes).toThrow(refused('frame-too-long'));
});

test('of what is no message the beginning is known, and what came before it is not lost', () => {
  const good = mllpFrame(Uint8Array.of(65));
  const cases = [
    [Uint8Array.of(1, 2, 3, 4), [1, 2, 3]],
    [Uint8Array.of(0x0b, 7, 0x1c, 8, 9), [7, 0x1c, 8]],
    [Uint8Array.of(0x0b, 1, 2, 3, 4, 5, 6), [1, 2, 3]],
  ] as const;
  for (const [bad, beginning] of cases) {
    for (const cut of [0, 1, 2, 3]) {
      const frames = new MllpFrames(5);
      const messages: Uint8Array[] = [];
      const push = () => {
        frames.push(concat(good, bad.subarray(0, cut)), messages);
        frames.push(bad.subarray(cut), messages);
      };
      expect(push).toThrow();
      expect(messages).toEqual([Uint8Array.of(65)]);
      const wreck = frames.wreck(3);
      expect(wreck.length).toBeGreaterThan(0);
      expect([...wreck]).toEqual(beginning.slice(0, wreck.length));
      if (cut === 0) expect([...wreck]).toEqual(beginning);
    }
  }
});
