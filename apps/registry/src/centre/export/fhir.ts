import { base64 } from '@symbolon/crypto';
import type { ExportedAccess, ExportedConsent, ExportedRecord, ExportIds } from './collect.ts';

// FHIR R4 (hl7.org/fhir/R4). AuditEvents as IHE Basic Audit Log Patterns (BALP) have them for reading a patient's record.

/** A resource. */
export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

const terminology = 'http://terminology.hl7.org/CodeSystem';
const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
const patientOf = (ids: ExportIds, patient: number) => ({ reference: `Patient/${ids.id('patient', patient)}` });
const physicianOf = (ids: ExportIds, physician: string) => ({
  reference: `Practitioner/${ids.id('physician', physician)}`,
});

/** Resources that call the patient so; all others say subject. */
const sayPatient = ['AllergyIntolerance', 'Immunization', 'ImmunizationRecommendation', 'FamilyMemberHistory'];

/** A record as a resource: the one that it is, or Basic with the body as it was written. */
export function recordResource(
  record: ExportedRecord,
  fhir: string | undefined,
  ids: ExportIds,
  module: string,
): Resource {
  const id = ids.id('record', record.name);
  const meta = { versionId: String(record.version), security: [groupOf(record.group)] };
  const patient = patientOf(ids, record.patient);
  if (fhir !== undefined) {
    const body = JSON.parse(record.body) as object;
    return { ...body, resourceType: fhir, id, meta, [sayPatient.includes(fhir) ? 'patient' : 'subject']: patient };
  }
  return {
    resourceType: 'Basic',
    ...{ id, meta },
    extension: [{ url: 'urn:symbolon:record:body', valueString: record.body }],
    code: coding(`urn:symbolon:record-type:${module}`, record.type),
    subject: patient,
    created: record.recordedAt.slice(0, 10),
  };
}

/**
 * Who wrote a record, with the health professional's signature where there is one.
 * @param signed what was signed (`recordText`): ids of the registry are in it only hashed
 */
export function provenanceResource(
  record: ExportedRecord,
  of: { readonly fhir: string | undefined; readonly signed: Uint8Array | undefined },
  ids: ExportIds,
): Resource {
  const who = physicianOf(ids, record.physician);
  const { signature, certificate } = record;
  return {
    resourceType: 'Provenance',
    id: ids.id('record', `provenance of ${record.name}`),
    target: [{ reference: `${of.fhir ?? 'Basic'}/${ids.id('record', record.name)}` }],
    recorded: record.recordedAt,
    activity: coding(`${terminology}/v3-DataOperation`, record.version === 1 ? 'CREATE' : 'UPDATE'),
    agent: [
      {
        type: coding(`${terminology}/provenance-participant-type`, 'author'),
        who,
        onBehalfOf: { identifier: { system: 'urn:symbolon:institution', value: record.institution } },
      },
    ],
    ...(signature === null || of.signed === undefined
      ? {}
      : {
          signature: [
            {
              extension: [{ url: 'urn:symbolon:record:signed', valueBase64Binary: base64(of.signed) }],
              type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
              when: record.recordedAt,
              who: { ...who, identifier: { system: 'urn:symbolon:certificate', value: certificate } },
              data: base64(signature),
            },
          ],
        }),
  };
}

/** What somebody was let read. */
export function consentResource(consent: ExportedConsent, ids: ExportIds, now: string): Resource {
  const { id, kind, patient, physician, groups, from, until, closed } = consent;
  const end = closed ?? until;
  return {
    resourceType: 'Consent',
    id: ids.id('consent', id),
    status: end > now ? 'active' : 'inactive',
    scope: coding(`${terminology}/consentscope`, 'patient-privacy'),
    category: [coding('http://loinc.org', '59284-0')],
    patient: patientOf(ids, patient),
    dateTime: from,
    policyRule: coding(`${terminology}/v3-ActCode`, kind === 'break-glass' ? 'EMRGONLY' : 'OPTIN'),
    provision: {
      type: 'permit',
      period: { start: from, end },
      actor: [{ role: coding(`${terminology}/v3-ParticipationType`, 'PRCP'), reference: physicianOf(ids, physician) }],
      purpose: [{ system: `${terminology}/v3-ActReason`, code: kind === 'break-glass' ? 'ETREAT' : 'TREAT' }],
      securityLabel: groups.map(groupOf),
    },
  };
}

/** Who read what. */
export function auditResource(access: ExportedAccess, ids: ExportIds, observer: string): Resource {
  const { id, by, what, record, basis, at, patient } = access;
  const objectRole = (code: string) => ({ system: `${terminology}/object-role`, code });
  const entityType = (code: string) => ({ system: `${terminology}/audit-entity-type`, code });
  const exported = what === 'exported';
  return {
    resourceType: 'AuditEvent',
    id: ids.id('access', id),
    type: exported
      ? { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110106', display: 'Export' }
      : { system: `${terminology}/audit-event-type`, code: 'rest' },
    ...(exported
      ? {}
      : {
          subtype: [
            { system: 'http://hl7.org/fhir/restful-interaction', code: what === 'read' ? 'read' : 'search-type' },
          ],
        }),
    action: what === 'listed' ? 'E' : 'R',
    recorded: at,
    outcome: '0',
    agent: [
      {
        type: coding('http://dicom.nema.org/resources/ontology/DCM', '110153'),
        who: basis === 'administration' ? { display: by } : physicianOf(ids, by),
        requestor: true,
        purposeOfUse: [coding(`${terminology}/v3-ActReason`, purposeCodes[basis])],
      },
    ],
    source: { observer: { display: observer } },
    entity: [
      { what: patientOf(ids, patient), type: entityType('1'), role: objectRole('1') },
      ...(record === null
        ? []
        : [
            { what: { identifier: { value: ids.id('record', record) } }, type: entityType('2'), role: objectRole('4') },
          ]),
    ],
  };
}

const purposeCodes: Readonly<Record<ExportedAccess['basis'], string>> = {
  own: 'TREAT',
  consent: 'TREAT',
  'break-glass': 'ETREAT',
  patient: 'PATRQT',
  administration: 'HOPERAT',
};

function groupOf(group: string) {
  return { system: 'urn:symbolon:confidentiality-group', code: group };
}
