import { SymbolonError } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { screenBody } from '../../../src/centre/records/screen/body.ts';
import { screenDicom } from '../../../src/centre/records/screen/dicom.ts';
import { identifierIn, identifierMask } from '../../../src/centre/records/screen/identifiers.ts';
import { compileType } from '../../../src/centre/records/types/types.ts';
import { dicomFile, type Element, plain } from './dicom-file.ts';

const masks = ['999-99-9999', 'AA999999'];
const word = { type: 'string', 'x-free-text': true, maxLength: 200 };
const list = (items: object) => ({ type: 'array', maxItems: 9, items });
const object = (properties: object, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const coding = object({ system: word, code: word, display: word });
// More than a module would take, so that it is the screening that refuses.
const reference = object({ reference: word, display: word, code: word });
const resource = object(
  {
    resourceType: { type: 'string', const: 'Observation' },
    id: word,
    text: object({ status: word, div: word }),
    identifier: list(object({ value: word })),
    status: { type: 'string', enum: ['final'] },
    code: object({ coding: list(coding), text: word }),
    subject: reference,
    valueQuantity: object({ value: { type: 'number' }, unit: { type: 'string', enum: ['mmol/L'] } }),
    note: list(object({ text: word, authorString: word })),
    contained: list(object({ resourceType: word, id: word, birthDate: word, code: coding, name: word })),
    extension: list(object({ url: word, valueHumanName: object({ family: word }), valueAddress: word })),
    _status: object({ extension: list(object({ valueIdentifier: word })) }),
  },
  ['resourceType', 'status'],
);
const typeOf = (identifiers: 'strip' | 'refuse') =>
  compileType({
    ...{ module: 'hips', name: 'lab', version: 1 },
    text: JSON.stringify({ ...resource, 'x-fhir': 'Observation', 'x-identifiers': identifiers }),
  });
const [refusing, stripping] = [typeOf('refuse'), typeOf('strip')];
const base = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '2345-7', display: 'Glucose' }], text: 'Glucose' },
  valueQuantity: { value: 5.4, unit: 'mmol/L' },
};
const screen = (body: unknown, type = refusing, signed = false) =>
  screenBody(type, { body: JSON.stringify(body), signed }, masks);

const secret = 'Anna Kowalska';
const identifying: Record<string, [part: object, path: string, rule: string]> = {
  identifier: [{ identifier: [{ value: secret }] }, '/identifier', 'fhir-identifier'],
  'an id of the source': [{ id: secret }, '/id', 'fhir-id'],
  narrative: [{ text: { status: 'generated', div: secret } }, '/text', 'fhir-narrative'],
  'a reference to a patient': [{ subject: { reference: `Patient/${secret}` } }, '/subject/reference', 'fhir-reference'],
  'a display without a reference': [{ subject: { display: secret } }, '/subject/display', 'fhir-display'],
  'a contained patient': [
    { contained: [{ resourceType: 'Patient', birthDate: secret }] },
    '/contained/0',
    'fhir-person',
  ],
  'a day of birth': [
    { contained: [{ resourceType: 'Basic', birthDate: '1980-01-02' }] },
    '/contained/0/birthDate',
    'fhir-birth-date',
  ],
  'a name in an extension': [
    { extension: [{ url: 'x', valueHumanName: { family: secret } }] },
    '/extension/0/valueHumanName',
    'fhir-name',
  ],
  'an address in an extension': [
    { extension: [{ url: 'x', valueAddress: secret }] },
    '/extension/0/valueAddress',
    'fhir-address',
  ],
  'an author by name': [{ note: [{ text: 'x', authorString: secret }] }, '/note/0/authorString', 'fhir-name'],
  'an identifier of a primitive': [
    { _status: { extension: [{ valueIdentifier: secret }] } },
    '/_status/extension/0/valueIdentifier',
    'fhir-identifier',
  ],
};

