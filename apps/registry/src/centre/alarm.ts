import type { Database } from '@symbolon/service';

/** Kinds of what administrators should look at. */
export const alarms = [
  /** A session was opened and not answered in time: the card may have been asked for another purpose. */
  'offer-lapsed',
  /** A card was replaced, or its replacement waits for a confirmation. */
  'card-replaced',
  /** Records were opened without the patient's card. */
  'break-glass',
  /** Nobody has looked at such an access in time. */
  'review-overdue',
  /** Answers of a physician were refused more often than mistakes explain. */
  'many-failures',
  /** Somebody tried to register a card of a patient who has one. */
  'second-enrolment',
  /** The client could not tell whether the patient's card is still good. */
  'card-status',
  /** Others' records were read, and nothing was added. */
  'read-without-record',
  /** More was read than this physician is used to. */
  'unusual-volume',
  /** The module refuses what it is told. */
  'notice-refused',
] as const;
/** One of {@link alarms}. */
export type AlarmKind = (typeof alarms)[number];

/** An alarm. `text` holds nothing of a record. */
export interface Alarm {
  readonly alarm: AlarmKind;
  readonly module: string;
  /** Internal number. */
  readonly patient: number | null;
  readonly physician: string | null;
  readonly installation: string | null;
  readonly text: string;
  /** Whether the patient has to be told, through the module. */
  readonly tellPatient: boolean;
}

/** Keeps alarms, in the transaction of what they are about, and tells the module. */
export interface AlarmBook {
  raise(alarm: Alarm, within: Database): Promise<void>;
}
