import type { ClinicalEvent } from '../event.ts';
import { systems } from '../systems.ts';
import { type Surroundings, subjectOf } from './patient.ts';
import type { EncounterResource } from './shapes.ts';
import { careGiverOf, codingOf, codingsOf, eventTime, nameOf, names, type Source } from './source.ts';

/** The event of an Encounter: that it ended, if it is finished, else that it began. Planned: none yet. */
export function encounterEvent(encounter: EncounterResource, source: Source): ClinicalEvent[] {
  const { status, class: kind, type = [], serviceType, reasonCode = [], period, hospitalization, meta } = encounter;
  if (status === 'planned') return [];
  const { zone, resource, patient, surroundings } = source;
  const cancelled = status === 'cancelled' || status === 'entered-in-error';
  const end = status === 'finished' ? { 'Encounter.period.end': period?.end } : {};
  const times = {
    ...end,
    'Encounter.period.start': period?.start,
    'Encounter.meta.lastUpdated': meta?.lastUpdated,
  };
  const disposition = hospitalization?.dischargeDisposition;
  return [
    {
      ...names(encounter, 'Encounter', source.hash()),
      ...subjectOf(encounter.subject, 'Encounter', patient, surroundings),
      kind: 'Encounter',
      time: eventTime(times, zone, cancelled),
      cancelled,
      codings: [...codingOf(kind), ...codingsOf(...type, serviceType, ...reasonCode)],
      measured: [],
      facility: facilityOf(encounter),
      encounterClass: classOf(encounter),
      disposition: disposition?.coding?.[0]?.code ?? null,
      practitioner: practitionerOf(encounter, surroundings),
      resource,
      ...diagnosesAlong(resource, surroundings),
    },
  ];
}

/** The kind of stay; null where another code system says it. */
function classOf({ class: { system = systems.actCode, code } }: EncounterResource): string | null {
  return system === systems.actCode ? (code ?? null) : null;
}

/** Who provides the care. Not the location: it may be a ward, or somebody's home. */
export function facilityOf({ serviceProvider }: EncounterResource): string | null {
  return nameOf(serviceProvider);
}

// Of http://terminology.hl7.org/CodeSystem/v3-ParticipationType: attender, primary performer, admitter.
const inCharge = ['ATND', 'PPRF', 'ADM'];

function practitionerOf({ participant = [] }: EncounterResource, surroundings: Surroundings): string | null {
  const as = (role: string) =>
    participant.find(({ type = [] }) => codingsOf(...type).some(({ code }) => code === role));
  const found = inCharge.map(as).find((one) => one !== undefined);
  return careGiverOf(found?.individual ?? participant[0]?.individual, surroundings, found !== undefined);
}

/** What it names as its diagnoses and reasons, beside codes. */
function diagnosesAlong(resource: unknown, surroundings: Surroundings): Pick<ClinicalEvent, 'along'> {
  const { diagnosis, reasonReference } = resource as { diagnosis?: unknown; reasonReference?: unknown };
  const conditions = listOf(diagnosis).map((one) => (one as { condition?: unknown } | null)?.condition);
  const along = [...conditions, ...listOf(reasonReference)]
    .map((reference) => surroundings.find(reference))
    .filter((found) => found !== undefined);
  return along.length === 0 ? {} : { along };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
