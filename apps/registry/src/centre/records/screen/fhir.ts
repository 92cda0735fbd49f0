// FHIR R4 (hl7.org/fhir/R4): what of a resource can say who somebody is, and where it came from. Elements by their names, whatever holds them: a record
// type lists which elements there are, this is what none of them may be.

/** Elements that name people and places, and the rule that is told. */
const elements: Readonly<Record<string, string>> = {
  identifier: 'fhir-identifier',
  name: 'fhir-name',
  telecom: 'fhir-telecom',
  address: 'fhir-address',
  photo: 'fhir-photo',
  contact: 'fhir-contact',
  birthDate: 'fhir-birth-date',
  // Values of extensions and answers of the types of those elements.
  valueIdentifier: 'fhir-identifier',
  valueHumanName: 'fhir-name',
  valueContactPoint: 'fhir-telecom',
  valueAddress: 'fhir-address',
  valueContactDetail: 'fhir-contact',
  valueAttachment: 'fhir-attachment',
  authorString: 'fhir-name',
};
/** Resources that are people. */
const people = [
  'Patient',
  'Person',
  'RelatedPerson',
  'Practitioner',
  'PractitionerRole',
  'Group',
  'Organization',
  'Location',
];

/** What may not stand in a record. */
export interface Finding {
  /** JSON Pointer (RFC 6901). */
  readonly path: readonly (string | number)[];
  readonly rule: string;
}

/** What of a resource could say who the patient is; of what is found in another, the outer one alone. */
export function identifyingElements(resource: unknown): Finding[] {
  const found: Finding[] = [];
  visit(resource, [], found);
  return found;
}

function visit(value: unknown, path: readonly (string | number)[], found: Finding[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => void visit(item, [...path, i], found));
    return;
  }
  const object = value as Readonly<Record<string, unknown>>;
  const whole = ruleOfObject(object, path);
  if (whole !== undefined) {
    found.push({ path, rule: whole });
    return;
  }
  for (const [key, member] of Object.entries(object)) {
    const rule = ruleOfElement(key, object, path);
    if (rule === undefined) visit(member, [...path, key], found);
    else found.push({ path: [...path, key], rule });
  }
}

function ruleOfObject(object: Readonly<Record<string, unknown>>, path: readonly unknown[]): string | undefined {
  const { resourceType, contentType } = object;
  if (typeof resourceType === 'string' && people.includes(resourceType)) return 'fhir-person';
  // An Attachment: a picture, a letter.
  if (path.length > 0 && contentType !== undefined) return 'fhir-attachment';
  return undefined;
}

function ruleOfElement(
  key: string,
  object: Readonly<Record<string, unknown>>,
  path: readonly unknown[],
): string | undefined {
  // _birthDate holds extensions of birthDate.
  const name = key.replace(/^_/, '');
  const { [key]: member } = object;
  if (Object.hasOwn(elements, name)) return isYear(name, member) ? undefined : elements[name];
  if (name === 'id' && path.length === 0) return 'fhir-id';
  if (name === 'text' && typeof member === 'object') return 'fhir-narrative';
  if (name === 'div') return 'fhir-narrative';
  if (name === 'reference' && !isInside(member)) return 'fhir-reference';
  // The display of a Coding is of its code; any other is of what is referred to.
  if (name === 'display' && object.code === undefined) return 'fhir-display';
  return undefined;
}

/** A year, or a year and a month, is not the day of birth. */
function isYear(name: string, value: unknown): boolean {
  return name === 'birthDate' && typeof value === 'string' && /^\d{4}(-\d{2})?$/.test(value);
}

/** Another resource of the same record. */
function isInside(reference: unknown): boolean {
  return typeof reference === 'string' && /^#[A-Za-z0-9.-]{1,64}$/.test(reference);
}
