/** URIs by which FHIR R4 knows code systems (https://terminology.hl7.org). */
export const systems = {
  icd10cm: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd10: 'http://hl7.org/fhir/sid/icd-10',
  icd10gm: 'http://fhir.de/CodeSystem/bfarm/icd-10-gm',
  icd9cm: 'http://hl7.org/fhir/sid/icd-9-cm',
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  /** Kinds of stay: EMER, IMP, AMB; and as HL7 v2 has them: E, I, O. */
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  patientClass: 'http://terminology.hl7.org/CodeSystem/v2-0004',
  disposition: 'http://terminology.hl7.org/CodeSystem/v2-0112',
  ucum: 'http://unitsofmeasure.org',
} as const;

const icd: ReadonlySet<string> = new Set([systems.icd10cm, systems.icd10, systems.icd10gm, systems.icd9cm]);

/** Whether codes of a system are those of the International Classification of Diseases: longer ones are below shorter ones. */
export function isIcd(system: string): boolean {
  return icd.has(system);
}

/** One spelling of a code: in the ICD, `e11.65` and `E1165` are the same. */
export function spelling(system: string, code: string): string {
  return isIcd(system) ? code.replace('.', '').toUpperCase() : code;
}

// HL7 table 0396, its object identifiers, and what is often written instead. Senders in the United States mean ICD-10-CM by I10.
const named: readonly [RegExp, readonly string[]][] = [
  [/^(I10C|ICD-?10-?CM|2\.16\.840\.1\.113883\.6\.90)$/, [systems.icd10cm]],
  [/^(I10|ICD-?10|2\.16\.840\.1\.113883\.6\.3)$/, [systems.icd10cm, systems.icd10]],
  [/^(I10G\d*|ICD-?10-?GM(-?\d{4})?)$/, [systems.icd10gm]],
  [/^(I9C?|I9CDX|ICD-?9(-?CM)?|2\.16\.840\.1\.113883\.6\.10[34])$/, [systems.icd9cm]],
  [/^(SCT|SNOMED-?CT|SNOMED|2\.16\.840\.1\.113883\.6\.96)$/, [systems.snomed]],
  [/^(LN|LOINC|2\.16\.840\.1\.113883\.6\.1)$/, [systems.loinc]],
];

const icdShape = /^[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?$/;
const icdDotted = /^[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}$/;

// What names the same systems otherwise: object identifiers, and editions of SNOMED CT.
const otherwise: readonly [RegExp, string][] = [
  [/^urn:oid:2\.16\.840\.1\.113883\.6\.90$/, systems.icd10cm],
  [/^urn:oid:2\.16\.840\.1\.113883\.6\.3$/, systems.icd10],
  [/^urn:oid:2\.16\.840\.1\.113883\.6\.10[34]$/, systems.icd9cm],
  [/^(urn:oid:2\.16\.840\.1\.113883\.6\.96$|http:\/\/snomed\.info\/sct\/)/, systems.snomed],
  [/^urn:oid:2\.16\.840\.1\.113883\.6\.1$/, systems.loinc],
];
const all: ReadonlySet<string> = new Set(Object.values(systems));

/** The URI by which a system is known here, whatever else it is called; its own if it is not known. */
export function sameSystem(system: string): string {
  if (all.has(system)) return system;
  return otherwise.find(([pattern]) => pattern.test(system))?.[1] ?? system;
}

/** Whether a code of a system that is not known here may be one of ICD-10: it looks so, and nothing says that it is of another. */
export function likeIcd(system: string, code: string): boolean {
  if (all.has(system)) return false;
  const shape = system === '' || /icd|\bi10/i.test(system) ? icdShape : icdDotted;
  return shape.test(code.trim().toUpperCase());
}

/** The code systems that a code of HL7 v2 may be of. One that names none, and looks like the ICD, is taken for that. */
export function systemsOf(name: string, code: string): readonly string[] {
  if (name === '') return icdShape.test(code) ? [systems.icd10cm, systems.icd10] : [];
  return named.find(([pattern]) => pattern.test(name.toUpperCase()))?.[1] ?? [];
}
