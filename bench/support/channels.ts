import type { Channel } from '@symbolon/engine';

/** Two channels in one memory. What is received is the receiver’s own. */
export function channelPair(): [Channel, Channel] {
  const ends = [0, 1].map(() => ({ frames: [] as Uint8Array[], waiting: [] as ((frame: Uint8Array) => void)[] }));
  const channel = (me: number): Channel => ({
    async send(to, frame) {
      const { frames, waiting } = ends[to]!;
      const next = waiting.shift();
      const copy = frame.slice();
      if (next) next(copy);
      else frames.push(copy);
    },
    receive() {
      const { frames, waiting } = ends[me]!;
      const frame = frames.shift();
      return frame ? Promise.resolve(frame) : new Promise((resolve) => waiting.push(resolve));
    },
  });
  return [channel(0), channel(1)];
}
