import { randomBytes } from 'node:crypto';
import type { NewHome } from '@symbolon/service';
import { agreementText } from '../agreement-text.ts';
import type { Cleanup } from '../cleanup.ts';
import { progressLine } from '../commands/link.ts';
import { matchesOf, withOrganisation } from '../organisation.ts';
import { progressFor } from '../progress.ts';
import { AlertRehearsal } from '../rehearsal/alert-rehearsal.ts';
import { clearRun } from '../rehearsal/clear.ts';
import { keyServiceLog } from '../rehearsal/key-service-log.ts';
import { PairSet } from '../rehearsal/pairs.ts';
import type { Rehearsal } from '../rehearsal/rehearsal.ts';
import { type LinkReport, linkReport } from '../rehearsal/report.ts';
import { bytes, facts, number, table, type Ui } from '../ui.ts';
import { type DemoEvent, demoAlert, demoEvents, eventFile } from './events.ts';
import { examplePairs } from './examples.ts';
import { type DemoPeople, examples, makePeople, mistakes } from './people.ts';
import { linkPurpose } from './purposes.ts';
import { Teller } from './teller.ts';

export const rule = 'a.medicaid = b.medicaid OR (agree(a.name, b.name) >= 0.9 AND agree(a.address, b.address) >= 0.9)';

/** What a story leaves: stopped servers, with their folders. */
export interface Told {
  readonly report: LinkReport;
  readonly rehearsal: Rehearsal;
}

/** Plays and tells the story on made-up people. @param params.settings of the two that have pages afterwards */
export async function tellStory(params: {
  ui: Ui;
  cleanup: Cleanup;
  folder: string;
  settings?: Partial<Record<'left' | 'right', NewHome['settings']>>;
}): Promise<Told> {
  const { ui, cleanup, folder, settings } = params;
  const start = performance.now();
  const teller = new Teller(ui);
  const progress = progressFor(ui);

  teller.title("Symbolon: Fred's Health Insurance and Sally's EHR find the patients they share");
  teller.tell(
    "Fred insures people; Sally keeps patients' records for physicians. Fred wants to know when one of his members has a major " +
      'medical event. First both must learn which of his members are her patients, and neither may show the other its list.',
  );

  teller.scene('Two tables');
  const people = makePeople(folder);
  teller.tell(
    `Fred has ${number(people.left.length)} members, Sally ${number(people.right.length)} patients. All are made up. They write the same ` +
      'people differently; three of them, as Fred has them and as Sally has them:',
  );
  const shown = examples(people);
  teller.show(`${shown.fred}\n\n${shown.sally}`);

  const events = demoEvents(people);
  const rehearsal = new AlertRehearsal(
    {
      title: "Members of Fred's who are patients of Sally's",
      left: {
        id: 'fred',
        name: "Fred's Health Insurance",
        dataset: 'members',
        source: { kind: 'csv', path: people.members },
      },
      right: { id: 'sally', name: "Sally's EHR", dataset: 'patients', source: { kind: 'csv', path: people.patients } },
      keys: { id: 'keys', name: 'Neutral Key Service' },
      rule,
      pads: 'expanded',
      terms: { key: 'member_no', partnerKey: 'patient_no', purpose: linkPurpose },
      alert: demoAlert,
      events: eventFile(events, folder, new Date()),
      patientColumn: 'patient_no',
      birthDateColumn: 'dob',
    },
    folder,
    cleanup,
  );
  await progress.step('Fred, Sally and a neutral key service each make keys, and exchange cards', () =>
    rehearsal.makeAll(settings),
  );
  await progress.step('Three servers start, each a process and a folder of its own, over mutual TLS', () =>
    rehearsal.start(),
  );
  await progress.step('Each names its table to its own server; the records stay where they are', () =>
    rehearsal.addData(),
  );

  teller.scene('The agreement');
  await progress.step('Sally describes her columns, Fred drafts', () => rehearsal.draft());
  await agreementScene(rehearsal, teller);

  teller.scene('Trying the rule together');
  await tryScene(rehearsal, teller);

  teller.scene('Both sign');
  await progress.step('Fred signs and sends; Sally signs and sends back', () => rehearsal.sign());
  teller.tell(
    `Both now hold the same document with both signatures, known by its hash ${rehearsal.agreement}. Each server decides by its own ` +
      'copy: whatever anyone asks, nothing runs that this document does not allow.',
  );

  teller.scene('The link');
  await progress.step('One-time keys, encrypted tables, the answer key, the verdicts', (update) =>
    rehearsal.link((event) => update(progressLine(event))),
  );
  await encryptionScene(rehearsal, people, teller);

  teller.scene('The matches');
  const pairs = await rehearsal.pairs();
  await matchScene(rehearsal, teller);

  teller.scene('Three events');
  await eventScene(rehearsal, events, teller);

  teller.scene('Is it right?');
  const auditVerified = await progress.step('All three verify their logs', () => rehearsal.audit());
  const usage = await rehearsal.stop();
  const inputs = await rehearsal.inputs();
  const clear = await progress.step('The same rule run in the clear', () => clearRun(...inputs));
  const truth = new PairSet(people.pairs, people.right.length);
  const wrong = mistakes(people, pairs, truth);
  if (wrong !== undefined) {
    teller.tell(
      'A few pairs were found that are not the same people: twins, and relatives at one address with nearly one name. That is the ' +
        "rule's doing, which both may agree to tighten; in the clear it finds the same ones.",
    );
    teller.show(wrong);
  }
  teller.tell(
    'Only this demo can tell, because it made both tables: the result against the rule in the clear, and against who is who.',
  );
  ui.gap();
  const secondsTotal = (performance.now() - start) / 1000;
  const report = linkReport({
    rehearsal,
    opened: { kind: 'pairs', pairs },
    clear,
    inputs,
    truth,
    auditVerified,
    usage,
    secondsTotal,
  });
  return { report, rehearsal };
}