describe('a FHIR resource', () => {
  test('without anything of a person is kept as it was written', () => {
    const body = `{ "resourceType" : "Observation","status":"final", "valueQuantity": {"value": 5.40, "unit": "mmol/L"}}`;
    expect(screenBody(refusing, { body, signed: true }, masks)).toEqual({ text: body, stripped: [] });
    screen({
      ...base,
      contained: [{ resourceType: 'Basic', id: 'a', birthDate: '1980-01' }],
      subject: { reference: '#a' },
    });
  });

  test.each(Object.entries(identifying))('with %s is refused, or that is taken out', (_, [part, path, rule]) => {
    const refusal = expect.objectContaining({ code: 'record-identifies', culprit: path, message: `${path}: ${rule}` });
    expect(() => screen({ ...base, ...part })).toThrow(refusal);
    // A signature would be of something else than what is kept.
    expect(() => screen({ ...base, ...part }, stripping, true)).toThrow(refusal);
    const { text, stripped } = screen({ ...base, ...part }, stripping);
    expect(stripped).toEqual([{ path, rule }]);
    expect(text).not.toMatch(/Anna|Kowalska|1980-01-02/);
    expect(JSON.parse(text)).toMatchObject(base);
  });

  test('with several is rid of all, those of lists too', () => {
    const contained = ['Patient', 'Basic', 'Practitioner', 'Patient'].map((resourceType) => ({ resourceType }));
    const all = Object.assign({}, ...Object.values(identifying).map(([part]) => part), { contained });
    const { text, stripped } = screen({ ...base, ...all }, stripping);
    expect(JSON.parse(text).contained).toEqual([{ resourceType: 'Basic' }]);
    expect(stripped).toHaveLength(10);
    expect(text).not.toContain(secret);
  });

  test('that is a person is none that a record may be', () => {
    expect(() => screen({ resourceType: 'Patient' }, stripping)).toThrow(
      expect.objectContaining({ code: 'record-invalid' }),
    );
  });

  test('property: no place where a name is put lets it through, and no message has it', () => {
    const place = fc.constantFrom(...Object.values(identifying).map(([part]) => part));
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 4 }), fc.boolean(), (parts, strip) => {
        const body = Object.assign({}, base, ...parts);
        if (strip) {
          expect(screen(body, stripping).text).not.toMatch(/Anna|1980-01-02/);
          return;
        }
        try {
          screen(body);
          expect.unreachable();
        } catch (error) {
          if (!(error instanceof SymbolonError)) throw error;
          expect(error.code).toBe('record-identifies');
          expect(JSON.stringify([error.message, error.culprit])).not.toMatch(/Anna|1980-01-02/);
        }
      }),
    );
  });

  test('names that the type does not know are not told', () => {
    const body = { ...base, 'Anna Kowalska': { identifier: 1 } };
    expect(() => screen(body)).toThrow(expect.objectContaining({ culprit: '/*/identifier' }));
    const strange = { ...base, Kowalska: 1 };
    expect(() => screen(strange)).toThrow(
      expect.objectContaining({ code: 'record-invalid', message: expect.not.stringContaining('Kowalska') }),
    );
  });
});

describe('texts that look like identifiers', () => {
  const found: [string, string][] = [
    ['a 123-45-6789 b', 'identifier-1'],
    ['123-45-6789', 'identifier-1'],
    ['١٢٣-45-6789', 'identifier-1'],
    ['123\u{ff0d}45\u{ff0d}6789', 'identifier-1'],
    ['(ab123456)', 'identifier-2'],
    ['write to anna@example.org', 'mail-address'],
    ['call +48 (22) 123-45-67', 'telephone-number'],
  ];
  test.each(found)('%s', (text, rule) => {
    expect(identifierIn(text, masks)).toBe(rule);
    const body = { ...base, note: [{ text }] };
    expect(() => screen(body, stripping)).toThrow(
      expect.objectContaining({ code: 'record-identifies', culprit: '/note/0/text', message: `/note/0/text: ${rule}` }),
    );
  });
  test.each([
    '1123-45-6789',
    '123-45-67890',
    'xab123456',
    'ab1234567',
    '2024-01-02T10:00:00+01:00',
    'a @ b',
    '5+3=8',
    '',
  ])('not %s', (text) => {
    expect(identifierIn(text, masks)).toBeUndefined();
  });
  test('masks are of letters and digits, four at least', () => {
    for (const mask of ['999-99-9999', 'AA 9999']) identifierMask.parse(mask);
    for (const mask of ['999', '---------', '.*', '9999x']) expect(identifierMask.safeParse(mask).success).toBe(false);
  });
});

