import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Cleanup } from '../apps/cli/src/cleanup.ts';
import { compareAlerts, type ExpectedAlert } from '../apps/cli/src/rehearsal/alert-clear.ts';
import { type EventFile, readEventFile } from '../apps/cli/src/rehearsal/alert-events.ts';
import { AlertRehearsal, type AlertScript } from '../apps/cli/src/rehearsal/alert-rehearsal.ts';
import { type Row, row, rowAtLeast } from './row.ts';

const linked = 1_000_000;
const eventsAtOnce = 20_000;
/** One in so many is told: the others are of linked patients too, and of no class. */
const toldOneIn = 50;
const paced = 300;
const killedEvents = 100_000;
const killMilliseconds = 5000;

/** All roles as processes of this machine: events taken in and decided, how soon they arrive, and that none is lost or told twice when processes are killed. */
export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of ['hl7', 'fhir'] as const) rows.push(...(await withStage(linked, kind, throughput(kind))));
  rows.push(...(await withStage(10_000, 'hl7', killed)));
  return rows;
}

type Kind = 'hl7' | 'fhir';

/** Links as many patients with as many members, by a number that both have, and runs `play`. */
async function withStage(
  patients: number,
  kind: Kind,
  play: (stage: AlertRehearsal, events: (from: number, count: number) => EventFile) => Promise<Row[]>,
): Promise<Row[]> {
  const cleanup = new Cleanup();
  try {
    const { path } = cleanup.temporaryFolder('symbolon-bench-');
    const table = join(path, 'people.csv');
    const people = Array.from({ length: patients }, (_, i) => `P${i + 1_000_000}`);
    writeFileSync(table, `id\n${people.join('\n')}\n`);
    const file = join(path, 'events');
    const events = (from: number, count: number): EventFile => {
      writeFileSync(file, Array.from({ length: count }, (_, i) => message(kind, from + i, patients)).join('\n'));
      return readEventFile(file);
    };
    const stage = new AlertRehearsal(scriptOf(table, events(0, 1)), join(path, 'homes'), cleanup);
    await stage.makeAll();
    await stage.addData();
    await stage.draft();
    await stage.start();
    await stage.sign();
    await stage.link(() => undefined);
    return await play(stage, events);
  } finally {
    await cleanup.run();
  }
}

function scriptOf(table: string, events: EventFile): AlertScript {
  const parties = { from: 'hospital', to: 'insurer' };
  const system = 'http://hl7.org/fhir/sid/icd-10-cm';
  return {
    title: 'Bench of alerts',
    left: { id: 'insurer', name: 'Insurer', dataset: 'members', source: { kind: 'csv', path: table } },
    right: { id: 'hospital', name: 'Hospital', dataset: 'patients', source: { kind: 'csv', path: table } },
    keys: { id: 'keys', name: 'Key service' },
    rule: 'a.id = b.id',
    pads: 'expanded',
    terms: { partnerKey: 'id' },
    alert: {
      ...{ name: 'heart', ...parties, mergeMinutes: 0, linkDays: 30, includes: ['minors'] },
      events: [
        { name: 'heart', description: 'Of the heart', when: { valueSet: [{ system, codes: ['I21*', 'I50.9'] }] } },
      ],
    },
    events,
    patientColumn: 'id',
  };
}

const isTold = (i: number): boolean => i % toldOneIn === 0;
// Spread over all patients.
const patientOf = (i: number, patients: number): number => (i * 7919) % patients;

function message(kind: Kind, i: number, patients: number): string {
  const patient = `P${patientOf(i, patients) + 1_000_000}`;
  const code = isTold(i) ? 'I21.4' : 'J18.9';
  const time = new Date(Date.now() - 3_600_000 + (i % 3_000_000)).toISOString();
  if (kind === 'hl7') {
    const stamp = time.replace(/[-:T]|\.\d+Z$/g, '');
    return [
      `MSH|^~\\&|EHR|GENERAL|SYMBOLON|INSURER|${stamp}||ADT^A01^ADT_A01|${i}|P|2.5.1`,
      `EVN|A01|${stamp}`,
      `PID|1||${patient}^^^GH^MR||Doe^Jane||19700102|F|||1 Main Street^^Town^NY^10001`,
      `PV1|1|I|W1^12^3^General Hospital||||1^Strange^Stephen||||||||||||V${i}${'|'.repeat(25)}${stamp}`,
      `DG1|1||${code}^Diagnosis^I10C`,
    ].join('\r');
  }
  return JSON.stringify({
    resourceType: 'Condition',
    id: `c${i}`,
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] },
    subject: { reference: `Patient/${patient}` },
    recordedDate: time,
  });
}

