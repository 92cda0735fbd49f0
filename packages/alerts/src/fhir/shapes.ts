import { z } from 'zod';

// The parts of FHIR R4 that are read, each as the standard has it; what else a resource says is left alone.

const text = z.string().max(4096);

const coding = z.object({ system: z.string().max(255).optional(), code: z.string().max(255).optional() });
const concept = z.object({ coding: z.array(coding).optional(), text: text.optional() });
const identifier = z.object({ system: z.string().max(255).optional(), value: z.string().max(255).optional() });
const reference = z.object({
  reference: text.optional(),
  type: text.optional(),
  identifier: identifier.optional(),
  display: text.optional(),
});
const period = z.object({ start: z.string().optional(), end: z.string().optional() });
const resourceId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/, 'must be an id: letters, digits, - and .');
const base = {
  id: resourceId.optional(),
  meta: z.object({ lastUpdated: z.string().optional() }).optional(),
};

export const patientShape = z.object({
  resourceType: z.literal('Patient'),
  ...base,
  identifier: z.array(identifier).optional(),
  birthDate: z
    .string()
    .regex(/^\d{4}(-\d\d(-\d\d)?)?$/, 'must be a date')
    .optional(),
});
export type PatientResource = z.output<typeof patientShape>;

export const encounterShape = z.object({
  resourceType: z.literal('Encounter'),
  ...base,
  identifier: z.array(identifier).optional(),
  status: z.enum([
    'planned',
    'arrived',
    'triaged',
    'in-progress',
    'onleave',
    'finished',
    'cancelled',
    'entered-in-error',
    'unknown',
  ]),
  class: coding,
  type: z.array(concept).optional(),
  serviceType: concept.optional(),
  subject: reference.optional(),
  participant: z.array(z.object({ type: z.array(concept).optional(), individual: reference.optional() })).optional(),
  period: period.optional(),
  reasonCode: z.array(concept).optional(),
  hospitalization: z.object({ dischargeDisposition: concept.optional() }).optional(),
  location: z.array(z.object({ location: reference })).optional(),
  serviceProvider: reference.optional(),
});
export type EncounterResource = z.output<typeof encounterShape>;

export const conditionShape = z.object({
  resourceType: z.literal('Condition'),
  ...base,
  identifier: z.array(identifier).optional(),
  verificationStatus: concept.optional(),
  code: concept.optional(),
  subject: reference,
  encounter: reference.optional(),
  onsetDateTime: z.string().optional(),
  onsetPeriod: period.optional(),
  recordedDate: z.string().optional(),
  recorder: reference.optional(),
  asserter: reference.optional(),
});
export type ConditionResource = z.output<typeof conditionShape>;

// Numbers come as the text that the source wrote: see json.ts.
const quantity = z.object({
  value: z
    .string()
    .max(64)
    .regex(/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,2})?$/, 'must be a decimal number')
    .optional(),
  comparator: z.enum(['<', '<=', '>=', '>']).optional(),
  unit: z.string().max(64).optional(),
  system: z.string().max(255).optional(),
  code: z.string().max(64).optional(),
});
export type Quantity = z.output<typeof quantity>;

const observed = {
  code: concept,
  valueQuantity: quantity.optional(),
  valueCodeableConcept: concept.optional(),
};

export const observationShape = z.object({
  resourceType: z.literal('Observation'),
  ...base,
  identifier: z.array(identifier).optional(),
  status: z.enum([
    'registered',
    'preliminary',
    'final',
    'amended',
    'corrected',
    'cancelled',
    'entered-in-error',
    'unknown',
  ]),
  subject: reference.optional(),
  encounter: reference.optional(),
  effectiveDateTime: z.string().optional(),
  effectiveInstant: z.string().optional(),
  effectivePeriod: period.optional(),
  issued: z.string().optional(),
  performer: z.array(reference).optional(),
  ...observed,
  component: z.array(z.object(observed)).optional(),
});
export type ObservationResource = z.output<typeof observationShape>;

export const bundleShape = z.object({
  resourceType: z.literal('Bundle'),
  type: z.enum(['transaction', 'batch', 'collection', 'message']),
  entry: z.array(z.object({ fullUrl: text.optional(), resource: z.unknown().optional() })).optional(),
});

export type Concept = z.output<typeof concept>;
export type FhirCoding = z.output<typeof coding>;
export type Reference = z.output<typeof reference>;
