import type { ClinicalEvent } from '../event.ts';
import { systems } from '../systems.ts';
import { subjectOf } from './patient.ts';
import type { EncounterResource } from './shapes.ts';
import { codingOf, codingsOf, eventTime, nameOf, names, type Source } from './source.ts';

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
      practitioner: practitionerOf(encounter),
      resource,
    },
  ];
}

/** The kind of stay; null where another code system says it. */
function classOf({ class: { system = systems.actCode, code } }: EncounterResource): string | null {
  return system === systems.actCode ? (code ?? null) : null;
}

/** Who provides the care, or else where. */
export function facilityOf({ serviceProvider, location = [] }: EncounterResource): string | null {
  return nameOf(serviceProvider) ?? nameOf(location[0]?.location);
}

// Of http://terminology.hl7.org/CodeSystem/v3-ParticipationType: attender, primary performer, admitter.
const inCharge = ['ATND', 'PPRF', 'ADM'];

function practitionerOf({ participant = [] }: EncounterResource): string | null {
  const as = (role: string) =>
    participant.find(({ type = [] }) => codingsOf(...type).some(({ code }) => code === role));
  const found = inCharge.map(as).find((one) => one !== undefined);
  return nameOf((found ?? participant[0])?.individual);
}