const throughput =
  (kind: Kind) => async (stage: AlertRehearsal, events: (from: number, count: number) => EventFile) => {
    const name = kind === 'hl7' ? 'MLLP' : 'HTTP';
    const tell = (file: EventFile) => stage.tell(() => undefined, file);
    // The first event makes the index of linked patients.
    await tell(events(0, 1));
    const many = events(1, eventsAtOnce);
    const pid = stage.pidOf('right');
    const [before, start] = [cpuSeconds(pid), performance.now()];
    await tell(many);
    const [cpu, seconds] = [cpuSeconds(pid) - before, (performance.now() - start) / 1000];
    await stage.arrived();
    const delays: number[] = [];
    for (let i = 0; i < paced; i++) {
      const at = (i + 1) * toldOneIn + eventsAtOnce * 2;
      const one = events(at, 1);
      delays.push(performance.timeOrigin + performance.now());
      await tell(one);
      await setTimeout(10);
    }
    const arrived = (await stage.arrived()).slice(-paced);
    const milliseconds = arrived.map(({ receivedAt }, i) => Math.max(0, receivedAt - delays[i]!)).sort((a, b) => a - b);
    return [
      rowAtLeast(
        'alerts',
        `${name}: events a second of one core at the sender`,
        eventsAtOnce,
        eventsAtOnce / cpu,
        '/s',
        2000,
      ),
      row(
        'alerts',
        `${name}: events a second, both servers and the source on this machine`,
        eventsAtOnce,
        eventsAtOnce / seconds,
        '/s',
      ),
      row('alerts', `${name}: event to inbox, median`, paced, milliseconds[Math.floor(paced / 2)]!, 'ms', 100),
      row(
        'alerts',
        `${name}: event to inbox, 99th percentile`,
        paced,
        milliseconds[Math.floor(paced * 0.99)]!,
        'ms',
        500,
      ),
    ];
  };

/** Seconds of processor time that a process has used: proc(5), /proc/PID/stat, fields 14 and 15. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The two servers are killed in turn, and each starts again at once; the source sends again what was not answered. */
async function killed(stage: AlertRehearsal, events: (from: number, count: number) => EventFile): Promise<Row[]> {
  let kills = 0;
  let isOver = false;
  const killing = (async () => {
    for (const roles = ['right', 'left'] as const; !isOver; kills++) {
      await setTimeout(killMilliseconds);
      const role = roles[kills % 2]!;
      await stage.kill(role);
      await stage.startOne(role);
    }
  })();
  await tellStubbornly(stage, events(0, killedEvents));
  isOver = true;
  await killing;
  const arrived = await stage.arrived();
  const expected = Array.from({ length: killedEvents }, (_, i) => i)
    .filter(isTold)
    .map((i): ExpectedAlert => ({ event: 'heart', members: [patientOf(i, 10_000)], time: '' }));
  const { missing, twice, others } = compareAlerts(
    expected,
    arrived.map(({ event, members }) => ({ event, members, time: '' })),
  );
  return [
    row('alerts', `killed ${kills} times: lost`, killedEvents, missing, 'alerts', 0),
    row('alerts', `killed ${kills} times: twice, or not to come`, killedEvents, twice + others, 'alerts', 0),
  ];
}

/** Sends again what was not answered, in its order, until all is. */
async function tellStubbornly(stage: AlertRehearsal, file: EventFile): Promise<void> {
  for (let from = 0; from < file.messages.length; ) {
    const rest = { ...file, messages: file.messages.slice(from), told: file.told.slice(from) };
    let answers = 0;
    await stage.tell((count) => (answers = count), rest).catch(() => setTimeout(100));
    from += answers;
  }
}
