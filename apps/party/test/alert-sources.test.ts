import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { MllpFrames, maxHl7Bytes, mllpFrame, openMessage } from '@symbolon/alerts';
import { createLogger } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { AlertSender } from '../src/alerts/sender.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { type AlertNetwork, alertNetwork, configure } from './alert-network.ts';
import { eventsOf, quiet } from './network.ts';

interface Ehr {
  readonly network: AlertNetwork;
  readonly sally: PartyContext;
  readonly sender: AlertSender;
  /** Where a source listens. */
  at(source: string): string;
  port(source: string): number;
  told(): Promise<number[]>;
}

async function ehr(more: object = {}, logger = quiet): Promise<Ehr> {
  const network = await alertNetwork();
  const exports = join(network.folder, 'exports');
  mkdirSync(exports);
  const sources = [
    { name: 'fhir', kind: 'fhir', port: 0 },
    { name: 'adt', kind: 'mllp', port: 0, patient: { authority: 'SALLY' }, timeZone: 'Europe/Berlin' },
    { name: 'bulk', kind: 'folder', path: exports },
  ];
  const patients = { patients: { birthDateColumn: 'born' } };
  configure(network, 'sally', { alerts: { sources, patients, ...more } });
  await network.sally(({ agreements }) => agreements.approve(network.agreement, 'alerts'));
  const sally = await openContext(network.homes.sally.path, { logger });
  const sender = new AlertSender(sally, () => undefined);
  await sender.start();
  onTestFinished(async () => {
    await sender.close();
    await sally.close();
    await network.close();
  });
  const at = (source: string) => sender.sources().find(({ name }) => name === source)!.at!;
  return {
    ...{ network, sally, sender, at },
    port: (source) => Number(/:(\d+)/.exec(at(source).replace(/^\w+:/, ''))![1]),
    told: async () => {
      const rows = await sally.database.selectFrom('alert_outbox').select('document').execute();
      return rows.map(({ document }) => openMessage(document!, network.homes.sally.card).rows[0]!).sort();
    },
  };
}

function stay(patient: string, change: Record<string, unknown> = {}) {
  return {
    ...{ resourceType: 'Encounter', id: `stay-${patient}`, status: 'in-progress' },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: { reference: `Patient/${patient}` },
    period: { start: new Date(Date.now() - 60_000).toISOString() },
    reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I50.9' }] }],
    ...change,
  };
}

const sourcesOf = (more: object) => ({
  sources: [{ name: 'adt', kind: 'mllp', port: 0, patient: { authority: 'SALLY' }, ...more }],
});

let control = 0;
function adt(patient: string, change: { trigger?: string; visit?: string; code?: string; pid?: string } = {}): string {
  const { trigger = 'A01', visit = `V-${patient}`, code = 'I50.9' } = change;
  const stamp = new Date(Date.now() - 60_000).toISOString().replace(/[-:T]|\..*/g, '');
  return [
    `MSH|^~\\&|EHR|SALLY|SYMBOLON|SALLY|${stamp}+0000||ADT^${trigger}|C${++control}|P|2.5.1`,
    `EVN||${stamp}+0000`,
    change.pid ?? `PID|1||${patient}^^^SALLY^MR||Doe^Jane||19800517|F`,
    `PV1|1|I|W^1^1^General Hospital||||||||||||||||${visit}|${'|'.repeat(24)}${stamp}+0000`,
    `DG1|1||${code}^Heart failure^I10C||${stamp}|A`,
  ].join('\r');
}

/** Sends messages at once on one connection. @returns codes and control ids of the answers, in their order */
async function send(port: number, messages: readonly string[]): Promise<string[]> {
  const socket: Socket = connect(port, '127.0.0.1');
  const frames = new MllpFrames(1 << 16);
  const answers: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.on('data', (chunk: Buffer) => {
    for (const answer of frames.push(chunk))
      answers.push(Buffer.from(answer).toString().split('\r')[1]!.split('|').slice(1, 3).join(' '));
    if (answers.length === messages.length) resolve();
  });
  socket.on('error', reject);
  socket.on('close', () => resolve());
  for (const message of messages) socket.write(mllpFrame(Buffer.from(message)));
  await promise;
  socket.destroy();
  return answers;
}

