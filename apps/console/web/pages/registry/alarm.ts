import type { Answer } from '../../api/operations.ts';
import { texts } from '../../texts/index.ts';

const words = texts.registry.alarms;

/** An alarm as it is shown, of a module or a central server. */
export interface ShownAlarm {
  readonly id: number;
  readonly text: string;
  readonly remarks: readonly string[];
  /** Whom it concerns: the numbers that this server has for them. */
  readonly whom: readonly string[];
  readonly at: string;
  readonly seenBy: string | null;
  readonly note: string | null;
}

interface Concerned {
  readonly patient: number | null;
  readonly physician: string | null;
  readonly installation: string | null;
}

const whomOf = ({ patient, physician, installation }: Concerned): string[] => [
  ...(patient === null ? [] : [words.patient(patient)]),
  ...(physician === null ? [] : [words.physician(physician.slice(0, 8))]),
  ...(installation === null ? [] : [words.installation(installation)]),
];

export const alarmsOf = {
  module: (items: readonly Answer<'listRegistryAlarms'>['items'][number][]): ShownAlarm[] =>
    items.map(({ raisedAt, ofCentre, tellPatient, ...alarm }) => ({
      ...alarm,
      at: raisedAt,
      whom: whomOf(alarm),
      remarks: [...(ofCentre ? [words.ofCentre] : []), ...(tellPatient ? [words.tell] : [])],
    })),
  centre: (items: readonly Answer<'listAlarms'>['items'][number][]): ShownAlarm[] =>
    items.map(({ module, ...alarm }) => ({ ...alarm, whom: whomOf(alarm), remarks: [module] })),
};
