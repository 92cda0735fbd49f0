import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect, type SecureContextOptions } from 'node:tls';
import { MllpFrames, mllpFrame } from '@symbolon/alerts';
import { organisationCertificate } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { AlertSender } from '../src/alerts/sender.ts';
import { openContext } from '../src/context.ts';
import { configure } from './alert-network.ts';
import { quiet, testNetwork } from './network.ts';

test('sources over TLS: HL7 from holders of certificates of the named authority alone, FHIR by its token', async () => {
  const network = await testNetwork();
  const { fred, sally, keys } = network.homes;
  const clients = join(network.folder, 'clients.pem');
  // Any authority will do: that of Fred's organisation is one.
  writeFileSync(clients, organisationCertificate(fred.card));
  const sources = [
    { name: 'adt', kind: 'mllp', port: 0, tls: { clients }, patient: { type: 'MR' } },
    { name: 'ehr', kind: 'fhir', port: 0, tls: 'home' },
  ];
  configure(network, 'sally', { alerts: { sources } });
  const context = await openContext(sally.path, { logger: quiet });
  const sender = new AlertSender(context, () => undefined);
  await sender.start();
  onTestFinished(async () => {
    await sender.close();
    await context.close();
    await network.close();
  });
  const port = (source: string) => Number(/:(\d+)/.exec(sender.sources().find(({ name }) => name === source)!.at!)![1]);
  const ca = organisationCertificate(sally.card);
  const message = Buffer.from('MSH|^~\\&|EHR|SALLY|||20260101||ADT^A31|C1|P|2.5.1\rPID|1||P4');

  /** The acknowledgement, or null where the connection ended without one. */
  const send = (own: SecureContextOptions) =>
    new Promise<string | null>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: port('adt'), ca, ...own });
      const frames = new MllpFrames(1 << 16);
      socket.on('data', (chunk: Buffer) => {
        const [answer] = frames.push(chunk);
        if (answer === undefined) return;
        resolve(Buffer.from(answer).toString().split('\r')[1]!);
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(null));
      socket.write(mllpFrame(message));
    });
  const shown = ({ certificate, key }: ReturnType<typeof fred.tls>) => ({ cert: certificate, key });
  expect(await send(shown(fred.tls()))).toMatch(/^MSA\|AA\|C1/);
  expect(await send(shown(keys.tls()))).toBeNull();
  expect(await send({})).toBeNull();

  const token = await sender.tokens.token('ehr');
  const metadata = (path: string, headers: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: port('ehr'), path, ca, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject);
      asked.end();
    });
  expect(await metadata('/fhir/metadata')).toBe(200);
  expect(await metadata('/fhir/Encounter')).toBe(401);
  expect(await metadata('/fhir/Encounter', { authorization: `Bearer ${token}` })).toBe(404);
});

test('a source that cannot be set up stops the server, and says why', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  const wrong = [
    [
      { name: 'adt', kind: 'mllp', port: 0, tls: { clients: '/nowhere/ca.pem' }, patient: { type: 'MR' } },
      '/nowhere/ca.pem',
    ],
    [{ name: 'bulk', kind: 'folder', path: '/nowhere/exports' }, '/nowhere/exports'],
    [{ name: 'ehr', kind: 'fhir', port: 0, host: '203.0.113.1', tls: 'home' }, '203.0.113.1:0'],
  ] as const;
  for (const [source, culprit] of wrong) {
    configure(network, 'sally', { alerts: { sources: [source] } });
    const context = await openContext(network.homes.sally.path, { logger: quiet });
    const start = async () => {
      const sender = new AlertSender(context, () => undefined);
      await sender.start().finally(() => sender.close());
    };
    await expect(start()).rejects.toMatchObject({ code: 'config-invalid', culprit });
    await context.close();
  }
});

test('a source of HL7 that does not say whose identifiers name its patients is refused at the start', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  for (const patient of [undefined, {}, { authority: null }]) {
    configure(network, 'sally', { alerts: { sources: [{ name: 'adt', kind: 'mllp', port: 0, patient }] } });
    await expect(openContext(network.homes.sally.path, { logger: quiet })).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(/authority or the type/),
    });
  }
});
