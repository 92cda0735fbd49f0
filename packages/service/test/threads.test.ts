import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { moved, type Remote, Threads } from '../src/threads.ts';

let threads: Threads;
beforeEach(() => {
  threads = new Threads({ script: new URL('./echo-thread.ts', import.meta.url), most: 2 });
});
afterEach(() => threads.close());

const open = (): Remote => threads.open(() => ({ plus: async (value: number) => value + 1 }));

test('none starts before it is told to be ready, or has work; then one', async () => {
  let started = 0;
  const count = (): number => ++started;
  process.on('worker', count);
  try {
    await setImmediate();
    expect(started).toBe(0);
    threads.ready();
    threads.ready();
    const remote = open();
    expect(await remote.call('back', 'plus', 1)).toBe(2);
    expect(started).toBe(1);
  } finally {
    process.off('worker', count);
  }
});

test('both ends ask and answer; buffers that are moved are gone at the sender; shared memory stays', async () => {
  const remote = open();
  const bytes = Uint8Array.of(1, 2, 3);
  expect(await remote.call('twice', moved(bytes))).toEqual(Uint8Array.of(2, 4, 6));
  expect(bytes.length).toBe(0);
  expect(await remote.call('back', 'plus', 4)).toBe(5);
  const part = Uint8Array.of(1, 2, 3).subarray(1);
  expect(await remote.call('twice', moved(part))).toEqual(Uint8Array.of(4, 6));
  expect(part.length).toBe(2);
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  await remote.call('share', shared);
  expect(shared).toEqual(Uint8Array.of(7, 7));
  remote.close();
});

test('a named error arrives as it is, another as its words', async () => {
  const remote = open();
  await expect(remote.call('refuse')).rejects.toMatchObject({
    code: 'frame-shape',
    message: 'no',
    culprit: 'sally',
    hint: 'Try yes.',
  });
  await expect(remote.call('missing')).rejects.toThrow(/not a function/);
});

test('a thread that crashes ends its own work by name, and no other', async () => {
  const [lost, other] = [open(), open()];
  const gone = expect(lost.call('never')).rejects.toMatchObject({ code: 'thread-lost' });
  // It may be gone before it answers.
  await lost.call('crash').catch(() => undefined);
  await gone;
  await expect(lost.call('twice', Uint8Array.of(1))).rejects.toMatchObject({ code: 'thread-lost' });
  expect(await other.call('back', 'plus', 1)).toBe(2);
  expect(await open().call('back', 'plus', 2)).toBe(3);
});

test('what waits when either end hangs up fails', async () => {
  const remote = open();
  const waiting = remote.call('never');
  remote.close();
  await expect(waiting).rejects.toMatchObject({ code: 'session-expired' });
});
