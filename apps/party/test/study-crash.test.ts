import type { ChildProcess } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import type { Studies } from '@symbolon/agreement';
import { runStudyClear } from '@symbolon/analytics';
import { hex } from '@symbolon/crypto';
import { FrameSocket, homePaths } from '@symbolon/service';
import { afterEach, expect, test, vi } from 'vitest';
import { requestStudy, type StudyRunInfo } from '../src/index.ts';
import { forkDying } from './dying.ts';
import { inTheClear } from './study-clear.ts';
import * as matched from './study-matched.ts';
import { type Party, parties, type StudyNetwork, studyNetwork } from './study-network.ts';

// One case of each kind; all of them with SLOW=1.
const slow = process.env.SLOW === '1';

/** A study that the hospital begins, of which the insurer learns nothing. */
interface Question {
  readonly study: string;
  readonly files?: Record<Party, string>;
  readonly studies?: Studies;
  readonly holders: Parameters<typeof inTheClear>[1];
  readonly replaced?: string;
  readonly sessions: Readonly<Record<Party, number>>;
}
const byNumber: Question = {
  study: 'by-region',
  holders: { patients: 'hospital', members: 'insurer', residents: 'office' },
  sessions: { hospital: 1, insurer: 1, office: 1 },
};
const byRule: Question = {
  study: 'mixed',
  files: matched.files,
  studies: matched.studies,
  holders: matched.held,
  replaced: matched.normalised,
  sessions: { hospital: 2, insurer: 2, office: 1 },
};

let question: Question;
let network: StudyNetwork;
let agreement: string;
let child: ChildProcess | undefined;
const send = FrameSocket.prototype.send;
/** What the masked frames of this process begin with, and to whom they go: what all are told is told to each. */
let masked: string[];

async function begin(asked: Question): Promise<void> {
  question = asked;
  masked = [];
  network = await studyNetwork(asked.files);
  await network.start();
  agreement = await network.agree(asked.studies);
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (this: FrameSocket, frame: Uint8Array) {
    // What begins with { is a message, and masked by nothing.
    if (frame.length >= 64 && frame[0] !== 0x7b) masked.push(`${this.peer} ${hex(frame.subarray(0, 64))}`);
    return send.call(this, frame);
  });
}
afterEach(async () => {
  vi.restoreAllMocks();
  child?.kill('SIGKILL');
  await network.close();
});

const ask = (): Promise<StudyRunInfo> =>
  requestStudy(network.homes.hospital.path, { agreement, study: question.study });
const runs = (party: Party) => network.as(party, ({ studies }) => studies.runs());

/** Ids of the sessions whose keys a party used. */
function burned(party: Party): string[] {
  const sqlite = new DatabaseSync(homePaths(network.homes[party].path).database, { readOnly: true });
  try {
    return sqlite
      .prepare('SELECT id FROM burned_session')
      .all()
      .map(({ id }) => id as string);
  } finally {
    sqlite.close();
  }
}

async function ended(party: Party): Promise<StudyRunInfo> {
  for (;;) {
    const run = (await runs(party)).at(-1)!;
    if (run.state !== 'running' && (run.state !== 'done' || run.logIndex !== null)) return run;
    await setTimeout(50);
  }
}

/** The result is that of the clear, everybody's keys are fresh, and all that was ever masked, in this run or before, was masked by other pads. */
async function runWorks(): Promise<void> {
  const { study, holders, replaced, sessions } = question;
  const before = parties.map(burned);
  expect(await ask()).toMatchObject({ state: 'done' });
  const { bound } = await network.as('hospital', ({ studies }) => studies.bind(agreement, study));
  const { cells } = await inTheClear(network, holders, (tables, duck) => runStudyClear(bound!, tables, duck), replaced);
  expect(cells.flatMap(({ values }) => values).some((value) => value !== null)).toBe(true);
  for (const [i, party] of parties.entries()) {
    const { id } = await ended(party);
    const released = await network.as(party, ({ studies }) => studies.result(id));
    expect(released?.cells).toEqual(party === 'insurer' ? undefined : cells);
    const fresh = burned(party).filter((session) => !before[i]!.includes(session));
    expect(fresh).toHaveLength(sessions[party]);
    expect(fresh.filter((session) => before.flat().includes(session))).toEqual([]);
    expect(await network.as(party, ({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1 });
  }
  expect(masked.length).toBeGreaterThan(6);
  expect(new Set(masked).size).toBe(masked.length);
}

// The office's frames: 4 ready (session burned), 11 its encrypted table, 13 and 14 its signature over what was exchanged, from 15 on the
// evaluation, 41 its last part of what opens. The insurer's, of records joined by a rule: 4 to 57 the session of two that matches them, while
// the office waits, then the session of all.
const deaths: [Party, number, string, Question][] = [
  ['office', 14, 'by number', byNumber],
  ['office', 25, 'by number', byNumber],
  ['insurer', 30, 'by a rule', byRule],
];
const more: typeof deaths = [
  ['office', 6, 'by number', byNumber],
  ['office', 11, 'by number', byNumber],
  ['office', 41, 'by number', byNumber],
  ['office', 11, 'by a rule', byRule],
  ['insurer', 9, 'by a rule', byRule],
  ['insurer', 62, 'by a rule', byRule],
  ['insurer', 80, 'by a rule', byRule],
];
test.each(slow ? [...deaths, ...more] : deaths)(
  '%s, killed before its frame %i of a study of records joined %s, ends the run by name at all others; nothing opens, the next run works',
  async (victim, frame, _, asked) => {
    await begin(asked);
    const { child: process, died } = await forkDying(network, victim, frame);
    child = process;
    await expect(ask()).rejects.toMatchObject({ code: 'peer-gone', culprit: victim });
    await died;
    for (const party of parties) {
      if (party === victim) continue;
      const run = await ended(party);
      expect(run).toMatchObject({ state: 'failed', error: expect.stringMatching(`^peer-gone: .*${victim}`) });
      expect(await network.as(party, ({ studies }) => studies.result(run.id))).toBeNull();
    }
    expect((await runs(victim)).map(({ state }) => state)).toEqual(['running']);
    expect(burned(victim).length).toBeGreaterThan(0);
    await network.start();
    expect((await runs(victim)).map(({ state }) => state)).toEqual(['aborted']);
    await runWorks();
  },
);

test.each(slow ? ['/sessions', '/answer'] : ['/answer'])(
  'a key service that is killed before it answers …%s ends the run by name; the next run works',
  async (address) => {
    await begin(byNumber);
    const { child: process, died } = await forkDying(network, 'keys', address);
    child = process;
    await expect(ask()).rejects.toMatchObject({ code: 'keyservice-down', culprit: 'keys' });
    await died;
    for (const party of parties) {
      const run = await ended(party);
      expect(run.state).toBe('failed');
      expect(await network.as(party, ({ studies }) => studies.result(run.id))).toBeNull();
    }
    await network.start();
    await runWorks();
  },
);
