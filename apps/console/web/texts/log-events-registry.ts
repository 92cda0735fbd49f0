import type { LogFields, Sentences } from './log-events.ts';

const said = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
const count = (value: unknown): string => Number(value ?? 0).toLocaleString('en');
const physician = ({ physician: id }: LogFields): string =>
  said(id) === '' ? 'a physician' : `the physician ${said(id)}`;
const at = ({ module }: LogFields): string => (said(module) === '' ? '' : ` (module ${said(module)})`);
const upper = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const spaced = (value: unknown): string => said(value).replaceAll('-', ' ');
const purposes: Readonly<Record<string, string>> = {
  enrol: 'to enrol',
  consent: 'to open records',
  'break-glass': 'in an emergency, without the card',
};
const to = ({ operation }: LogFields): string => purposes[said(operation)] ?? `to ${spaced(operation)}`;

/** What happened at a module or a central server of a registry, in a sentence, by the kind of the entry. Patients have numbers there, or none. */
export const registryEvents: Sentences = {
  'physician-applied': (f) => `${upper(physician(f))} applied`,
  'physician-state': (f) => `${said(f.by)} set ${physician(f)} to: ${said(f.state)}`,
  'physician-certificate-added': (f) => `${said(f.by)} added a certificate of ${physician(f)}`,
  'physician-certificate-dropped': (f) => `${said(f.by)} dropped a certificate of ${physician(f)}`,
  'physician-logged-in': (f) => `${upper(physician(f))} logged in at ${said(f.installation)}${at(f)}`,
  'physician-logged-out': (f) => `${upper(physician(f))} logged out at ${said(f.installation)}`,
  'institution-set': (f) => `${said(f.by)} entered the institution ${said(f.institution)}`,
  'installation-set': (f) => `${said(f.by)} entered the installation ${said(f.installation)}`,
  'relation-asked': (f) => `${upper(physician(f))} named a patient at ${said(f.installation)}`,
  'relations-asked': (f) => `${upper(physician(f))} named ${count(f.count)} patients at ${said(f.installation)}`,
  'relation-settled': () => 'A patient who was named is known now',
  'card-shown': () => 'A card of a patient was shown',
  'card-revoked': () => 'A card of a patient was ended',
  'card-replaced': () => 'A card of a patient was replaced',
  'person-checked': (f) =>
    `The card of a patient answered ${to(f)}, at ${said(f.installation)}: status ${said(f.status)}`,
  'person-confirmed': (f) => `${said(f.by)} confirmed without a card who the patient is, ${to(f)}`,
  'replacement-decided': (f) => `${said(f.by)} decided on the replacement of a card: ${said(f.decision)}`,
  'ticket-given': (f) => `${upper(physician(f))} got a ticket ${to(f)}, at ${said(f.installation)}`,
  'ticket-key-shown': (f) => `${said(f.by)} had the key of tickets ${said(f.name)} shown`,
  'patients-searched': (f) => `${said(f.by)} searched for a patient`,
  'patient-shown': (f) => `${said(f.by)} looked at patient ${said(f.patient)}`,
  'patient-erased': (f) => `${said(f.by)} erased patient ${said(f.patient)}`,
  'identities-changed': (f) =>
    f.what === 'undo'
      ? `${said(f.by)} took change ${said(f.change)} of identities back`
      : f.what === 'split'
        ? `${said(f.by)} split patient ${said(f.from)}: two people`
        : `${said(f.by)} merged patient ${said(f.from)} into ${said(f.to)}: one person`,
  'duplicate-dismissed': (f) => `${said(f.by)} decided that two identities are two people`,
  'right-asked': (f) => `${said(f.by)} asked for a right of a patient: ${spaced(f.right)}`,
  'right-done': (f) => `The right of a patient was done at the central server: ${spaced(f.right)}`,
  'centre-told-again': (f) => `${said(f.by)} had the central server told again`,
  'pseudonym-key-made': (f) => `The key of pseudonyms ${said(f.key)} was made`,
  'pseudonym-key-first-used': (f) => `The key of pseudonyms ${said(f.key)} was used for the first time`,
  'pseudonym-key-change-begun': (f) => `${said(f.by)} began to change the key of pseudonyms to ${said(f.key)}`,
  'pseudonym-key-change-ended': (f) => `The key of pseudonyms is ${said(f.key)} now`,
  'pseudonyms-evaluated': (f) => `${count(f.count)} pseudonyms were computed`,
  alarm: (f) => `Alarm: ${spaced(f.alarm)}${said(f.physician) === '' ? '' : `, ${physician(f)}`}${at(f)}`,
  'alarm-seen': (f) => `${said(f.by)} saw to an alarm`,
  'consent-session': (f) => `${upper(physician(f))} began ${to(f)}${at(f)}`,
  'consent-answer': (f) => `The card answered ${physician(f)} ${to(f)}${at(f)}`,
  'consent-refused': (f) => `A ${said(f.step)} of ${physician(f)} was refused (${said(f.code)})${at(f)}`,
  'record-refused': (f) => `What ${physician(f)} asked of records was refused (${said(f.code)})${at(f)}`,
  'consent-lapsed': (f) => `Nobody answered in time what ${physician(f)} began ${to(f)}${at(f)}`,
  'record-added': (f) => `The physician ${said(f.by)} added a record (${said(f.type)})${at(f)}`,
  'record-changed': (f) => `The physician ${said(f.by)} changed a record (${said(f.type)})${at(f)}`,
  'record-file-added': (f) => `The physician ${said(f.by)} added a file to a record${at(f)}`,
  'record-listed': (f) => `The physician ${said(f.by)} listed records of a patient${at(f)}`,
  'record-read': (f) => `The physician ${said(f.by)} read a record of a patient${at(f)}`,
  'record-exported': (f) => `The physician ${said(f.by)} exported own records${at(f)}`,
  'patient-viewed': (f) => `A patient looked at who had read what${at(f)}`,
  'patient-exported': (f) => `A patient took a copy of the own records${at(f)}`,
  'record-type-added': (f) => `${said(f.by)} added the record type ${said(f.name)}, version ${said(f.version)}${at(f)}`,
  'records-exported': (f) => `${said(f.by)} exported ${count(f.records)} records${at(f)}`,
  'export-deleted': (f) => `${said(f.by)} deleted an export${at(f)}`,
  'study-asked': (f) => `${said(f.by)} asked a study of records${at(f)}`,
  'study-approved': (f) => `${said(f.by)} approved a study of records${at(f)}`,
  'study-refused': (f) => `${said(f.by)} refused a study of records${at(f)}`,
  'study-run': (f) => `${said(f.by)} ran a study of records${at(f)}`,
  'access-reviewed': (f) => `${said(f.by)} looked into an access without the card: ${spaced(f.finding)}`,
  'review-overdue': (f) => `Alarm: nobody looked in time into an access without the card${at(f)}`,
  'centre-key': (f) => `Key ${said(f.number)} of the central server was made`,
  'notice-taken': (f) => `The module ${said(f.module)} told of: ${spaced(f.about)}`,
  'erasure-replayed': () => 'A patient who had been erased was here again, and was erased again',
};
