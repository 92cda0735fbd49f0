import type { Alert } from '@symbolon/agreement';
import { utf8 } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDecimals } from '../src/decimal.ts';
import {
  adtEvents,
  alertProblems,
  type ClinicalEvent,
  compileAlert,
  listedSensitive,
  readFhir,
  readHl7,
} from '../src/index.ts';
import { systems } from '../src/systems.ts';
import { alertOf, condition, encounter, eventOf, now, observation, refused, runs, valueSet } from './samples.ts';

const coded = (system: string, code: string): ClinicalEvent =>
  eventOf({ ...condition, code: { coding: [{ system, code }] } });
const decide = (alert: Alert, event: ClinicalEvent, birthDate: string | null = null, at = now) =>
  compileAlert(alert).decide(event, birthDate, at);

describe('value sets', () => {
  const told = (codes: string[], code: string) =>
    'tell' in decide(alertOf(valueSet(systems.icd10cm, ...codes)), coded(systems.icd10cm, code));

  test('codes alone; with a star, all below; dots and case of the ICD do not count', () => {
    expect(['I21.4', 'I214', 'i21.4', 'I21.41', 'I21', 'I22.4'].map((code) => told(['I21.4'], code))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(['I21', 'I21.4', 'I21.A1', 'I22.0', 'I2'].map((code) => told(['I21*'], code))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(['I21.4', 'I21.42', 'I21.3'].map((code) => told(['I21.4*'], code))).toEqual([true, true, false]);
  });

  test('other systems as they are written', () => {
    const alert = alertOf(valueSet(systems.snomed, '22298006'));
    expect(decide(alert, coded(systems.snomed, '22298006'))).toEqual({ tell: 'heart' });
    expect(decide(alert, coded('http://other', '22298006'))).toEqual({ withheld: 'no-class' });
    expect(decide(alert, coded(systems.snomed, '222.98006'))).toEqual({ withheld: 'no-class' });
  });

  test('kinds of stay', () => {
    expect(decide(alertOf(valueSet(systems.actCode, 'EMER', 'IMP')), eventOf(encounter))).toEqual({ tell: 'heart' });
  });
});

describe('thresholds', () => {
  const threshold = (bounds: object) =>
    alertOf({ threshold: { system: systems.loinc, code: '2823-3', unit: 'mmol/L', ...bounds } });
  const valued = (value: string, more: object = {}) =>
    eventOf(
      JSON.stringify({ ...observation, valueQuantity: { ...observation.valueQuantity, value: 0, ...more } }).replace(
        '"value":0',
        `"value":${value}`,
      ),
    );
  const met = (bounds: object, value: string, more: object = {}) =>
    'tell' in decide(threshold(bounds), valued(value, more));

  test('beyond a bound, not at it', () => {
    expect(['5.9', '6.0', '6.000000000000000001', '61e-1', '7'].map((value) => met({ above: '6.0' }, value))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(['2.5', '2.50', '2.4', '-1'].map((value) => met({ below: '2.5' }, value))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(['2', '4', '7'].map((value) => met({ above: '6', below: '2.5' }, value))).toEqual([true, false, true]);
  });

  test('a bound of the value is beyond only where all that it may be is', () => {
    expect(met({ above: '6' }, '6', { comparator: '>' })).toBe(true);
    expect(met({ above: '6' }, '6', { comparator: '>=' })).toBe(false);
    expect(met({ above: '6' }, '9', { comparator: '<' })).toBe(false);
    expect(met({ below: '3' }, '3', { comparator: '<' })).toBe(true);
    expect(met({ below: '3' }, '1', { comparator: '>' })).toBe(false);
  });

  test('of another unit, nobody can say; of a component, it counts', () => {
    const other = valued('700', { unit: 'mg/dL', code: 'mg/dL' });
    expect(decide(threshold({ above: '6' }), other)).toEqual({ withheld: 'no-class', unclear: 'unit' });
    const panel = {
      ...observation,
      code: { text: 'panel' },
      valueQuantity: undefined,
      component: [{ code: observation.code, valueQuantity: { value: 7, unit: 'mmol/L' } }],
    };
    expect(decide(threshold({ above: '6' }), eventOf(panel))).toEqual({ tell: 'heart' });
  });

  test('decimals are compared exactly', () => {
    const decimal = fc.tuple(fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.nat(9));
    const written = ([digits, scale]: [bigint, number]): string => {
      const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
      return `${digits < 0n ? '-' : ''}${text.slice(0, text.length - scale)}${scale === 0 ? '' : `.${text.slice(-scale)}`}`;
    };
    fc.assert(
      fc.property(decimal, decimal, (one, other) => {
        const [left, right] = [one[0] * 10n ** BigInt(9 - one[1]), other[0] * 10n ** BigInt(9 - other[1])];
        expect(compareDecimals(written(one), written(other))).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
      runs(500),
    );
  });
});

describe('FHIRPath', () => {
  const path = (text: string) => alertOf({ fhirPath: text });

  test.each([
    ["Encounter.class.code = 'EMER'", true],
    ["class.code = 'IMP'", false],
    [
      "Encounter.reasonCode.coding.where(system = 'http://hl7.org/fhir/sid/icd-10-cm' and code.startsWith('I21')).exists()",
      true,
    ],
    ['Condition.code.exists()', false],
    ["Encounter.period.start > @2026-01-01 and Encounter.status in ('in-progress' | 'arrived')", true],
    ['Encounter.hospitalization', false],
  ])('%s: %s', (text, met) => {
    expect(decide(path(text), eventOf(encounter))).toEqual(met ? { tell: 'heart' } : { withheld: 'no-class' });
  });

  test('what is no truth, or fails, is said to be unclear', () => {
    const unclear = { withheld: 'no-class', unclear: 'expression' };
    expect(decide(path('Encounter.class.code'), eventOf(encounter))).toEqual(unclear);
    expect(decide(path('Encounter.class.code > 5'), eventOf(encounter))).toEqual(unclear);
    expect(
      decide(
        path('Encounter.type.coding.single().code = 1'),
        eventOf({ ...encounter, type: [...encounter.type, ...encounter.type] }),
      ),
    ).toEqual(unclear);
  });

  const refusedPaths: [string, string][] = [
    ["Encounter.class.code == 'EMER'", 'line 1, column 23'],
    ["Encounter\n.class.code = 'EMER')", 'line 2, column'],
    ['subject.resolve().exists()', 'function resolve'],
    ['today() > @2026-01-01', 'function today'],
    ['now() > @2026-01-01', 'function now'],
    ["class.code.matches('(a+)+$')", 'function matches'],
    ["class.code.trace('x').exists()", 'function trace'],
    ['repeat(children()).exists()', 'function repeat'],
    ['type.select(coding).exists()', 'function select'],
    ["code.memberOf('http://x')", 'function memberOf'],
    ['%resource.class.exists()', '%resource'],
    ['a.where(b.where(c.where(d.where(e.where(f)))))', 'too large'],
  ];
  test.each(refusedPaths)('%s is refused', (text, says) => {
    const [problem] = alertProblems(path(text));
    expect(problem).toMatchObject({ at: 'events.0.when.fhirPath' });
    expect(problem!.message).toContain(says);
    expect(() => compileAlert(path(text))).toThrow(refused('agreement-invalid', 'events.0.when.fhirPath'));
  });
});

test('an expression of 400 conditions is refused', () => {
  const text = Array.from({ length: 400 }, () => 'a.b.c').join(' or ');
  expect(alertProblems(alertOf({ fhirPath: text }))[0]!.message).toContain('too large');
});

test('stars stand at the end of codes of the ICD only', () => {
  const problems = (system: string, ...codes: string[]) =>
    alertProblems(alertOf(valueSet(system, ...codes))).map(({ at }) => at);
  expect(problems(systems.icd10cm, 'I21*', 'E11.6*', 'I*21', '*', 'I*')).toEqual(
    [2, 3, 4].map((i) => `events.0.when.valueSet.0.codes.${i}`),
  );
  expect(problems(systems.snomed, '2229*')).toHaveLength(1);
  const threshold = alertOf({ threshold: { system: systems.loinc, code: '2823*', unit: '1', above: '1' } });
  expect(alertProblems(threshold).map(({ at }) => at)).toEqual(['events.0.when.threshold.code']);
});

describe('what is withheld', () => {
  const any = { fhirPath: 'true' };
  const sensitive: [string, string, string][] = [
    [systems.icd10cm, 'F10.20', 'substance-use'],
    [systems.icd10gm, 'F19.0', 'substance-use'],
    [systems.icd10, 'f17', 'substance-use'],
    [systems.icd9cm, '303.90', 'substance-use'],
    [systems.icd10cm, 'B20', 'hiv'],
    [systems.icd10cm, 'B97.35', 'hiv'],
    [systems.icd10cm, 'Z21', 'hiv'],
    [systems.icd10cm, 'O98.711', 'hiv'],
    [systems.icd9cm, '042', 'hiv'],
    [systems.icd10cm, 'F32.9', 'psychiatry'],
    [systems.icd10cm, 'F01.50', 'psychiatry'],
    [systems.icd10cm, 'F99', 'psychiatry'],
    [systems.icd9cm, '295.30', 'psychiatry'],
    ...listedSensitive().map(({ system, code, category }): [string, string, string] => [system, code, category]),
  ];
  test('sensitive events, whatever class they are of, unless that category is named', () => {
    for (const [system, code, category] of sensitive) {
      const event = coded(system, code);
      expect(decide(alertOf(any), event)).toEqual({ withheld: 'sensitive', category });
      const included = alertOf(any, { includes: ['minors', category as 'hiv'] });
      expect(decide(included, event)).toEqual({ tell: 'heart' });
      expect(compileAlert(alertOf(valueSet(system, code))).decide(event, null, now)).toEqual({
        withheld: 'sensitive',
        category,
      });
    }
  });

  test('what is near and is not sensitive', () => {
    for (const code of ['B19', 'B97.3', 'Z20', 'O98.6', 'E10', 'G30', 'I21.4']) {
      expect(decide(alertOf(any), coded(systems.icd10cm, code))).toEqual({ tell: 'heart' });
    }
    for (const code of ['306', '410.9', '041', '290']) {
      expect('tell' in decide(alertOf(any), coded(systems.icd9cm, code))).toBe(!['306', '290'].includes(code));
    }
  });

  test('one code among many is enough, also of a component and of a value', () => {
    const hidden = { ...observation, component: [{ code: { coding: [{ system: systems.loinc, code: '75622-1' }] } }] };
    expect(decide(alertOf(any), eventOf(hidden))).toEqual({ withheld: 'sensitive', category: 'hiv' });
    const value = {
      ...observation,
      valueQuantity: undefined,
      valueCodeableConcept: { coding: [{ system: systems.snomed, code: '165816005' }] },
    };
    expect(decide(alertOf(any), eventOf(value))).toEqual({ withheld: 'sensitive', category: 'hiv' });
    const both = eventOf({
      ...encounter,
      reasonCode: [
        {
          coding: [
            { system: systems.icd10cm, code: 'F10.2' },
            { system: systems.icd10cm, code: 'F32.9' },
          ],
        },
      ],
    });
    expect(decide(alertOf(any, { includes: ['minors', 'psychiatry'] }), both)).toEqual({
      withheld: 'sensitive',
      category: 'substance-use',
    });
  });

  test('and wherever a resource says so: by a label, of what it contains, without a system or with one of another name', () => {
    const coding = (system: string | undefined, code: string) => [
      { ...(system === undefined ? {} : { system }), code },
    ];
    const reason = (system: string | undefined, code: string) => ({ reasonCode: [{ coding: coding(system, code) }] });
    const hidden: [object, string][] = [
      [{ meta: { security: coding(systems.actCode, 'PSY') } }, 'psychiatry'],
      [{ meta: { security: coding(systems.actCode, 'ETH') } }, 'substance-use'],
      [{ meta: { security: coding(systems.actCode, 'HIV') } }, 'hiv'],
      [reason(undefined, 'F20.0'), 'psychiatry'],
      [reason('http://hospital.example/codes', 'F20.0'), 'psychiatry'],
      [reason('http://hl7.org/fhir/sid/icd-10-nl', 'F11'), 'substance-use'],
      [reason('urn:oid:2.16.840.1.113883.6.90', 'B20'), 'hiv'],
      [reason('urn:oid:2.16.840.1.113883.6.103', '295.30'), 'psychiatry'],
      [reason('http://snomed.info/sct/731000124108', '86406008'), 'hiv'],
      [
        { contained: [{ resourceType: 'Condition', code: { coding: coding(systems.icd10cm, 'F32.9') } }] },
        'psychiatry',
      ],
    ];
    for (const [more, category] of hidden) {
      expect(decide(alertOf(any), eventOf({ ...encounter, ...more }))).toEqual({ withheld: 'sensitive', category });
    }
    const local = { ...encounter, ...reason('http://hospital.example/wards', 'F20') };
    expect(decide(alertOf(any), eventOf(local))).toEqual({ tell: 'heart' });
  });

  test('a stay whose diagnosis came along', () => {
    const fullUrl = 'urn:uuid:11111111-1111-4111-8111-111111111111';
    const sick = { ...condition, code: { coding: [{ system: systems.icd10cm, code: 'F20.0' }] } };
    for (const more of [
      { diagnosis: [{ condition: { reference: fullUrl } }] },
      { reasonReference: [{ reference: fullUrl }] },
    ]) {
      const entry = [{ resource: { ...encounter, ...more } }, { fullUrl, resource: sick }];
      const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
      const [stay] = readFhir(utf8(JSON.stringify(bundle)), { patient: { by: 'reference' } });
      expect(decide(alertOf(any), stay!)).toEqual({ withheld: 'sensitive', category: 'psychiatry' });
    }
  });

  test('a diagnosis of HL7 v2 in a system that is not known here', () => {
    for (const dg1 of ['F20.0^Schizophrenia^L', 'F200^Schizophrenia^ICD10AM', 'F20.0^Schizophrenia']) {
      const text = `MSH|^~\\&|A|B|C|D|20260309081500||ADT^A01|1|P|2.5.1\rPID|1||123\rPV1|1|E\rDG1|1||${dg1}\r`;
      const [event] = adtEvents(readHl7(utf8(text)), { patient: { authority: null, type: null }, timeZone: 'UTC' });
      const decided = decide(alertOf(any), event!);
      expect([dg1, decided]).toEqual([dg1, { withheld: 'sensitive', category: 'psychiatry' }]);
    }
  });

  test('patients under 18 at the event, and those whose age nobody knows', () => {
    const adults: Alert = (({ includes: _, ...rest }) => rest)(alertOf(any));
    const event = eventOf(condition);
    const at = (birth: string | null) => decide(adults, event, birth);
    expect(at('2008-03-08')).toEqual({ tell: 'heart' });
    // West of Greenwich it may have been the day before.
    expect(at('2008-03-09')).toEqual({ withheld: 'sensitive', category: 'minors' });
    expect(at('2008-03-10')).toEqual({ withheld: 'sensitive', category: 'minors' });
    expect(at(null)).toEqual({ withheld: 'age-unknown' });
    // What is written where nobody knows it.
    for (const birth of ['0001-01-01', '1800-01-01']) expect(at(birth)).toEqual({ withheld: 'age-unknown' });
    expect(decide(alertOf(any), event, null)).toEqual({ tell: 'heart' });
  });

  test('events of long ago', () => {
    const event = eventOf(condition);
    const days = (count: number) => new Date(event.time + count * 86_400_000);
    expect(decide(alertOf(any), event, null, days(30))).toEqual({ tell: 'heart' });
    expect(decide(alertOf(any), event, null, days(31))).toEqual({ withheld: 'too-old' });
    expect(decide(alertOf(any, { maxAgeDays: 365 }), event, null, days(365))).toEqual({ tell: 'heart' });
  });
});

test('the first class of the agreement that an event is of: as plain search finds it', () => {
  const code = fc.stringMatching(/^[C-E][0-2][0-1](\.[0-1])?$/);
  const written = fc.tuple(code, fc.boolean()).map(([own, star]) => (star ? `${own}*` : own));
  const classes = fc.array(fc.array(written, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  const plain = (sets: readonly string[][], codes: readonly string[]): string | undefined => {
    const has = (own: string, set: readonly string[]) =>
      set.some((entry) => {
        const bare = entry.replace('.', '').replace('*', '');
        return entry.endsWith('*') ? own.replace('.', '').startsWith(bare) : own.replace('.', '') === bare;
      });
    const found = sets.findIndex((set) => codes.some((own) => has(own, set)));
    return found === -1 ? undefined : `class-${found}`;
  };
  fc.assert(
    fc.property(classes, fc.array(code, { minLength: 1, maxLength: 3 }), fc.nat(5), (sets, codes, paths) => {
      const events = sets.map((set, i) => ({
        name: `class-${i}`,
        description: 'x',
        when: valueSet(systems.icd10cm, ...set),
      }));
      // A condition of another kind among them that is never met.
      events.splice(Math.min(paths, events.length), 0, {
        name: 'never',
        description: 'x',
        when: { fhirPath: 'false' } as never,
      });
      const event = eventOf({
        ...condition,
        code: { coding: codes.map((own) => ({ system: systems.icd10cm, code: own })) },
      });
      const expected = plain(sets, codes);
      const alert = { ...alertOf({ fhirPath: 'true' }), events };
      expect(decide(alert, event)).toEqual(expected === undefined ? { withheld: 'no-class' } : { tell: expected });
    }),
    runs(200),
  );
});
