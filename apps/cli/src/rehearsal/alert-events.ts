import { readFileSync } from 'node:fs';
import {
  adtEvents,
  type ClinicalEvent,
  type FhirPatient,
  firstPatientOf,
  type Hl7Patient,
  readHl7,
  readNdjsonLine,
} from '@symbolon/alerts';
import { fault, SymbolonError, utf8 } from '@symbolon/crypto';

/** How the events of a rehearsal name their patients, and in which form they come. */
export type EventForm =
  | { readonly kind: 'fhir'; readonly patient: FhirPatient }
  | { readonly kind: 'hl7'; readonly patient: Hl7Patient };

/** A file of events: lines of FHIR NDJSON, or HL7 v2 messages one after the other. */
export interface EventFile {
  readonly form: EventForm;
  /** As a source sends them. */
  readonly messages: readonly Uint8Array[];
  /** What each tells; undefined: it cannot be read. */
  readonly told: readonly (readonly ClinicalEvent[] | undefined)[];
}

const timeZone = 'UTC';

/** Reads a file of events. @param system of the identifiers by which FHIR resources name their patients; by reference, if absent */
export function readEventFile(path: string, system?: string): EventFile {
  const text = textOf(path);
  const form: EventForm = /^\s*MSH/.test(text)
    ? { kind: 'hl7', patient: hl7Patient(path, text) }
    : { kind: 'fhir', patient: system === undefined ? { by: 'reference' } : { by: 'identifier', system } };
  const parts =
    form.kind === 'hl7' ? text.trim().split(/[\r\n]+(?=MSH)/) : text.split('\n').filter((line) => line.trim() !== '');
  if (parts.length === 0 || parts[0] === '') {
    throw fault('data-malformed', `${path} holds no event`, {
      culprit: path,
      hint: 'Give FHIR NDJSON or HL7 v2 messages.',
    });
  }
  const messages = parts.map((part) => utf8(form.kind === 'hl7' ? part.replace(/[\r\n]+/g, '\r') : part));
  return { form, messages, told: messages.map((message) => eventsOf(message, form)) };
}

/** As the first message names its patient: by that authority, else by that type, all are to. */
function hl7Patient(path: string, text: string): Hl7Patient {
  const [first = ''] = text.trim().split(/[\r\n]+(?=MSH)/, 1);
  const found = firstPatientOf(readHl7(utf8(first.replace(/[\r\n]+/g, '\r'))));
  if (found !== undefined) return found;
  throw fault('data-malformed', `${path} does not say whose identifiers name its patients`, {
    culprit: path,
    hint: 'PID-3 of the first message must have an assigning authority (CX.4) or a type (CX.5): 123^^^GENERAL^MR.',
  });
}

function eventsOf(message: Uint8Array, form: EventForm): readonly ClinicalEvent[] | undefined {
  try {
    if (form.kind === 'fhir') return readNdjsonLine(message, { patient: form.patient, timeZone });
    return adtEvents(readHl7(message), { patient: form.patient, timeZone });
  } catch (error) {
    if (error instanceof SymbolonError && error.code === 'alert-event') return undefined;
    throw error;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw fault('not-found', `${path} cannot be read`, { culprit: path, hint: 'Check the path.' });
  }
}
