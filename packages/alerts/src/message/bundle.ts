import { fault } from '@symbolon/crypto';
import type { AlertMessage } from './message.ts';

/** A message as FHIR JSON: a Bundle in the shape of HL7 Da Vinci Unsolicited Notifications. */
export function writeBundle(_message: AlertMessage): string {
  throw fault('bad-document', 'messages cannot be written yet');
}

/** Inverse of {@link writeBundle}; anything that it would not write throws `bad-document`. */
export function readBundle(_text: string): AlertMessage {
  throw fault('bad-document', 'messages cannot be read yet');
}
