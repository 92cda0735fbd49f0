import { isLoopback } from '@symbolon/service';
import { z } from 'zod';
import { datasetName } from '../api/datasets.ts';

const path = z.string().min(1).max(4096);
const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be like admissions-2: lower case, digits, hyphens');

/** How FHIR resources name their patient: by the id in `subject.reference`, or by an identifier of one system. */
const fhirPatient = z
  .discriminatedUnion('by', [
    z.strictObject({
      by: z.literal('reference'),
      /** Address of the server whose absolute references are meant too, like https://ehr.example/fhir. */
      base: z
        .url({ protocol: /^https?$/ })
        .max(1000)
        .optional(),
    }),
    z.strictObject({ by: z.literal('identifier'), system: z.string().min(1).max(1000) }),
  ])
  .default({ by: 'reference' });

/** Of times that stand without an offset: `Europe/Berlin`, `+01:00`. */
const timeZone = z
  .string()
  .max(64)
  .refine((text) => isZone(text), 'must be a time zone, like Europe/Berlin or +01:00')
  .default('UTC');

const listener = {
  host: z.string().min(1).max(255).default('127.0.0.1'),
  /** 0: any that is free, which the server's log names. */
  port: z.int().min(0).max(65_535),
  maxConnections: z.int().min(1).max(4096).default(64),
};

/** `home`: the certificate that the organisation's key issued. Or files of another, PEM. None: plain, on this machine only. */
const certificate = z.union([z.literal('home'), z.strictObject({ certificate: path, key: path })]);

const folder = z.strictObject({
  name,
  kind: z.literal('folder'),
  /** A folder into which files of FHIR NDJSON are written: *.ndjson. */
  path,
  patient: fhirPatient,
  timeZone,
});

const fhir = z
  .strictObject({
    name,
    kind: z.literal('fhir'),
    ...listener,
    tls: certificate.optional(),
    patient: fhirPatient,
    timeZone,
  })
  .refine(
    ({ tls, host }) => tls !== undefined || isLoopback(host),
    'needs tls where others than this machine reach it',
  );

const mllp = z
  .strictObject({
    name,
    kind: z.literal('mllp'),
    ...listener,
    /** With the authorities (PEM) that issue the certificates of whoever may send: MLLP has no other way to know them. */
    tls: z.strictObject({ own: certificate.default('home'), clients: path }).optional(),
    /** A connection on which no message comes for so long is closed. */
    idleSeconds: z.int().min(1).max(86_400).default(600),
    /** A message is to come whole within so long of its first byte. */
    messageSeconds: z.int().min(1).max(3600).default(30),
    /**
     * Which identifier of PID-3 is the patient's: the first of this assigning authority and type. One of them at least: the number that another hospital
     * gave may be that of somebody else here.
     */
    patient: z
      .strictObject({
        authority: z.string().min(1).max(227).nullable().default(null),
        type: z.string().min(1).max(20).nullable().default(null),
      })
      .prefault({})
      .refine(
        ({ authority, type }) => authority !== null || type !== null,
        'must name the authority or the type of the identifier in PID-3 that is the patient\'s, like {"authority": "SALLY"}',
      ),
    timeZone,
  })
  .refine(
    ({ tls, host }) => tls !== undefined || isLoopback(host),
    'needs tls where others than this machine reach it',
  );

/** Where events come from. */
export const sourceSettings = z.discriminatedUnion('kind', [folder, fhir, mllp]);

/** {@link sourceSettings}, defaults filled in. */
export type SourceSettings = z.output<typeof sourceSettings>;
export type FolderSettings = z.output<typeof folder>;
export type FhirSettings = z.output<typeof fhir>;
export type MllpSettings = z.output<typeof mllp>;

/** What sources and rules have to know of an own data set, by its name. */
export const patientSettings = z.record(
  datasetName,
  z.strictObject({
    /** By what sources name patients, where the agreement names no key column. */
    patientColumn: z.string().min(1).max(255).optional(),
    /** Dates of birth, where sources do not say them. */
    birthDateColumn: z.string().min(1).max(255).optional(),
  }),
);

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