describe('a DICOM file', () => {
  const ways = [
    { syntax: '1.2.840.10008.1.2' },
    { syntax: '1.2.840.10008.1.2.1' },
    { syntax: '1.2.840.10008.1.2', delimited: true },
    { syntax: '1.2.840.10008.1.2.1', delimited: true },
  ];
  const sorted = (elements: readonly Element[]) => [...elements].sort(([a], [b]) => (a < b ? -1 : 1));
  const without = (tag: string) => plain.filter(([other]) => other !== tag);

  const bad: Record<string, [Element, string]> = {
    "the patient's name": [['0010,0010', 'PN', secret], '0010,0010'],
    "the patient's id": [['0010,0020', 'LO', '4711'], '0010,0020'],
    'the day of birth': [['0010,0030', 'DA', '19800102'], '0010,0030'],
    "another element of the patient's": [['0010,9999', 'LO', 'x'], '0010,9999'],
    'who referred': [['0008,0090', 'PN', 'Dr X'], '0008,0090'],
    'the institution': [['0008,0080', 'LO', 'Clinic'], '0008,0080'],
    'the accession number': [['0008,0050', 'SH', '1'], '0008,0050'],
    'a private element': [['0009,1001', 'LO', secret], '0009,1001'],
    comments: [['0020,4000', 'LT', secret], '0020,4000'],
    'a name in a sequence': [['0040,0275', 'SQ', [[['0040,1001', 'SH', 'x']]]], '0040,0275'],
    'a patient deep inside': [
      ['0008,1115', 'SQ', [[], [['0008,1199', 'SQ', [[['0010,0010', 'PN', secret]]]]]]],
      '0010,0010',
    ],
    'a text on an overlay': [['6000,4000', 'LT', secret], '6000,4000'],
    'something after the pixels': [['fffc,fffc', 'OB', new TextEncoder().encode(secret)], 'fffc,fffc'],
  };
  describe.each(ways)('%o', (way) => {
    test('that was de-identified is taken', () => screenDicom(dicomFile(plain, way)));

    test.each(Object.entries(bad))('with %s is refused', (_, [element, tag]) => {
      const file = dicomFile(sorted([...without(element[0]), element]), way);
      const refusal = expect.objectContaining({
        code: 'record-identifies',
        culprit: tag,
        message: expect.not.stringContaining(secret),
      });
      expect(() => screenDicom(file)).toThrow(refusal);
    });

    test('that does not say it was de-identified is refused', () => {
      expect(() => screenDicom(dicomFile(without('0012,0062'), way))).toThrow(
        expect.objectContaining({ culprit: '0012,0062' }),
      );
      const burned = sorted([...without('0028,0301'), ['0028,0301', 'CS', 'YES']]);
      expect(() => screenDicom(dicomFile(burned, way))).toThrow(expect.objectContaining({ culprit: '0028,0301' }));
    });
  });

  test('with pixels in fragments is taken; what comes after them is read', () => {
    const pixels = (more: readonly Element[] = []) => {
      const file = dicomFile([...without('7fe0,0010')], { syntax: '1.2.840.10008.1.2.4.90' });
      const fragments = [
        0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 255, 255, 255, 255, 0xfe, 255, 0, 0xe0, 4, 0, 0, 0, 1, 2, 3, 4, 0xfe,
        255, 0xdd, 0xe0, 0, 0, 0, 0,
      ];
      return new Uint8Array([...file, ...fragments, ...dicomFile(more).subarray(132 + 28)]);
    };
    screenDicom(pixels());
    const name: Element = ['7fe1,0010', 'LO', secret];
    expect(() => screenDicom(pixels([name]))).toThrow(expect.objectContaining({ code: 'record-identifies' }));
  });

  test('whose transfer syntax is not read here, or that is something else, is refused', () => {
    const refused = expect.objectContaining({ code: 'record-invalid', culprit: 'file' });
    for (const syntax of ['1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99', '1.2.3', '']) {
      expect(() => screenDicom(dicomFile(plain, { syntax }))).toThrow(refused);
    }
    const other = dicomFile(plain);
    other[0] = 0x4d;
    for (const file of [new Uint8Array(), new Uint8Array(200), other, dicomFile(plain).subarray(0, 190)]) {
      expect(() => screenDicom(file)).toThrow(refused);
    }
  });

  test('property: cut or changed, it is refused or holds no name; nothing else is thrown', () => {
    const [explicit, implicit] = ways.slice(0, 2).map((way) => dicomFile(plain, way));
    fc.assert(
      fc.property(fc.constantFrom(explicit!, implicit!), fc.nat(), fc.nat(255), fc.boolean(), (file, at, byte, cut) => {
        const changed = cut ? file.slice(0, at % file.length) : file.slice();
        if (changed.length > 0 && !cut) changed[at % file.length] = byte;
        try {
          screenDicom(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^record-/) });
        }
      }),
    );
  });
});
