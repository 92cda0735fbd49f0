import { fault, insecureTestRng } from '@symbolon/crypto';
import type { FrameSocket } from '@symbolon/service';
import { expect, test } from 'vitest';
import { Door } from '../src/link/door.ts';
import { isTransient, mostTries, pauseAfter, retried } from '../src/link/retry.ts';
import { afterHangUp } from '../src/run/faults.ts';

const gone = fault('peer-gone', 'sally closed the connection', { culprit: 'sally' });
const never = new AbortController().signal;
const rng = insecureTestRng('pauses');

test('who goes away may come back; who refuses, disagrees or breaks a rule ends the run, also where the peer says so', () => {
  expect(isTransient(gone)).toBe(true);
  expect(isTransient(fault('thread-lost', 'x'))).toBe(true);
  expect(isTransient(fault('keyservice-down', 'x'))).toBe(true);
  for (const code of [
    'frame-shape',
    'hash-mismatch',
    'peer-disagrees',
    'keyservice-refused',
    'cancelled',
    'internal',
  ] as const) {
    expect(isTransient(fault(code, 'x'))).toBe(false);
    expect(isTransient(fault('peer-gone', 'x', { cause: fault(code, 'x') }))).toBe(false);
  }
  expect(isTransient(fault('peer-gone', 'x', { cause: fault('thread-lost', 'x') }))).toBe(true);
  expect(isTransient(new Error('x'))).toBe(false);
});

test('three failures end it by name; two do not; another kind does at once', async () => {
  const tries: number[] = [];
  const failing = (times: number) => async (again: number) => {
    tries.push(again);
    if (again < times) throw gone;
    return 'done';
  };
  const failed: unknown[] = [];
  const shard = { what: 'shard 1', most: 3, signal: never, rng, failed: (error: unknown) => failed.push(error) };
  const run = (times: number) => retried(shard, failing(times));
  expect(await run(2)).toBe('done');
  expect(tries.splice(0)).toEqual([0, 1, 2]);
  expect(failed.splice(0)).toEqual([gone, gone]);
  await expect(run(3)).rejects.toMatchObject({
    code: 'peer-gone',
    culprit: 'sally',
    message: expect.stringMatching(/^shard 1 failed 3 times/),
  });
  const refused = fault('keyservice-refused', 'no');
  await expect(retried(shard, () => Promise.reject(refused))).rejects.toBe(refused);
  await expect(retried({ ...shard, most: 1 }, () => Promise.reject(gone))).rejects.toBe(gone);
  await expect(retried({ ...shard, mayRepeat: () => false }, () => Promise.reject(gone))).rejects.toBe(gone);
});

test('tries go on for a quarter of a minute, and by chance a little longer', () => {
  const waits = (byte: number): number =>
    Array.from({ length: mostTries - 1 }, (_, again) => pauseAfter(again, () => Uint8Array.of(byte))).reduce(
      (sum, pause) => sum + pause,
    );
  expect(waits(0)).toBe(15_500);
  expect(waits(255)).toBe(1.25 * 15_500);
});

test('a run that is stopped while it waits ends at once', async () => {
  const stop = new AbortController();
  const stopped = fault('conflict', 'stopped');
  const failed = () => stop.abort(stopped);
  const trying = retried({ what: 'x', most: mostTries, signal: stop.signal, rng, failed }, () => Promise.reject(gone));
  await expect(trying).rejects.toBe(stopped);
});

test('a peer that hung up because its user cancelled is told apart; what went wrong here stays what it is', () => {
  const told = fault('cancelled', 'words of its own', { culprit: 'sally' });
  const ended = fault('peer-gone', 'sally closed the connection', { culprit: 'sally', cause: told });
  const hungUp = fault('peer-gone', 'sally hung up', { culprit: 'sally' });
  for (const error of [ended, hungUp]) {
    expect(afterHangUp(error, [ended])).toMatchObject({
      code: 'cancelled',
      message: 'sally cancelled the run',
      culprit: 'sally',
    });
  }
  expect(afterHangUp(hungUp, [gone])).toBe(hungUp);
  const own = fault('frame-shape', 'x');
  expect(afterHangUp(own, [ended])).toBe(own);
});

test('of a peer that says that another has left, and one that left without a word, the latter is named', () => {
  const told = fault('peer-gone', 'words of its own', { culprit: 'fred' });
  const saying = fault('peer-gone', 'fred closed the connection', { culprit: 'fred', cause: told });
  const left = fault('peer-gone', 'sally closed the connection', { culprit: 'sally', cause: new Error('broke') });
  const hungUp = fault('peer-gone', 'office closed the connection', { culprit: 'office' });
  expect(afterHangUp(saying, [hungUp, saying, left])).toBe(left);
  expect(afterHangUp(left, [hungUp, saying, left])).toBe(left);
  expect(afterHangUp(saying, [hungUp, saying])).toBe(saying);
});

test('a door lets each line in once, and only what is waited for', async () => {
  const door = new Door('fred', 60_000, never);
  const params = (...entries: [string, string][]) => new Map(entries);
  const socket = {} as FrameSocket;
  expect(() => door.admit(params(['unit', '0'], ['try', '0']))).toThrow(/no such line/);
  door.admit(params())(socket);
  expect(await door.main).toBe(socket);
  expect(() => door.admit(params())).toThrow(/no such line/);
  const asked: number[][] = [];
  if (door.lines.role === 'peer') {
    door.lines.follow((...which) => {
      asked.push(which);
      return () => undefined;
    });
  }
  door.admit(params(['unit', '3'], ['try', '1']));
  expect(asked).toEqual([[3, 1]]);
  for (const [unit, again] of [
    ['x', '0'],
    ['0', '-1'],
    ['01', '0'],
    ['1e3', '0'],
  ] as const) {
    expect(() => door.admit(params(['unit', unit], ['try', again]))).toThrow(/no such line/);
  }
  expect(() => door.admit(params(['unit', '1']))).toThrow(/no such line/);
});

test('lines of sessions that come while the greeting is still recorded wait; those that are not due then, or ever, are closed', () => {
  const door = new Door('fred', 60_000, never);
  const closed: [string, string | undefined][] = [];
  const socket = (name: string) =>
    ({ close: async (error?: { code: string }) => void closed.push([name, error?.code]) }) as unknown as FrameSocket;
  const come = (unit: number, name: string) =>
    door.admit(new Map(Object.entries({ unit: `${unit}`, try: '0' })))(socket(name));
  door.admit(new Map())({} as FrameSocket);
  come(0, 'first');
  come(9, 'undue');
  const begun: [number, FrameSocket][] = [];
  if (door.lines.role === 'peer') {
    door.lines.follow((unit) => {
      if (unit > 1) throw fault('session-unknown', 'no such session is due here');
      return (line) => begun.push([unit, line]);
    });
  }
  come(1, 'second');
  expect(begun.map(([unit]) => unit)).toEqual([0, 1]);
  expect(closed).toEqual([['undue', 'session-unknown']]);
  const other = new Door('fred', 60_000, never);
  other.admit(new Map())({} as FrameSocket);
  const early = () => other.admit(new Map(Object.entries({ unit: '0', try: '0' })));
  early()(socket('left'));
  const late = early();
  other.shut();
  late(socket('late'));
  expect(early).toThrow(/no such line/);
  expect(closed.slice(1)).toEqual([
    ['left', 'session-expired'],
    ['late', 'session-expired'],
  ]);
});
