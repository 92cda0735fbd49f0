import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Alert, readSource } from '@symbolon/agreement';
import { agreedName } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { progressFor } from '../progress.ts';
import { clearAlerts } from '../rehearsal/alert-clear.ts';
import { readEventFile } from '../rehearsal/alert-events.ts';
import { AlertRehearsal, type AlertScript } from '../rehearsal/alert-rehearsal.ts';
import { alertReport, alertReportText } from '../rehearsal/alert-report.ts';
import { clearRun } from '../rehearsal/clear.ts';
import { refuseFaults } from '../rehearsal/faults.ts';
import { dataSource } from '../source.ts';
import { counted, UsageError } from '../ui.ts';
import { progressLine } from './link.ts';

interface Options {
  patients: string;
  members: string;
  events: string;
  rule: string;
  patient: string;
  born?: string;
  system?: string;
  stays: string;
  agreement?: string;
  keep?: string;
}

/** `symbolon rehearse alerts`. */
export const rehearseAlerts: Leaf<Options> = {
  name: 'alerts',
  summary: 'link two files of yours, then tell events of the patients in both, with all roles on this machine',
  description:
    'Links the members of an insurer (a) with the patients of a hospital (b), then sends events to a source of the hospital: FHIR R4\n' +
    'resources by HTTP, HL7 v2 messages by MLLP. The insurer is told of those whose patient is linked and which are of a class of the\n' +
    'agreement. Compares with both files in the clear: these alerts, each once, and no others.',
  examples: [
    'symbolon rehearse alerts --patients Patient.ndjson --members members.csv --events Encounter.ndjson --born birthDate',
    "symbolon rehearse alerts --patients patients.csv --members members.csv --rule 'a.medicaid = b.medicaid' --patient mrn \\\n" +
      '      --events adt.hl7 --agreement alerts.yaml --json',
  ],
  home: false,
  options: (command) =>
    command
      .requiredOption('--patients <file>', "the hospital's patients: table b of the rule")
      .requiredOption('--members <file>', "the insurer's members: table a of the rule")
      .requiredOption('--events <file>', 'FHIR NDJSON, or HL7 v2 messages one after the other')
      .option('--rule <sql>', 'when a member and a patient are one person', 'a.id = b.id')
      .option('--patient <column>', 'of the patients: what events call them', 'id')
      .option('--born <column>', 'of the patients: date of birth; those under age are not told of')
      .option('--system <uri>', 'FHIR: events name patients by an identifier of this system, not by reference')
      .option('--stays <codes>', 'which kinds of stay are told: codes of v3-ActCode', 'EMER,IMP')
      .option('--agreement <file>', 'a file whose first of `alerts` says what is told, instead of --stays')
      .option('--keep <folder>', 'keep the three folders there, to look around'),
  run: async ({ ui, cleanup }, _, options) => {
    const script = scriptOf(options);
    const folder = options.keep === undefined ? cleanup.temporaryFolder('symbolon-').path : resolve(options.keep);
    const rehearsal = new AlertRehearsal(script, folder, cleanup);
    const progress = progressFor(ui);
    await progress.step('Three folders, with keys, certificates and cards', () => rehearsal.makeAll());
    await progress.step('Both tables read, and their types found', () => rehearsal.addData());
    for (const side of ['left', 'right'] as const) refuseFaults(rehearsal.data[side]);
    await progress.step('The agreement drafted', () => rehearsal.draft());
    await progress.step('Two organisations and a key service started, each a process of its own', () =>
      rehearsal.start(),
    );
    await progress.step('The agreement signed by both', () => rehearsal.sign());
    await progress.step('The link, over encrypted data', (update) =>
      rehearsal.link((stage) => update(progressLine(stage))),
    );
    const start = performance.now();
    const answers = await progress.step(
      `${counted(script.events.messages.length, 'message')} of events told`,
      (update) => rehearsal.tell((count) => update(`${count} answered`)),
    );
    const seconds = (performance.now() - start) / 1000;
    const arrived = await progress.step('The alerts that arrived', () => rehearsal.arrived());
    const auditVerified = await progress.step('The logs verified', () => rehearsal.audit());
    await rehearsal.stop();
    const clear = await progress.step('Both files in the clear, and compared', async () => {
      const patients = await rehearsal.clearPatients((await clearRun(...(await rehearsal.inputs()))).pairs);
      return clearAlerts(
        script.events.told.flatMap((events) => events ?? []),
        patients,
        script.alert,
        new Date(),
      );
    });
    const report = alertReport({ file: script.events, answers, clear, arrived, auditVerified, seconds });
    if (options.keep !== undefined)
      ui.say(`Kept in ${folder}. Try: symbolon alerts list --home ${rehearsal.homes.left}`);
    const good = report.equalsClear && report.auditVerified;
    return { json: report, text: alertReportText(report), exitCode: good ? 0 : 1 };
  },
};

function scriptOf(options: Options): AlertScript {
  const { patients, members, rule, patient, born, system } = options;
  const events = readEventFile(options.events, system);
  return {
    title: 'Rehearsal of alerts',
    left: { id: 'insurer', name: 'Insurer', dataset: 'members', source: dataSource(members) },
    right: { id: 'hospital', name: 'Hospital', dataset: 'patients', source: dataSource(patients) },
    keys: { id: 'keys', name: 'Key service' },
    rule,
    pads: 'expanded',
    // By a key the hospital finds its patients whatever becomes of their records.
    terms: { partnerKey: agreedName(patient) },
    alert: alertOf(options),
    events,
    patientColumn: patient,
    birthDateColumn: born,
  };
}

const parties = { from: 'hospital', to: 'insurer' } as const;

function alertOf({ agreement, stays, born }: Options): Alert {
  if (agreement !== undefined) return { ...writtenAlert(agreement), ...parties };
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
  const codes = stays.split(',').map((code) => code.trim());
  return {
    name: 'stays',
    ...parties,
    events: codes.map((code) => ({
      name: code.toLowerCase(),
      description: `A stay of kind ${code}`,
      when: { valueSet: [{ system, codes: [code] }] },
    })),
    // Files of history are rehearsed too.
    maxAgeDays: 36_500,
    mergeMinutes: 0,
    linkDays: 30,
    ...(born === undefined ? { includes: ['minors' as const] } : {}),
  };
}

/** The agreement as a whole is checked when it is drafted. */
function writtenAlert(file: string): Alert {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`--agreement: ${file} cannot be read`, 'Check the path.');
  }
  const { value } = readSource(text, file.endsWith('.json') ? 'json' : 'yaml');
  const [alert] = (value as { alerts?: readonly Alert[] } | undefined)?.alerts ?? [];
  if (alert === undefined)
    throw new UsageError(`--agreement: ${file} has no alerts`, 'Write them as docs/alerts.md shows.');
  return alert;
}
