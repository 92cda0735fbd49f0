import { type AlertMessage, signMessage } from '@symbolon/alerts';
import { base64url, fault, systemRng } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { AlertInbox } from '../src/alerts/inbox.ts';
import { AlertReceiver } from '../src/alerts/receive.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { type AlertNetwork, admissions, alertNetwork, finish, numberOf } from './alert-network.ts';
import { eventsOf, quiet } from './network.ts';

const day = 86_400_000;

onBothDatabases(() => {
  let network: AlertNetwork;
  let fred: PartyContext;
  let later: number;
  let receiver: AlertReceiver;
  let kept: number;
  beforeEach(async () => {
    network = await alertNetwork();
    later = 0;
    kept = 0;
    const now = () => new Date(Date.now() + later);
    fred = await openContext(network.homes.fred.path, { logger: quiet, now });
    receiver = new AlertReceiver(fred, { hooks: ['ward'], kept: () => void kept++ });
    onTestFinished(async () => {
      await fred.close();
      await network.close();
    });
  });

  const sally = () => network.homes.sally;
  const signed = (change: Partial<AlertMessage> = {}) => signMessage(network.message(change), sally().signingKey);
  const receive = (...documents: Uint8Array[]) => receiver.receive(sally().card, documents);
  const inbox = async () => (await new AlertInbox(fred).list({ limit: 100 })).items;
  const refused = async (document: Uint8Array, code: string) => {
    const [result, ...more] = await receive(document);
    expect(result).toMatchObject({ outcome: 'refused', code, message: expect.any(String) });
    expect(more).toEqual([]);
  };

  test('a message becomes an alert about the own record, with its entry in the log', async () => {
    const message = network.message({
      rows: [numberOf['M-102'], numberOf['M-104']],
      code: { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I50.9' },
    });
    const document = signMessage(message, sally().signingKey);
    expect(await receive(document)).toEqual([{ id: message.id, outcome: 'taken' }]);
    const [alert] = await inbox();
    expect(alert).toMatchObject({
      ...{ id: message.id, sender: 'sally', alert: 'admissions', event: 'heart-failure', state: 'open' },
      ...{ keys: ['M-102', 'M-104'], time: message.time, retracts: null },
    });
    expect(Date.parse(alert!.escalatesAt!) - Date.parse(alert!.receivedAt)).toBe(3_600_000);
    expect(await new AlertInbox(fred).show(message.id)).toMatchObject({
      facility: 'General Hospital',
      code: { code: 'I50.9' },
    });
    const [entry, ...more] = await eventsOf(fred, 'alert-received');
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ by: 'sally', message: message.id, alert: 'admissions', event: 'heart-failure' });
    expect(JSON.stringify(entry)).not.toMatch(/M-10|Hospital|I50\.9/);
    expect(await fred.database.selectFrom('alert_hook').select(['alert', 'hook', 'occasion']).execute()).toEqual([
      { alert: message.id, hook: 'ward', occasion: 'received' },
    ]);
  });

  test('once, however often it comes: later, in one request, at the same time', async () => {
    const [one, two] = [signed(), signed()];
    expect((await receive(one, one, two)).map(({ outcome }) => outcome)).toEqual(['taken', 'duplicate', 'taken']);
    const [a, b] = await Promise.all([receive(one, two), receive(two, signed())]);
    expect([...a!, ...b!].map(({ outcome }) => outcome)).toEqual(['duplicate', 'duplicate', 'duplicate', 'taken']);
    expect(await inbox()).toHaveLength(3);
    expect(await eventsOf(fred, 'alert-received')).toHaveLength(3);
  });

  test('what was kept is told on, also where the request fails afterwards', async () => {
    const append = fred.log.append.bind(fred.log);
    vi.spyOn(fred.log, 'append').mockImplementation((event, within) => {
      if ((event as { kind: string }).kind === 'alert-refused') throw fault('database-unavailable', 'gone');
      return append(event, within);
    });
    await expect(receive(signed(), Buffer.from('{}'))).rejects.toMatchObject({ code: 'database-unavailable' });
    expect(await inbox()).toHaveLength(1);
    expect(kept).toBe(1);
  });

  test('a message is refused where its bytes are not what Sally signed for Fred', async () => {
    await refused(signMessage(network.message(), network.homes.keys.signingKey), 'document-signer');
    await refused(signMessage(network.message({ from: 'fred' }), network.homes.fred.signingKey), 'document-signer');
    await refused(signed({ to: 'carl' }), 'agreement-party');
    const document = JSON.parse(Buffer.from(signed()).toString());
    const payload = Buffer.from(document.payload, 'base64url').toString();
    const { id } = network.message();
    for (const forged of [
      payload.replace('General', 'Private'),
      payload.replace(`\\"value\\":\\"${numberOf['M-104']}\\"`, `\\"value\\":\\"${numberOf['M-100']}\\"`),
      payload.replace(/(urn:symbolon:alert\\",\\"value\\":\\")[^\\]+/g, `$1${id}`),
    ]) {
      expect(forged).not.toBe(payload);
      await refused(
        Buffer.from(JSON.stringify({ ...document, payload: base64url(Buffer.from(forged)) })),
        'bad-signature',
      );
    }
    for (const bytes of [new Uint8Array(), Buffer.from('{}'), systemRng(100), new Uint8Array(40_000)]) {
      expect(await receive(bytes)).toMatchObject([{ id: null, outcome: 'refused' }]);
    }
    expect(await receive(Buffer.concat([signed(), Buffer.from('{}')]))).toMatchObject([{ outcome: 'refused' }]);
    expect(await inbox()).toEqual([]);
  });

  test('and where it says what the own copy of the agreement does not let it say', async () => {
    const future = new Date(Date.now() + 6 * 60_000).toISOString();
    const other = await network.alsoAgree((agreement) => ({ ...agreement, title: 'Another' }));
    const cases: readonly (readonly [Partial<AlertMessage>, string])[] = [
      [{ alert: 'deaths' }, 'agreement-party'],
      [{ event: 'stroke' }, 'agreement-limit'],
      [{ disposition: 'home' }, 'agreement-limit'],
      [{ agreement: base64url(new Uint8Array(32)) }, 'not-found'],
      [{ agreement: other }, 'alert-link'],
      [{ link: 'another' }, 'alert-link'],
      [{ rows: [3, 8] }, 'alert-link'],
      [{ time: future }, 'event-from-future'],
      [{ sentAt: future }, 'event-from-future'],
    ];
    for (const [change, code] of cases) await refused(signed(change), code);
    expect(await inbox()).toEqual([]);
    expect(await eventsOf(fred, 'alert-received')).toEqual([]);
    expect(await eventsOf(fred, 'alert-refused')).toEqual(
      cases.map(([, code]) => ({ kind: 'alert-refused', by: 'sally', code, messages: 1 })),
    );
  });

  test('and where its link is too old; a day of grace is given', async () => {
    later = (admissions.linkDays + 1) * day - 60_000;
    expect(await receive(signed())).toMatchObject([{ outcome: 'taken' }]);
    later += 120_000;
    await refused(signed(), 'alert-link');
  });

  test('and once the agreement is suspended or revoked, but not what came before', async () => {
    const early = signed();
    expect(await receive(early)).toMatchObject([{ outcome: 'taken' }]);
    await network.fred(({ agreements }) =>
      agreements.suspend(network.agreement, { reason: 'We look into something', person: 'ann' }),
    );
    expect(await receive(early, signed())).toMatchObject([{ outcome: 'duplicate' }, { code: 'agreement-suspended' }]);
    await network.fred(({ agreements }) =>
      agreements.revoke(network.agreement, { reason: 'It is over', person: 'ann' }),
    );
    expect(await receive(signed())).toMatchObject([{ outcome: 'refused', code: 'agreement-revoked' }]);
    expect(await inbox()).toHaveLength(1);
  });

  test('and where another message has its id', async () => {
    const message = network.message();
    const { signingKey } = sally();
    await receive(signMessage(message, signingKey));
    const changed = signMessage({ ...message, facility: 'Elsewhere' }, signingKey);
    expect(await receive(changed)).toMatchObject([{ outcome: 'refused', code: 'bad-document' }]);
  });

  test('while its link is not over here, its sender has to come again', async () => {
    const link = base64url(systemRng(32));
    const run = await fred.runs.start(network.agreement, link);
    await expect(receive(signed(), signed({ link }))).rejects.toMatchObject({ code: 'conflict' });
    await fred.runs.failed(run, new Error());
    expect(await receive(signed({ link }))).toMatchObject([{ code: 'alert-link' }]);
  });

  test('a retraction ends the alert that it takes back, whichever comes first, and only of the same sender', async () => {
    const [one, two] = [network.message(), network.message()];
    const retraction = (of: AlertMessage) => signed({ retracts: of.id });
    const { signingKey } = sally();
    await receive(signMessage(one, signingKey), retraction(one));
    await receive(retraction(two));
    await receive(signMessage(two, signingKey));
    const all = await inbox();
    for (const { id } of [one, two]) {
      const taken = all.find((alert) => alert.id === id)!;
      const back = all.find(({ retracts }) => retracts === id)!;
      expect(taken).toMatchObject({ state: 'retracted', escalatesAt: null, retractedBy: back.id });
      expect(back).toMatchObject({ state: 'open', escalatesAt: expect.any(String) });
    }
    const occasions = await fred.database.selectFrom('alert_hook').select('occasion').orderBy('id').execute();
    expect(occasions.map(({ occasion }) => occasion)).toEqual(['received', 'retracted', 'retracted']);
    expect((await new AlertInbox(fred).list({ limit: 9, open: true })).items).toHaveLength(2);
  });

  test('nothing is kept of people who opted out or were erased, and their sender does not learn of it', async () => {
    const about = (key: keyof typeof numberOf) => signed({ rows: [numberOf[key]] });
    await network.fred(async ({ subjects }) => {
      await subjects.optOut({ dataset: 'members', column: 'medicaid', values: ['m100'] });
      await subjects.optOut({ dataset: 'members', column: 'medicaid', values: ['M-100'] });
    });
    expect(await receive(about('M-100'), about('M-104'))).toMatchObject([{ outcome: 'taken' }, { outcome: 'taken' }]);
    await network.fred(({ subjects }) =>
      subjects.optOut({ dataset: 'members', column: 'name', values: ['Cleo Park'] }),
    );
    await network.fred(({ subjects }) => subjects.erase({ dataset: 'members', column: 'medicaid', values: ['M-103'] }));
    expect(await receive(about('M-102'), about('M-103'))).toMatchObject([{ outcome: 'taken' }, { outcome: 'taken' }]);
    expect(await receive(signed({ rows: [numberOf['M-102'], numberOf['M-104']] }))).toMatchObject([
      { outcome: 'taken' },
    ]);
    expect((await inbox()).map(({ keys }) => keys)).toEqual([['M-104'], ['M-104']]);
    expect(await eventsOf(fred, 'alert-received')).toHaveLength(2);
  });

  test('records of a link without keys are named by their numbers', async () => {
    const link = base64url(systemRng(32));
    await finish(fred, { agreement: network.agreement, link, key: [null, null, null, null] as never });
    await receive(signed({ link }));
    expect((await inbox())[0]!.keys).toEqual(['record 5']);
  });
});
