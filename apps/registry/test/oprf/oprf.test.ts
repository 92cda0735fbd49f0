import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { evaluateAnswer, mostElements } from '@symbolon/consent';
import { base64url, fromBase64url, hex, insecureTestRng, systemRng, utf8 } from '@symbolon/crypto';
import {
  createHome,
  createLogger,
  type Home,
  homePaths,
  openDatabase,
  openServerLog,
  peerClient,
  type Running,
} from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { startOprf } from '../../src/index.ts';
import { evaluatorAt, oprfMaker } from '../../src/module/pseudonyms/oprf.ts';
import { Budget } from '../../src/oprf/budget.ts';
import { openKeys, seedFile } from '../../src/oprf/keys.ts';

const logger = createLogger({ id: 'oprf', logLevel: 'silent' });
const now = () => new Date();

/** An OPRF server, its module, another module and a workstation. */
async function homes(settings: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-oprf-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const make = (id: string, role: Home['config']['role'], own?: Home['config']['settings']) =>
    createHome({
      path: join(folder, id),
      id,
      name: id,
      role,
      host: '127.0.0.1',
      port: 0,
      now,
      ...(own && { settings: own }),
    });
  const oprf = await make('oprf', 'oprf', { module: 'hips', ...settings });
  const others = [await make('hips', 'module'), await make('knees', 'module'), await make('desk', 'workstation')];
  for (const other of others) {
    oprf.partners.add(other.cardFile);
    other.partners.add(oprf.cardFile);
  }
  const [hips, knees, desk] = others as [Home, Home, Home];
  const start = async (log = logger): Promise<Running> => {
    const running = await startOprf({ homePath: oprf.path, logger: log });
    onTestFinished(() => running.close());
    return running;
  };
  const clientOf = (home: Home) => {
    const client = peerClient({ home, partner: oprf.card });
    onTestFinished(() => client.close());
    return client;
  };
  const change = (to: object) => {
    const file = homePaths(oprf.path).config;
    const config = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...config, settings: { ...config.settings, ...to } }));
  };
  return { oprf, hips, knees, desk, start, clientOf, change };
}

test('pseudonyms are those of RFC 9497 with the key that never leaves the server; the log counts them', async () => {
  const { oprf, hips, start, clientOf } = await homes();
  const running = await start();
  const maker = (module: string) => {
    const rng = insecureTestRng('blinds');
    return oprfMaker({ module, key: '1', server: evaluatorAt(clientOf(hips)), rng });
  };
  const texts = Array.from({ length: 40 }, (_, i) => `person ${i}`);
  const { pseudonyms, check } = await maker('hips').make(texts);
  expect((await maker('hips').make(['person 7'])).pseudonyms[0]).toStrictEqual(pseudonyms[7]);
  // Another implementation, with the seed from the server's folder.
  const seed = fromBase64url(readFileSync(seedFile(oprf, '1'), 'utf8').trim());
  const { secretKey } = ristretto255_oprf.oprf.deriveKeyPair(seed, utf8('symbolon pseudonyms'));
  for (const i of [0, 39]) {
    const input = utf8(`4:hips\n${texts[i]}`);
    const { blind, blinded } = ristretto255_oprf.oprf.blind(input);
    const output = ristretto255_oprf.oprf.finalize(
      input,
      blind,
      ristretto255_oprf.oprf.blindEvaluate(secretKey, blinded),
    );
    expect(hex(pseudonyms[i]!)).toBe(hex(output.subarray(0, 32)));
  }
  // Even with the same key another module's pseudonyms are others.
  const other = await maker('knees').make(texts);
  expect(new Set([...pseudonyms, ...other.pseudonyms].map(hex)).size).toBe(80);
  expect(other.check).not.toStrictEqual(check);
  await running.close();
  const database = await openDatabase(oprf);
  onTestFinished(() => database.destroy());
  const { event: bytes } = await database
    .selectFrom('log_entry')
    .select('event')
    .orderBy('index', 'desc')
    .executeTakeFirstOrThrow();
  const event = JSON.parse(Buffer.from(bytes!).toString());
  expect(event).toMatchObject({ kind: 'pseudonyms-evaluated', key: '1', count: 40 + 1 + 40 + 3 });
});

