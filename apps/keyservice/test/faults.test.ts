import { base64url, systemRng } from '@symbolon/crypto';
import { programHash } from '@symbolon/linkage';
import {
  decodeOpenAnswer,
  type LogEvent,
  openDatabase,
  openHome,
  openServerLog,
  type WithinAppend,
  Witnesses,
} from '@symbolon/service';
import { Threads } from '@symbolon/service/threads';
import { expect, onTestFinished, test } from 'vitest';
import { settingsSchema } from '../src/config.ts';
import { Sessions } from '../src/sessions.ts';
import { network, program, quiet } from './network.ts';

const never = new AbortController().signal;

/** Sessions without a server in front, on a log that fails when an event of this kind is stored. */
async function failingOn(kind: string) {
  const net = await network();
  await net.stop();
  const home = openHome(net.keysHome.path);
  const database = await openDatabase(home);
  onTestFinished(() => database.destroy());
  const sound = await openServerLog(home, database);
  const log = {
    ...sound,
    append: async (event: LogEvent, within?: WithinAppend) => {
      if (event.kind === kind) throw new Error('the disk is full');
      return sound.append(event, within);
    },
  };
  const settings = settingsSchema.parse({});
  const threads = new Threads({ script: new URL('../src/dealing-thread.ts', import.meta.url), most: 1 });
  onTestFinished(() => threads.close());
  const sessions = new Sessions({
    home,
    settings,
    database,
    log,
    logger: quiet,
    rng: systemRng,
    now: () => new Date(),
    threads,
    witnesses: new Witnesses({ home, database, log, logger: quiet, now: () => new Date() }),
  });
  const [fred, sally] = net.parties;
  const request = (party: typeof fred, from: number, attempt: string) => {
    const proof = party.log.consistencyProof(from).map(base64url);
    const parties = [fred, sally].map(({ card: { id, organisationKey, signingKey } }) => ({
      id,
      organisationKey,
      signingKey,
    }));
    return {
      agreement: base64url(new Uint8Array(32)),
      program,
      programHash: base64url(programHash(program)),
      parties,
      attempt,
      nonce: base64url(systemRng(32)),
      pads: 'expanded' as const,
      checkpoint: party.log.checkpoint(party.home.logKey),
      consistency: { from, proof },
      seen: null,
    };
  };
  return { sessions, fred, sally, request };
}

test('no seeds leave where the issue cannot be recorded', async () => {
  const { sessions, fred, sally, request } = await failingOn('session-issued');
  const attempt = base64url(systemRng(32));
  const requests = [request(fred, 0, attempt), request(sally, 0, attempt)] as const;
  const outcomes = await Promise.allSettled([
    sessions.open(requests[0], fred.card, never),
    sessions.open(requests[1], sally.card, never),
  ]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { message: 'the disk is full' } });
  expect(sessions.counts).toEqual({ open: 0, waiting: 0 });
});

test('no answer key leaves where the release cannot be recorded, then or later', async () => {
  const { sessions, fred, sally, request } = await failingOn('answer-released');
  const attempt = base64url(systemRng(32));
  const requests = [request(fred, 0, attempt), request(sally, 0, attempt)] as const;
  const [{ bytes }] = await Promise.all([
    sessions.open(requests[0], fred.card, never),
    sessions.open(requests[1], sally.card, never),
  ]);
  const { session } = decodeOpenAnswer(bytes, 'keys');
  const dataHash = base64url(new Uint8Array(32));
  const signatures = { fred: fred.sign(session, dataHash), sally: sally.sign(session, dataHash) };
  const ask = () => sessions.answer(session, fred.card, { dataHash, signatures });
  await expect(ask()).rejects.toThrow('the disk is full');
  expect(sessions.counts.open).toBe(0);
  await expect(ask()).rejects.toMatchObject({ code: 'session-expired' });
});