async function agreementScene({ homes, agreement }: Rehearsal, teller: Teller): Promise<void> {
  const shown = await withOrganisation(homes.left, ({ agreements }) => agreements.show(agreement));
  teller.show(agreementText(shown));
}

async function tryScene({ homes, agreement }: Rehearsal, teller: Teller): Promise<void> {
  const verdicts = await withOrganisation(homes.left, ({ agreements }) => agreements.tryRule(agreement, examplePairs));
  teller.tell(
    'Before they sign, both look at invented pairs. The rule runs in the clear here; nothing of either table is used.',
  );
  const rows = examplePairs.map(({ why, a, b }, i) => [
    why,
    `${a.name}, ${a.address}`,
    `${b.name}, ${b.address}`,
    verdicts[i]!.verdict ? 'match' : 'no match',
  ]);
  teller.show(table(['', 'a', 'b', 'verdict'], rows));
}

async function encryptionScene({ homes, runs, data }: Rehearsal, people: DemoPeople, teller: Teller): Promise<void> {
  const { left, right } = runs;
  const name = people.left[0]!.name;
  const plain = Buffer.from(name);
  const pad = randomBytes(plain.length);
  const masked = plain.map((byte, i) => (byte + pad[i]!) & 255);
  teller.tell(
    'Each server encrypted its whole table with a one-time key and sent it to the other: every number of every record plus a random one ' +
      `that is used once. With a key drawn here to show it, "${name}" becomes`,
  );
  teller.show(
    `${hex(plain)}   the name\n${hex(pad)}   the one-time key\n${hex(masked)}   their sum: as random as the key`,
  );
  teller.tell(
    `Fred's server sent ${bytes(left.details!.bytes.sent)}, Sally's ${bytes(right.details!.bytes.sent)}. Both then held the same ` +
      'encrypted data, and both signed one hash of it. Against both signatures the key service released the answer key, ' +
      `${bytes(left.details!.bytes.answerKey)}: it opens which rows belong together, and nothing else. ` +
      `The key service was told the number of rows (${number(data.left.rows)} and ${number(data.right.rows)}) and the shape of the rule, and ` +
      'got no data, encrypted or not. All that it keeps, from its own log:',
  );
  const events = await keyServiceLog(homes.keys);
  teller.show(events.map(eventText).join('\n\n'));
}

async function matchScene({ homes, runs }: Rehearsal, teller: Teller): Promise<void> {
  const few = (await matchesOf(homes.left, runs.left.id)).slice(0, 3);
  teller.tell(
    "What Fred's server now knows, to the full: which of his own rows match, and a number that stands for Sally's row.",
  );
  teller.show(
    table(
      ["fred's row", "sally's number"],
      few.map(({ row, peerRow }) => [row + 1, peerRow]),
    ),
  );
  teller.tell(
    'Sally drew these numbers at random for this run: only she knows which of her rows each is. Neither learned which half of the rule matched, ' +
      'who nearly matched, or anything about the rows that do not match.',
  );
}

async function eventScene(rehearsal: AlertRehearsal, events: readonly DemoEvent[], teller: Teller): Promise<void> {
  await rehearsal.tell(() => undefined);
  await rehearsal.arrived();
  const { items } = await withOrganisation(rehearsal.homes.left, ({ alertInbox }) => alertInbox.export({ limit: 10 }));
  teller.tell(
    "This is what Fred wanted. Sally's hospital system sends what happens, three admissions here. Her server answers for each, and tells Fred of " +
      'those whose patient the link found and which the agreement names.',
  );
  const rows = events.map(({ patient, what }) => [patient.name, what]);
  teller.show(table(["sally's patient", 'what happened'], rows));
  teller.tell("What has come to Fred's inbox, all of it:");
  const alerts = items.map(({ keys, event, time, facility }) => [keys.join(', '), event, time, facility]);
  teller.show(table(["fred's member", 'event', 'when', 'where'], alerts));
  teller.tell(
    'Of the check-up, and of the patient whom he does not insure, he learns nothing, not even that they happened. The message named his own row of ' +
      'the link: no name, no number of hers, and nothing else that the agreement does not list.',
  );
}

function hex(data: Uint8Array): string {
  return Buffer.from(data)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1 ');
}

function eventText({ kind, ...rest }: Record<string, unknown>): string {
  return `${String(kind)}\n${facts(Object.entries(rest).map(([name, value]) => [`  ${name}`, Array.isArray(value) ? value.join(', ') : String(value)]))}`;
}
