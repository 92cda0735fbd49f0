import { type ClinicalEvent, openMessage, readFhir } from '@symbolon/alerts';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Backlog } from '../src/alerts/backlog.ts';
import { Counts } from '../src/alerts/counts.ts';
import { Intake } from '../src/alerts/intake.ts';
import { forgetOld } from '../src/alerts/marks.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { type AlertNetwork, alertNetwork, configure, finish } from './alert-network.ts';
import { eventsOf, quiet } from './network.ts';

const minute = 60_000;
const day = 86_400_000;

/** A stay with heart failure of a patient of Sally's. */
function stay(patient: string, change: Record<string, unknown> = {}): ClinicalEvent[] {
  const resource = {
    ...{ resourceType: 'Encounter', id: `stay-${patient}`, status: 'in-progress' },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: { reference: `Patient/${patient}` },
    period: { start: new Date(Date.now() - minute).toISOString() },
    reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I50.9' }] }],
    serviceProvider: { display: 'General Hospital' },
    ...change,
  };
  return readFhir(Buffer.from(JSON.stringify(resource)), { patient: { by: 'reference' } });
}

const at = (ago: number) => ({ period: { start: new Date(Date.now() - ago).toISOString() } });
const coded = (code: string) => ({
  reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] }],
});

onBothDatabases(() => {
  let network: AlertNetwork;
  let sally: PartyContext;
  let intake: Intake;
  let counts: Counts;
  let later: number;
  let woken: string[];
  const open = async (alert: Parameters<typeof alertNetwork>[0] = {}, settings: object = {}) => {
    network = await alertNetwork(alert);
    const patients = { patients: { birthDateColumn: 'born' } };
    configure(network, 'sally', { alerts: { patients, ...settings } });
    await network.sally(({ agreements }) => agreements.approve(network.agreement, 'alerts'));
    later = 0;
    woken = [];
    const now = () => new Date(Date.now() + later);
    sally = await openContext(network.homes.sally.path, { logger: quiet, now });
    counts = new Counts();
    intake = new Intake(sally, {
      ...{ counts, backlog: new Backlog(sally) },
      committed: (partners) => void woken.push(...partners),
    });
    onTestFinished(async () => {
      await intake.close();
      await sally.close();
      await network.close();
    });
  };
  const take = (...events: ClinicalEvent[][]) => intake.take('ehr', events.flat());
  const outbox = () => sally.database.selectFrom('alert_outbox').selectAll().orderBy('taken_at').execute();
  const messages = async () => (await outbox()).map(({ document }) => openMessage(document!, network.homes.sally.card));

  describe('as agreed', () => {
    beforeEach(() => open());

    test('one message for a linked patient, with its entry in the log; nothing of others is kept', async () => {
      await take(stay('P4'), stay('P2'), stay('P-SECRET-7'), stay('P1', coded('J18.9')));
      const [message, ...more] = await messages();
      expect(more).toEqual([]);
      expect(message).toMatchObject({
        ...{ from: 'sally', to: 'fred', agreement: network.agreement, alert: 'admissions', event: 'heart-failure' },
        ...{ link: network.link, rows: [3], facility: 'General Hospital', code: { code: 'I50.9' } },
      });
      expect(woken).toEqual(['fred']);
      const [entry, ...others] = await eventsOf(sally, 'alert-sent');
      expect(others).toEqual([]);
      expect(entry).toMatchObject({ alert: 'admissions', event: 'heart-failure', to: 'fred', message: message!.id });
      expect(counts.of('ehr')).toEqual({ told: 1, 'not-linked': 2, 'no-class': 1 });
      // Every text of the database: of the linked patient neither, but for the pairs of the link.
      const everything = await textsOf(sally);
      expect(everything.filter((text) => text.includes('P-SECRET-7'))).toEqual([]);
      expect(everything.filter((text) => text.includes(network.link)).length).toBeGreaterThan(0);
      expect(everything.filter((text) => text.includes('stay-P4'))).toEqual([]);
    });

    test('what comes again tells nothing again, not an update of the stay either', async () => {
      const event = stay('P4');
      await take(event);
      await take(event, event);
      await take(stay('P4', { status: 'finished', ...at(2 * minute) }));
      expect(await messages()).toHaveLength(1);
      expect(counts.of('ehr')).toMatchObject({ told: 1, repeated: 2, known: 1 });
    });

    test('twice in one batch is once', async () => {
      const event = stay('P4');
      await Promise.all([take(event), take(event), take(event)]);
      expect(await messages()).toHaveLength(1);
    });

    test('another stay within the minutes of one that was told is merged, in either direction; later ones are told', async () => {
      await take(stay('P4', { id: 'one', ...at(300 * minute) }));
      await take(stay('P4', { id: 'two', ...at(250 * minute) }), stay('P4', { id: 'three', ...at(359 * minute) }));
      expect(await messages()).toHaveLength(1);
      expect(counts.of('ehr')).toMatchObject({ told: 1, merged: 2 });
      await take(stay('P4', { id: 'four', ...at(230 * minute) }), stay('P1', { id: 'five', ...at(300 * minute) }));
      expect((await messages()).map(({ rows }) => rows[0]).sort()).toEqual([3, 3, 7]);
    });

    test('a stay that is cancelled is taken back, once, and only if it was told', async () => {
      await take(stay('P4'), stay('P1', coded('J18.9')));
      const [told] = await messages();
      await take(stay('P4', { status: 'entered-in-error' }), stay('P1', { status: 'cancelled' }));
      await take(stay('P4', { status: 'cancelled' }));
      const [, back, ...more] = (await messages()).sort((x) => (x.retracts === undefined ? -1 : 1));
      expect(more).toEqual([]);
      expect(back).toMatchObject({ retracts: told!.id, event: 'heart-failure', rows: [3] });
      expect(back).not.toHaveProperty('code');
      expect(counts.of('ehr')).toMatchObject({ told: 1, retracted: 1 });
    });

    test('a stay that was cancelled by mistake has happened after all: it is told again, and can be taken back again', async () => {
      const cancelled = (status: string) => stay('P4', { status });
      await take(stay('P4'));
      await take(cancelled('cancelled'));
      await take(stay('P4', at(2 * minute)));
      await take(stay('P4', at(3 * minute)));
      await take(cancelled('entered-in-error'));
      const all = await messages();
      const told = all.filter(({ retracts }) => retracts === undefined).map(({ id }) => id);
      const back = all.flatMap(({ retracts }) => retracts ?? []);
      expect(told).toHaveLength(2);
      expect(back.sort()).toEqual(told.sort());
    });

    test('what was merged is taken back with the last of its stays: one that was registered twice has happened', async () => {
      await take(stay('P4', { id: 'one' }), stay('P4', { id: 'two' }));
      await take(stay('P4', { id: 'one', status: 'entered-in-error' }));
      expect(await messages()).toHaveLength(1);
      // The end of the other is an update of what was told.
      await take(stay('P4', { id: 'two', status: 'finished' }));
      later = 300 * minute;
      await take(stay('P4', { id: 'two', ...at(-299 * minute) }));
      expect(await messages()).toHaveLength(1);
      await take(stay('P4', { id: 'two', status: 'cancelled' }));
      const [told] = (await messages()).filter(({ retracts }) => retracts === undefined);
      expect((await messages()).flatMap(({ retracts }) => retracts ?? [])).toEqual([told!.id]);
    });

    test('events are taken in the order in which they come, also while what waits is counted', async () => {
      await Promise.all([take(stay('P4')), take(stay('P4', { status: 'cancelled' }))]);
      expect(counts.of('ehr')).toMatchObject({ told: 1, retracted: 1 });
    });

    test('two servers of one database take an event and its end in once', async () => {
      const other = new Intake(sally, { counts, backlog: new Backlog(sally), committed: () => undefined });
      const both = (events: ClinicalEvent[]) => Promise.all([intake.take('ehr', events), other.take('ehr', events)]);
      await both(stay('P4'));
      await both(stay('P4', { status: 'cancelled' }));
      await other.close();
      expect((await messages()).map(({ retracts }) => retracts === undefined)).toHaveLength(2);
    });

    test('sensitive, minors, too old: counted, not told', async () => {
      const young = { id: 'young', subject: { reference: 'Patient/P4' } };
      await take(
        stay('P1', { reasonCode: [coded('I50.9'), coded('F20.0')].flatMap(({ reasonCode }) => reasonCode) }),
        stay('P4', { ...young, ...at(40 * day) }),
      );
      expect(await messages()).toEqual([]);
      expect(counts.of('ehr')).toMatchObject({ 'sensitive psychiatry': 1, 'too-old': 1 });
    });

    test('an event of the future is refused, and none of its message is taken', async () => {
      await expect(take(stay('P4'), stay('P1', at(-6 * minute)))).rejects.toMatchObject({ code: 'event-from-future' });
      await take(stay('P5', at(-4 * minute)));
      expect((await messages()).map(({ rows }) => rows)).toEqual([[9]]);
    });

    test('an agreement that is suspended or revoked in mid-stream tells nothing from then on', async () => {
      await take(stay('P4'));
      await network.sally(({ agreements }) =>
        agreements.suspend(network.agreement, { reason: 'Audit', person: 'ann' }),
      );
      await take(stay('P1'));
      expect(await messages()).toHaveLength(1);
      await network.sally(({ agreements }) => agreements.resume(network.agreement, { reason: 'Over', person: 'ann' }));
      await take(stay('P5'));
      expect(await messages()).toHaveLength(2);
      await network.sally(({ agreements }) => agreements.revoke(network.agreement, { reason: 'End', person: 'ann' }));
      await take(stay('P6'));
      expect(await messages()).toHaveLength(2);
    });

    test('an approval that is withdrawn counts no more', async () => {
      await network.sally(({ agreements }) => agreements.withdrawApproval(network.agreement, 'alerts'));
      await take(stay('P4'));
      expect(await messages()).toEqual([]);
      expect((await intake.terms.get()).silent).toMatchObject([{ alert: 'admissions', code: 'unapproved' }]);
    });

    test('who opts out is told of no more, not what waits either; a new link is found at once, and one that is too old not used', async () => {
      await take(stay('P4'));
      await network.sally(({ subjects }) => subjects.optOut({ dataset: 'patients', values: ['p4'] }));
      await take(stay('P4', { id: 'again', ...at(200 * minute) }), stay('P1'));
      expect((await messages()).map(({ rows }) => rows[0])).toEqual([7]);
      const link = `${network.link.slice(0, -3)}AAA`;
      await finish(sally, { agreement: network.agreement, link, key: ['P2', 'P4', 'P5', 'P6'] });
      await sally.log.append({ kind: 'link-done' });
      await take(stay('P2'));
      expect((await messages()).filter((message) => message.link === link)).toMatchObject([{ rows: [7] }]);
      later = 31 * day;
      await take(stay('P5', { period: { start: new Date(Date.now() + later).toISOString() } }));
      expect(await messages()).toHaveLength(2);
      expect(counts.of('ehr')).toMatchObject({ 'not-linked': 2 });
    });

    test('what was answered for is forgotten after 30 days, and what was told is not told again even then', async () => {
      await take(stay('P4'), stay('P2'));
      const kept = () => sally.database.selectFrom('alert_event').select('event').execute();
      expect(await forgetOld(sally)).toBe(false);
      expect(await kept()).toHaveLength(2);
      later = 31 * day;
      expect(await forgetOld(sally)).toBe(false);
      expect(await kept()).toEqual([]);
      later = 0;
      await take(stay('P4'));
      expect(await messages()).toHaveLength(1);
    });

    test('opting out and erasure delete what waits to be taken back too, however often, and people named by another column', async () => {
      // The alert knows her as P4.
      const eve = { dataset: 'patients', column: 'name', values: ['Eve Long'] };
      const turns = async () => {
        await take(stay('P4'), stay('P1'));
        await take(stay('P4', { status: 'cancelled' }));
        await take(stay('P4', { id: 'stay-P4', reason: 'again' }));
      };
      await turns();
      expect((await messages()).filter(({ rows }) => rows[0] === 3).length).toBeGreaterThan(1);
      await network.sally(({ subjects }) => subjects.optOut(eve));
      expect((await messages()).map(({ rows }) => rows[0])).toEqual([7]);
      expect(await sally.database.selectFrom('alert_told').select('subject').execute()).toHaveLength(2);
      await network.sally(({ subjects }) => subjects.erase(eve));
      expect(await sally.database.selectFrom('alert_told').select('subject').execute()).toHaveLength(1);
      expect((await messages()).map(({ rows }) => rows[0])).toEqual([7]);
    });

    test('erasure deletes what waits and was told', async () => {
      await take(stay('P4'), stay('P1'));
      await network.sally(({ subjects }) => subjects.erase({ dataset: 'patients', values: ['P4'] }));
      expect((await messages()).map(({ rows }) => rows[0])).toEqual([7]);
      expect(await sally.database.selectFrom('alert_told').select('subject').execute()).toHaveLength(1);
    });
  });

  test('with mergeMinutes 0 each stay is told', async () => {
    await open({ mergeMinutes: 0 });
    await take(stay('P4', { id: 'one' }), stay('P4', { id: 'two' }));
    expect(await messages()).toHaveLength(2);
  });

  test('where nobody knows how old patients are, nothing is told, unless minors are included', async () => {
    await open({}, { patients: {} });
    await take(stay('P4'));
    expect(counts.of('ehr')).toEqual({ 'age-unknown': 1 });
    expect(await messages()).toEqual([]);
  });

  test('where too much waits, sources wait too', async () => {
    await open({ mergeMinutes: 0 }, { maxWaiting: 2, patients: { patients: { birthDateColumn: 'born' } } });
    await take(stay('P4', { id: 'one' }), stay('P4', { id: 'two' }));
    await expect(take(stay('P5'))).rejects.toMatchObject({ code: 'alerts-full', status: 503 });
  });
});

/** Every value of every table. */
async function textsOf({ database }: PartyContext): Promise<string[]> {
  const tables = await database.introspection.getTables();
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await database
      .selectFrom(name as 'alert_told')
      .selectAll()
      .execute();
    for (const row of rows) {
      for (const value of Object.values(row) as unknown[]) {
        texts.push(value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value));
      }
    }
  }
  return texts;
}
