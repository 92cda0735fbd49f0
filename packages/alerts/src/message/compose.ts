import type { Alert } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { ClinicalEvent } from '../event.ts';
import type { AlertMessage } from './message.ts';

/** What a message says beside the event. */
export type Envelope = Pick<AlertMessage, 'id' | 'from' | 'to' | 'agreement' | 'link' | 'rows' | 'sentAt' | 'retracts'>;

/** What an alert lets its sender say of an event that is of one of its classes; a retraction says row, event, time and facility only. */
export function messageOf(_event: ClinicalEvent, _alert: Alert, _className: string, _envelope: Envelope): AlertMessage {
  throw fault('bad-document', 'messages cannot be written yet');
}

/** The first field, in words, that a message says and the alert does not allow; undefined: none. */
export function beyondAlert(_message: AlertMessage, _alert: Alert): string | undefined {
  throw fault('bad-document', 'messages cannot be read yet');
}
