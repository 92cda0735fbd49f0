import type { ClinicalEvent } from '../event.ts';
import { facilityOf } from './encounter.ts';
import { subjectOf } from './patient.ts';
import type { ConditionResource } from './shapes.ts';
import { careGiverOf, codingsOf, eventTime, names, type Source } from './source.ts';

/** The event of a Condition: that it was recorded. */
export function conditionEvent(condition: ConditionResource, source: Source): ClinicalEvent[] {
  const { verificationStatus, code, encounter, recordedDate, onsetDateTime, onsetPeriod, recorder, asserter } =
    condition;
  const { zone, resource, patient, surroundings } = source;
  const cancelled = codingsOf(verificationStatus).some((coding) => notSo.has(coding.code));
  // An illness of years may be recorded today: that is what its event is.
  const times = {
    'Condition.recordedDate': recordedDate,
    'Condition.onsetDateTime': onsetDateTime,
    'Condition.onsetPeriod.start': onsetPeriod?.start,
    'Condition.meta.lastUpdated': condition.meta?.lastUpdated,
  };
  const stay = surroundings.encounter(encounter);
  return [
    {
      ...names(condition, 'Condition', source.hash()),
      ...subjectOf(condition.subject, 'Condition', patient, surroundings),
      kind: 'Condition',
      time: eventTime(times, zone, cancelled),
      cancelled,
      codings: codingsOf(code),
      measured: [],
      facility: stay === undefined ? null : facilityOf(stay),
      encounterClass: null,
      disposition: null,
      practitioner: careGiverOf(recorder, surroundings) ?? careGiverOf(asserter, surroundings),
      resource,
    },
  ];
}

// Of http://terminology.hl7.org/CodeSystem/condition-ver-status: the patient does not have it.
const notSo = new Set(['entered-in-error', 'refuted']);
