import { SymbolonError, utf8 } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import { acknowledge, adtEvents, compileAlert, readFhir, readHl7, readNdjsonLine } from '../src/index.ts';
import { adt, alertOf, condition, encounter, hl7Options, now, observation } from './samples.ts';

const rounds = process.env.SLOW === '1' ? 1_000_000 : 8_000;

/** Numbers from 0 to n−1, the same in each run (xorshift). */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

/** A few bytes changed, doubled, taken out or put in, mostly those that mean something. */
function mutated(bytes: Uint8Array, below: (n: number) => number, meaning: Uint8Array): Uint8Array {
  const changed = [...bytes];
  for (let times = 1 + below(4); times > 0; times--) {
    const at = below(changed.length + 1);
    const byte = below(4) === 0 ? below(256) : meaning[below(meaning.length)]!;
    const kind = below(4);
    if (kind === 0) changed.splice(at, 1, byte);
    else if (kind === 1) changed.splice(at, 0, byte);
    else if (kind === 2) changed.splice(at, below(12));
    else changed.splice(at, 0, ...changed.slice(at, at + below(40)));
  }
  return Uint8Array.from(changed);
}

/** Runs `read` on mutants. Nothing but a SymbolonError leaves it. @returns how many it took */
function survive(samples: readonly Uint8Array[], meaning: string, read: (bytes: Uint8Array) => void): number {
  const below = numbers(20260309);
  let taken = 0;
  for (let i = 0; i < rounds; i++) {
    const bytes = mutated(samples[i % samples.length]!, below, utf8(meaning));
    try {
      read(bytes);
      taken += 1;
    } catch (error) {
      if (!(error instanceof SymbolonError))
        throw new Error(`at ${JSON.stringify(new TextDecoder().decode(bytes))}`, { cause: error });
    }
  }
  return taken;
}

const rule = compileAlert(alertOf({ fhirPath: "Encounter.class.code = 'EMER' or Observation.value > 5" }));

test('HL7 that was changed is read, or refused with an error that can be acknowledged', () => {
  const samples = [
    adt('A01', { 'PV1-3': 'A^B^C^D&E', 'PV1-7': '1^S\\T\\S' }, ['DG1|1||I21.4^x^I10C~J^y^SCT']),
    adt('A08', { 'PV1-45': '20260309101112.1234-0500' }),
  ];
  const taken = survive(samples, '|^~\\&\r\n"0129AMSHZ \u00e4', (bytes) => {
    const message = readHl7(bytes);
    expect(readHl7(acknowledge(message, 'AE', 'x', now)).controlId.length).toBeLessThanOrEqual(
      message.controlId.length,
    );
    for (const event of adtEvents(message, hl7Options)) rule.decide(event, event.birthDate, now);
  });
  expect(taken).toBeGreaterThan(rounds / 20);
});

test('FHIR that was changed is read or refused', () => {
  const bundle = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [{ fullUrl: 'urn:uuid:1', resource: condition }, { resource: observation }],
  };
  const samples = [encounter, condition, observation, bundle].map((resource) => utf8(JSON.stringify(resource)));
  const taken = survive(samples, '{}[]",:0129.-TZe \\unl\u00e4', (bytes) => {
    for (const event of readFhir(bytes, { patient: { by: 'reference' } })) rule.decide(event, event.birthDate, now);
    readNdjsonLine(bytes, { patient: { by: 'reference' } });
  });
  expect(taken).toBeGreaterThan(rounds / 20);
});

test('bytes at random are refused', () => {
  const below = numbers(7);
  for (let i = 0; i < rounds; i++) {
    const bytes = Uint8Array.from({ length: below(200) }, () => below(256));
    expect(() => readHl7(bytes)).toThrow(SymbolonError);
    expect(() => readFhir(bytes, { patient: { by: 'reference' } })).toThrow(SymbolonError);
  }
});