test('HL7 over MLLP: each message is answered in its order once it is durable; an answer that was lost changes nothing', async () => {
  const { port, told, sender, sally } = await ehr();
  const messages = [adt('P4'), adt('P2'), adt('P-NOBODY'), adt('P1'), adt('P5', { trigger: 'A31' })];
  const ids = messages.map((message) => message.split('|')[9]!);
  expect(await send(port('adt'), messages)).toEqual(ids.map((id) => `AA ${id}`));
  expect(await told()).toEqual([3, 7]);
  expect(await send(port('adt'), messages)).toEqual(ids.map((id) => `AA ${id}`));
  expect(await told()).toEqual([3, 7]);
  expect(await eventsOf(sally, 'alert-sent')).toHaveLength(2);
  await send(port('adt'), [adt('P4', { trigger: 'A08' }), adt('P4', { trigger: 'A11' })]);
  expect(await told()).toEqual([3, 3, 7]);
  expect(sender.sources().find(({ name }) => name === 'adt')!.events).toMatchObject({
    told: 2,
    known: 1,
    retracted: 1,
  });
});

test('nobody is named in the log of the server, whatever comes', async () => {
  const lines: string[] = [];
  const logger = createLogger({ id: 'sally', logLevel: 'debug' }, { write: (line) => void lines.push(line) });
  const { at, port, sender, sally } = await ehr({}, logger);
  const token = await sender.tokens.token('fhir');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  const broken = { ...stay('P-SECRET'), class: 'SECRET-CLASS' };
  for (const resource of [stay('P-SECRET'), stay('P4'), broken, { resourceType: 'SECRET-TYPE' }]) {
    await fetch(`${at('fhir')}/Encounter`, { method: 'POST', headers, body: JSON.stringify(resource) });
  }
  const secret = adt('P-SECRET', { pid: 'PID|1||^^^SALLY^SECRET||SECRET^Jane||SECRET' });
  await send(port('adt'), [secret, secret.replace(/EVN\|\|\d+/, 'EVN||SECRET'), 'SECRET', adt('P-SECRET')]);
  await sally.log.refresh();
  const entries = await sally.log.store.entries(0, sally.log.size);
  const said = [...lines, ...entries.map(({ event }) => Buffer.from(event!).toString())];
  // Hashes may hold any two letters, so P4 counts as a word only.
  expect(said.filter((line) => /SECRET|(?<![\w-])P4(?![\w-])|Jane/.test(line) || line.includes(token))).toEqual([]);
  // What is there is found.
  expect(said.filter((line) => line.includes('alert-event')).length).toBeGreaterThan(2);
  expect(said.filter((line) => line.includes('alert-sent'))).toHaveLength(1);
});

/** All that a connection answers to these bytes until it ends. */
async function untilClosed(port: number, ...chunks: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const parts: Buffer[] = [];
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('data', (part: Buffer) => void parts.push(part));
  socket.on('error', () => undefined);
  for (const chunk of chunks) socket.write(chunk);
  await closed;
  return Buffer.concat(parts).toString();
}

test('what is not MLLP, or too long, is answered and its beginning is kept; the connection ends, and no other', async () => {
  const { port, sender, told } = await ehr();
  const first = mllpFrame(Buffer.from(adt('P4')));
  const answers = await untilClosed(port('adt'), Buffer.concat([first, Buffer.from('GET / HTTP/1.1\r\n\r\n')]));
  expect(answers.match(/MSA\|A[AER]/g)).toEqual(['MSA|AA', 'MSA|AR']);
  const long = adt('P1', { code: 'F10.1' });
  const id = long.split('|')[9]!;
  const tooLong = Buffer.concat([Buffer.from([0x0b]), Buffer.from(long), Buffer.alloc(maxHl7Bytes, 'x')]);
  expect(await untilClosed(port('adt'), tooLong)).toContain(`MSA|AR|${id}|`);
  const { items } = await sender.quarantine.list({ limit: 10, all: false });
  expect(items.map(({ code }) => code)).toEqual(['frame-too-long', 'frame-shape']);
  const kept = Buffer.from((await sender.quarantine.show(items[0]!.id)).content!, 'base64');
  expect(kept.length).toBe(16_384);
  expect(kept.toString().startsWith(long)).toBe(true);
  // It reads as a message, and is none.
  await expect(sender.retry(items[0]!.id)).rejects.toMatchObject({ code: 'conflict' });
  expect(await told()).toEqual([3]);
  expect(await send(port('adt'), [adt('P1')])).toEqual([expect.stringMatching(/^AA/)]);
});