test('nobody but its module gets anything, and no more than it may', async () => {
  const { hips, knees, desk, start, clientOf } = await homes({ maxPerMinute: 5, maxPerDay: 1000 });
  await start();
  const { element } = blinded();
  const ask = (home: Home, body: unknown) =>
    clientOf(home)
      .call('POST', '/v1/evaluate', { body, answer: evaluateAnswer })
      .then(({ elements }) => elements.length)
      .catch((error: { code: string }) => error.code);
  const good = { key: '1', elements: [element] };
  for (const home of [knees, desk]) expect(await ask(home, good)).toBe('peer-refused');
  expect(await ask(hips, good)).toBe(1);
  const malformed: [unknown, string][] = [
    [{ key: '2', elements: [element] }, 'not-found'],
    [{ key: '../1', elements: [element] }, 'request-invalid'],
    [{ key: '1', elements: [] }, 'request-invalid'],
    [{ key: '1', elements: [element.slice(4)] }, 'request-invalid'],
    [{ key: '1', elements: [`${element}AAAA`] }, 'request-invalid'],
    [{ key: '1', elements: [base64url(new Uint8Array(32))] }, 'frame-shape'],
    [{ key: '1', elements: [base64url(new Uint8Array(32).fill(255))] }, 'frame-shape'],
    [{ key: '1', elements: Array(mostElements + 1).fill(element) }, 'request-invalid'],
    [{ key: '1', elements: Array(20_000).fill(element) }, 'body-too-large'],
    [{ key: '1', elements: [element], more: 1 }, 'request-invalid'],
    [{ elements: [element] }, 'request-invalid'],
    ['x', 'request-invalid'],
  ];
  for (const [body, code] of malformed) expect([body, await ask(hips, body)]).toEqual([body, code]);
  // Three were counted: the good one, and the two that are no element.
  expect(await ask(hips, { key: '1', elements: [element, element, element] })).toBe('too-many-requests');
  expect(await ask(hips, { key: '1', elements: [element, element] })).toBe(2);
  expect(await ask(hips, good)).toBe('too-many-requests');
});

test('nothing of elements is in its log lines', async () => {
  const { hips, oprf, start, clientOf } = await homes();
  const lines: string[] = [];
  const noted = { ...logger, level: 'trace' } as typeof logger;
  const write = (...of: unknown[]) => void lines.push(JSON.stringify(of));
  Object.assign(noted, { info: write, warn: write, error: write, debug: write, trace: write });
  await start(noted);
  const { element } = blinded();
  const body = { key: '1', elements: [element] };
  const { elements } = await clientOf(hips).call('POST', '/v1/evaluate', { body, answer: evaluateAnswer });
  await clientOf(hips)
    .call('POST', '/v1/evaluate', { body: { ...body, elements: [element.slice(1)] }, answer: evaluateAnswer })
    .catch(() => undefined);
  const said = lines.join('\n');
  expect(said).toContain('/v1/evaluate');
  const seed = readFileSync(seedFile(oprf, '1'), 'utf8').trim();
  for (const secret of [element, element.slice(1), elements[0]!, seed]) expect(said).not.toContain(secret);
});

test('a key is made once: one that is missing or exchanged is missed', async () => {
  const { oprf, start, change } = await homes();
  await (await start()).close();
  const file = seedFile(oprf, '1');
  renameSync(file, `${file}.away`);
  await expect(start()).rejects.toMatchObject({ code: 'config-invalid', culprit: file });
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, base64url(systemRng(32)), { mode: 0o600 });
  await expect(start()).rejects.toMatchObject({ code: 'pseudonym-key', culprit: file });
  renameSync(`${file}.away`, file);
  change({ keys: ['1', '2'] });
  await (await start()).close();
  expect(existsSync(seedFile(oprf, '2'))).toBe(true);
});

onBothDatabases(() => {
  test('keys: the same again at each start', async () => {
    const { oprf } = await homes();
    const database = await openDatabase(oprf);
    onTestFinished(() => database.destroy());
    const log = await openServerLog(oprf, database);
    const open = () => openKeys({ home: oprf, database, log, names: ['1', '2'], rng: systemRng, now });
    const [first, second] = [await open(), await open()];
    expect(second).toStrictEqual(first);
    expect(first.get('1')).not.toStrictEqual(first.get('2'));
    expect(log.size).toBe(2);
  });
});

test('budgets: of a minute and of a day', () => {
  let time = Date.UTC(2026, 0, 1);
  const budget = new Budget({ perMinute: 10, perDay: 25 }, () => new Date(time));
  expect([budget.take(10), budget.take(1)]).toEqual([true, false]);
  time += 60_000;
  expect([budget.take(11), budget.take(10)]).toEqual([false, true]);
  time += 60_000;
  expect([budget.take(6), budget.take(5), budget.take(1)]).toEqual([false, true, false]);
  time += 24 * 3_600_000;
  expect(budget.take(10)).toBe(true);
});

function blinded(): { element: string } {
  return { element: base64url(ristretto255_oprf.oprf.blind(utf8('somebody')).blinded) };
}
