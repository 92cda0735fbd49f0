import type { ClinicalEvent, Measurement } from '../event.ts';
import { systems } from '../systems.ts';
import { facilityOf } from './encounter.ts';
import { subjectOf } from './patient.ts';
import type { Concept, ObservationResource, Quantity } from './shapes.ts';
import { careGiverOf, codingsOf, eventTime, names, type Source } from './source.ts';

/** The event of an Observation: when what was measured was so. Registered: none yet. */
export function observationEvent(observation: ObservationResource, source: Source): ClinicalEvent[] {
  const {
    status,
    encounter,
    effectiveDateTime,
    effectiveInstant,
    effectivePeriod,
    issued,
    component = [],
  } = observation;
  if (status === 'registered') return [];
  const { zone, resource, patient, surroundings } = source;
  const cancelled = status === 'cancelled' || status === 'entered-in-error';
  const times = {
    'Observation.effectiveDateTime': effectiveDateTime,
    'Observation.effectiveInstant': effectiveInstant,
    'Observation.effectivePeriod.end': effectivePeriod?.end,
    'Observation.effectivePeriod.start': effectivePeriod?.start,
    'Observation.issued': issued,
    'Observation.meta.lastUpdated': observation.meta?.lastUpdated,
  };
  const stay = surroundings.encounter(encounter);
  const parts = [observation, ...component];
  return [
    {
      ...names(observation, 'Observation', source.hash()),
      ...subjectOf(observation.subject, 'Observation', patient, surroundings),
      kind: 'Observation',
      time: eventTime(times, zone, cancelled),
      cancelled,
      codings: parts.flatMap(({ code, valueCodeableConcept }) => codingsOf(code, valueCodeableConcept)),
      measured: parts.flatMap(measurement),
      facility: stay === undefined ? null : facilityOf(stay),
      encounterClass: null,
      disposition: null,
      practitioner: careGiverOf(observation.performer?.[0], surroundings),
      resource,
    },
  ];
}

function measurement({ code, valueQuantity }: { code: Concept; valueQuantity?: Quantity | undefined }): Measurement[] {
  if (valueQuantity?.value === undefined) return [];
  const { value, comparator, system, unit = '' } = valueQuantity;
  const own = (system === systems.ucum ? valueQuantity.code : undefined) ?? unit;
  return [{ codings: codingsOf(code), value, unit: own, ...(comparator === undefined ? {} : { comparator }) }];
}