test('a message that comes byte by byte has as long as any other; who sends nothing is hung up on', async () => {
  const { port, told } = await ehr({ ...sourcesOf({ messageSeconds: 1 }) });
  const socket = connect(port('adt'), '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write(Uint8Array.of(0x0b));
  const drip = setInterval(() => socket.write('M'), 100);
  await closed;
  clearInterval(drip);
  expect(await told()).toEqual([]);
  const other = await ehr({ ...sourcesOf({ idleSeconds: 3 }) });
  expect(await untilClosed(other.port('adt'), mllpFrame(Buffer.from(adt('P4'))))).toContain('MSA|AA');
  expect(await untilClosed(other.port('adt'))).toBe('');
});

test('a full outbox: FHIR gets 503 with Retry-After, HL7 gets AE, and nothing is kept', async () => {
  const { at, port, sender, sally } = await ehr({ maxWaiting: 1 });
  const token = await sender.tokens.token('fhir');
  expect(await send(port('adt'), [adt('P4')])).toHaveLength(1);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  const ask = () => fetch(`${at('fhir')}/Encounter`, { method: 'POST', headers, body: JSON.stringify(stay('P1')) });
  const refused = await ask();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30']);
  expect((await send(port('adt'), [adt('P1')]))[0]).toMatch(/^AE/);
  expect(await sender.quarantine.open()).toBe(0);
  await sally.database.updateTable('alert_outbox').set({ state: 'delivered' }).execute();
  await expect.poll(async () => (await ask()).status).toBe(201);
});

test('a full disk: sources get 507 and AE, nothing is lost, and it goes on when there is room', async () => {
  const { at, port, sender, sally, told } = await ehr();
  const token = await sender.tokens.token('fhir');
  const { sql } = await import('kysely');
  const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(sally.database);
  await sql.raw(`PRAGMA max_page_count = ${rows[0]!.page_count}`).execute(sally.database);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  const ask = (patient: string, id: string) =>
    fetch(`${at('fhir')}/Encounter`, { method: 'POST', headers, body: JSON.stringify(stay(patient, { id })) });
  const lost: string[] = [];
  for (let i = 0; lost.length < 3 && i < 2000; i++) {
    const { status } = await ask('P-UNKNOWN', `stay-${i}`);
    if (status === 201) continue;
    expect(status).toBe(507);
    lost.push(`stay-${i}`);
  }
  expect(lost).toHaveLength(3);
  const [admitted] = [adt('P4')];
  expect((await send(port('adt'), [admitted!]))[0]).toMatch(/^AE/);
  expect((await send(port('adt'), ['garbage']))[0]).toMatch(/^AR/);
  expect(await told()).toEqual([]);
  await sql.raw('PRAGMA max_page_count = 1000000').execute(sally.database);
  for (const id of lost) expect((await ask('P-UNKNOWN', id)).status).toBe(201);
  expect((await send(port('adt'), [admitted!]))[0]).toMatch(/^AA/);
  expect(await told()).toEqual([3]);
});

onBothDatabases(() => {
  test('HL7 that cannot be read is answered with AE or AR, and kept with the reason until somebody decides', async () => {
    const { port, told, sender } = await ehr();
    const nobody = adt('', { pid: 'PID|1||^^^SALLY^MR||Doe^Jane' });
    const future = adt('P4').replaceAll(/\|20\d{6}/g, () => '|20990101');
    const answers = await send(port('adt'), ['garbage', nobody, future, adt('P1')]);
    expect(answers.map((answer) => answer.slice(0, 2))).toEqual(['AR', 'AE', 'AE', 'AA']);
    expect(await told()).toEqual([7]);
    const { items } = await sender.quarantine.list({ limit: 10, all: false });
    expect(items.map(({ code }) => code).sort()).toEqual(['alert-event', 'alert-event', 'event-from-future']);
    expect(JSON.stringify(items)).not.toMatch(/Doe|garbage/);
    const found = items.find(({ reason }) => reason.includes('PID-3'))!;
    const shown = await sender.quarantine.show(found.id);
    expect(Buffer.from(shown.content!, 'base64').toString()).toBe(nobody);
    // A source that sends it again fills nothing.
    await send(port('adt'), [nobody, nobody]);
    expect(await sender.quarantine.open()).toBe(3);
    await expect(sender.retry(found.id)).rejects.toMatchObject({ code: 'alert-event' });
    await sender.quarantine.discard(found.id);
    expect(await sender.quarantine.show(found.id)).toMatchObject({ state: 'discarded', content: null });
    await expect(sender.retry(found.id)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('FHIR over HTTP: a token, one resource or a Bundle, and an OperationOutcome for what is wrong', async () => {
    const { at, sender, told, sally } = await ehr();
    const token = await sender.tokens.token('fhir');
    const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(`${at('fhir')}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as { issue?: { code: string }[] } };
    };
    expect(await ask('GET', '/metadata', undefined, { authorization: '' })).toMatchObject({
      body: { resourceType: 'CapabilityStatement' },
    });
    expect(await ask('POST', '/Encounter', stay('P4'))).toMatchObject({ status: 201 });
    expect(await ask('PUT', '/Encounter/stay-P4', stay('P4'))).toMatchObject({ status: 200 });
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: stay('P1') }, { resource: stay('X') }],
    };
    expect(await ask('POST', '', bundle)).toMatchObject({ status: 200, body: { type: 'transaction-response' } });
    expect(await told()).toEqual([3, 7]);

    const wrong = [
      ['POST', '/Encounter', '{', 422, 'invalid'],
      ['POST', '/Encounter', stay('P5', { subject: undefined }), 422, 'invalid'],
      ['POST', '/Condition', stay('P5'), 422, 'invalid'],
      ['PUT', '/Encounter/other', stay('P5'), 422, 'invalid'],
      ['POST', '/Encounter', stay('P5', { period: { start: '2099-01-01T00:00:00Z' } }), 422, 'business-rule'],
      ['POST', '/Patient', stay('P5'), 404, 'not-found'],
      ['GET', '/Encounter', undefined, 404, 'not-found'],
      ['POST', '/Encounter', 'x'.repeat((1 << 20) + 1), 413, 'too-long'],
    ] as const;
    for (const [method, path, body, status, code] of wrong) {
      expect(await ask(method, path, body)).toMatchObject({ status, body: { issue: [{ code }] } });
    }
    expect(await ask('POST', '/Encounter', stay('P5'), { 'content-type': 'text/plain' })).toMatchObject({
      status: 400,
    });
    expect(await sender.quarantine.open()).toBe(4);
    expect(await told()).toEqual([3, 7]);

    for (const authorization of ['', 'Bearer', `Bearer ${token}x`, 'Basic eDp5']) {
      expect(await ask('POST', '/Encounter', stay('P5'), { authorization })).toMatchObject({ status: 401 });
    }
    const next = await sender.tokens.token('fhir');
    expect(await ask('POST', '/Encounter', stay('P5'))).toMatchObject({ status: 401 });
    expect(await ask('POST', '/Encounter', stay('P5'), { authorization: `Bearer ${next}` })).toMatchObject({
      status: 201,
    });
    const everything = JSON.stringify(await sally.database.selectFrom('alert_token').selectAll().execute());
    expect(everything).not.toContain(next);
  });

  test('a folder: files that grow, lines without an end, files that are replaced, lines that cannot be read', async () => {
    const { network, told, sender, sally } = await ehr();
    const file = join(network.folder, 'exports', 'Encounter.ndjson');
    const line = (patient: string, id = `stay-${patient}`) => `${JSON.stringify(stay(patient, { id }))}\n`;
    const patient = `${JSON.stringify({ resourceType: 'Patient', id: 'P1' })}\n`;
    writeFileSync(file, `${line('P4')}${patient}not JSON\n\n${line('P1').slice(0, 40)}`);
    await expect.poll(told).toEqual([3]);
    await expect.poll(() => sender.quarantine.open()).toBe(1);
    const { items } = await sender.quarantine.list({ limit: 10, all: false });
    expect(items[0]!.reason).toMatch(/^Encounter\.ndjson, line 3: /);
    appendFileSync(file, line('P1').slice(40));
    await expect.poll(told).toEqual([3, 7]);
    const place = () => sally.database.selectFrom('alert_file').select(['file', 'lines']).execute();
    await expect.poll(place).toEqual([{ file: 'Encounter.ndjson', lines: 5 }]);
    writeFileSync(file, line('P5'));
    await expect.poll(told).toEqual([3, 7, 9]);
    // One that is too long is kept as far as it is read, and the next is read.
    appendFileSync(file, `${JSON.stringify({ resourceType: 'Encounter', text: 'x'.repeat(3 << 20) })}\n${line('P6')}`);
    await expect.poll(told).toEqual([2, 3, 7, 9]);
    expect(await sender.quarantine.open()).toBe(2);
  });
});
