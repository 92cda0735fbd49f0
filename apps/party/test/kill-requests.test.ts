import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { localClient, openDatabase } from '@symbolon/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { agree, eventsOf, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let hash: string;
let child: ChildProcess;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
  hash = await agree(network);
  await network.stop('fred');
});
afterEach(async () => {
  child.kill('SIGKILL');
  await network.close();
});

const told = (): Promise<unknown> => new Promise((resolve) => child.once('message', resolve));

async function startServer(): Promise<void> {
  child = fork(join(import.meta.dirname, 'dying-writer.ts'), [network.homes.fred.path], { execArgv: [] });
  await told();
}

/** Kills the server before its n-th write from now on. */
async function dieBefore(statement: number): Promise<void> {
  const armed = told();
  child.send(statement);
  await armed;
}

interface Request {
  readonly path: string;
  readonly body?: object;
}

async function post({ path, body }: Request, key: string): Promise<unknown> {
  const client = localClient(network.homes.fred);
  try {
    const headers = { 'idempotency-key': key };
    return await client.call('POST', path, { headers, answer: z.unknown(), ...(body === undefined ? {} : { body }) });
  } finally {
    await client.close();
  }
}

/** What the server is at. */
async function running(): Promise<unknown> {
  const client = localClient(network.homes.fred);
  const status = await client.call('GET', '/v1/status', { answer: z.object({ running: z.unknown() }) });
  await client.close();
  return status.running;
}

interface Kind {
  readonly request: () => Request;
  /** How often it took effect. */
  effects(): Promise<number>;
  /** Makes room for the next. */
  undo?(): Promise<unknown>;
}

const logged = (kind: string) => () => network.fred(async (fred) => (await eventsOf(fred, kind)).length);

const kinds: Readonly<Record<string, Kind>> = {
  'an approval': {
    request: () => ({ path: `/v1/agreements/${hash}/approvals`, body: { action: 'link' } }),
    effects: logged('approved'),
  },
  'a suspension': {
    request: () => ({ path: `/v1/agreements/${hash}/suspension`, body: { reason: 'An audit.' } }),
    effects: logged('agreement-suspended'),
    undo: () => network.fred(({ agreements }) => agreements.resume(hash, { reason: 'It is over.', person: 'owner' })),
  },
  'an entry of the catalogue': {
    request: () => ({ path: '/v1/market/offers', body: { offer } }),
    effects: logged('offer-published'),
  },
  'an opt-out': {
    request: () => ({ path: '/v1/datasets/members/opt-outs', body: people }),
    effects: logged('subjects-opted-out'),
  },
  'an erasure': {
    request: () => ({ path: '/v1/datasets/members/erasures', body: people }),
    effects: logged('subjects-erased'),
  },
  'a legal hold': {
    request: () => ({ path: '/v1/legal-holds', body: { dataset: 'members', value: 'M-100', reason: 'Case 12' } }),
    effects: logged('hold-set'),
  },
  'a run': {
    request: () => ({ path: '/v1/link-runs', body: { agreement: hash } }),
    effects: async () => {
      const database = await openDatabase(network.homes.fred);
      const jobs = await database.selectFrom('job').selectAll().execute();
      await database.destroy();
      return jobs.length;
    },
    undo: () => expect.poll(running).toEqual([]),
  },
};

const people = { column: 'medicaid', values: ['M-100', 'M-101'] };

const offer = {
  name: 'members',
  title: 'Members',
  description: 'One row a member.',
  patient: 'medicaid',
  onePerPatient: true,
  columns: { medicaid: { type: 'text', policy: 'join', required: true } },
  methods: ['select'],
  minPatients: 5,
  purposes: ['HRESCH'],
};

// Before what is written of the request, between that and its change, within the change, after it; the rest with SLOW=1.
const moments = process.env.SLOW === undefined ? [1, 4, 7] : Array.from({ length: 16 }, (_, n) => n);

test.each(Object.entries(kinds))(
  '%s that is asked again after its server was killed takes effect once and gets one answer',
  async (_, { request, effects, undo }) => {
    await startServer();
    let survived = 0;
    for (const [i, statement] of moments.entries()) {
      const key = `killed-before-${statement}`;
      const died = once(child, 'exit');
      await dieBefore(statement);
      const first = await post(request(), key).catch(({ code }: { code: string }) => code);
      if (first === 'peer-gone') await died;
      else {
        survived++;
        child.kill('SIGKILL');
        await died;
      }
      await startServer();
      const answer = await post(request(), key);
      if (first !== 'peer-gone') expect(answer).toEqual(first);
      expect(await post(request(), key)).toEqual(answer);
      expect(await effects(), `killed before statement ${statement}`).toBe(i + 1);
      await undo?.();
    }
    // The control: kills come in between.
    expect(survived).toBeLessThan(moments.length);
  },
);

test('a user whose making was answered by nobody is made once, and the code is never given twice', async () => {
  await startServer();
  const refused: unknown[] = [];
  // Nothing is written after the change, so the last one lives until it is made.
  for (const [i, statement] of [...moments, 100].entries()) {
    const [key, path] = [`killed-before-${statement}`, '/v1/users'];
    const body = { id: `user-${i}`, name: 'Ada', roles: ['analyst'] };
    const died = once(child, 'exit');
    await dieBefore(statement);
    const answered = () => post({ path, body }, key).catch(({ code }: { code: string }) => code);
    const first = await answered();
    if (first !== 'peer-gone') child.kill('SIGKILL');
    await died;
    await startServer();
    const second = await answered();
    if (first === 'peer-gone') expect(second).toMatchObject({ id: body.id });
    else refused.push(second);
    expect(await answered()).toBe('answer-not-kept');
    await expect(post({ path, body: { ...body, name: 'Eve' } }, key)).rejects.toMatchObject({ code: 'key-reused' });
    expect(await logged('user-created')(), `killed before statement ${statement}`).toBe(i + 1);
  }
  // The control: kills come in between.
  expect(refused.length).toBeLessThan(moments.length);
  expect(new Set(refused)).toEqual(new Set(['answer-not-kept']));
});

test('a run that its server did not live to end is known as such', async () => {
  await startServer();
  const { job } = (await post({ path: '/v1/link-runs', body: { agreement: hash } }, 'a-run-to-be-cut')) as {
    job: number;
  };
  const died = once(child, 'exit');
  child.kill('SIGKILL');
  await died;
  await startServer();
  const client = localClient(network.homes.fred);
  const told = await client.call('GET', `/v1/jobs/${job}`, {
    answer: z.object({ state: z.string(), error: z.unknown() }),
  });
  await client.close();
  expect(told).toMatchObject({ state: 'failed', error: { code: 'peer-gone' } });
  expect(await post({ path: '/v1/link-runs', body: { agreement: hash } }, 'a-run-to-be-cut')).toEqual({ job });
});
