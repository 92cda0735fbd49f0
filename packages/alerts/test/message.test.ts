import type { Card } from '@symbolon/agreement';
import {
  base64url,
  documentBytes,
  fromUtf8,
  generateSigningKey,
  insecureTestRng,
  SymbolonError,
  signDocument,
  utf8,
} from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beyondAlert, messageOf, openMessage, readBundle, signMessage, writeBundle } from '../src/index.ts';
import { systems } from '../src/systems.ts';
import {
  adtEvent,
  alertOf,
  anyMessage,
  encounter,
  eventOf,
  hospitalCard,
  hospitalKey,
  observation,
  refused,
  runs,
  valueSet,
} from './samples.ts';

const envelope = {
  id: base64url(new Uint8Array(16).fill(7)),
  from: 'hospital',
  to: 'insurer',
  agreement: base64url(new Uint8Array(32).fill(1)),
  link: 'a1',
  rows: [3, 12],
  sentAt: '2026-03-10T12:00:00.000Z',
};
const heart = valueSet(systems.icd10cm, 'I21*');
const all = ['code', 'value', 'encounter-class', 'disposition', 'practitioner'] as const;
const adm = (message?: (typeof all)[number][]) => alertOf(heart, message === undefined ? {} : { message });

describe('what a message says', () => {
  test('by default where, when, what class, which row: nothing else', () => {
    const event = adtEvent('A01', { 'PV1-7': '1^Strange^Stephen', 'PV1-36': '01' }, ['DG1|1||I21.4^NSTEMI^I10C']);
    const least = {
      ...envelope,
      alert: 'admissions',
      event: 'heart',
      kind: 'Encounter',
      time: '2026-03-09T12:15:00.000Z',
      facility: 'GENERAL',
    };
    expect(messageOf(event, adm(), 'heart', envelope)).toEqual(least);
    const code = { system: systems.icd10cm, code: 'I21.4' };
    expect(messageOf(event, adm(['code']), 'heart', envelope)).toEqual({ ...least, code });
    const more = { code, encounterClass: 'EMER', disposition: '01', practitioner: 'Stephen Strange' };
    expect(messageOf(event, adm([...all]), 'heart', envelope)).toEqual({ ...least, ...more });
    const { id: retracts } = envelope;
    const id = base64url(new Uint8Array(16));
    expect(messageOf(event, adm([...all]), 'heart', { ...envelope, id, retracts })).toEqual({ ...least, id, retracts });
  });

  test('the code that put it into its class, and never the kind of stay instead', () => {
    const codes = [
      { system: systems.icd10cm, code: 'E11.9' },
      { system: systems.icd10cm, code: 'I21.9' },
    ];
    const event = eventOf({ ...encounter, reasonCode: [{ coding: codes }] });
    expect(messageOf(event, adm(['code']), 'heart', envelope).code).toEqual(codes[1]);
    const stay = alertOf(valueSet(systems.actCode, 'EMER'), { message: ['code'] });
    expect(messageOf(event, stay, 'heart', envelope)).not.toHaveProperty('code');
  });

  test('the value that lies beyond the threshold, with its digits', () => {
    const threshold = { threshold: { system: systems.loinc, code: '2823-3', unit: 'mmol/L', above: '6.0' } };
    const event = eventOf(JSON.stringify(observation).replace('6.1', '6.10'));
    const message = messageOf(event, alertOf(threshold, { message: ['value'] }), 'heart', envelope);
    expect(message.value).toEqual({ value: '6.10', unit: 'mmol/L' });
    expect(writeBundle(message)).toContain('"value":6.10,');
  });

  test('a receiver sees what goes beyond its agreement', () => {
    const event = adtEvent('A01', {}, ['DG1|1||I21.4^NSTEMI^I10C']);
    const message = messageOf(event, adm(['code']), 'heart', envelope);
    expect(beyondAlert(message, adm(['code']))).toBeUndefined();
    expect(beyondAlert(message, adm())).toContain('code');
    expect(beyondAlert({ ...message, retracts: message.id }, adm(['code']))).toContain('code');
    expect(beyondAlert({ ...message, event: 'other' }, adm(['code']))).toContain('other');
  });
});

describe('Bundles', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const text = writeBundle(message);
        expect(readBundle(text)).toEqual(message);
        const { entry } = JSON.parse(text) as { entry: { fullUrl: string; resource: { resourceType: string } }[] };
        expect(entry.map(({ resource }) => resource.resourceType)).toEqual([
          'MessageHeader',
          message.kind,
          'Patient',
          'Organization',
        ]);
        // Every reference leads to an entry.
        const urls = new Set(entry.map(({ fullUrl }) => fullUrl));
        expect(urls.size).toBe(4);
        for (const [, url] of text.matchAll(/"reference":"([^"]+)"/g)) expect(urls).toContain(url);
      }),
      runs(300),
    );
  });

  test('that say more, less or otherwise are refused', () => {
    const text = writeBundle(messageOf(adtEvent('A01'), adm(), 'heart', envelope));
    const bundle = () =>
      JSON.parse(text) as { entry: { resource: Record<string, unknown> }[]; [name: string]: unknown };
    const changes: ((bundle_: ReturnType<typeof bundle>) => void)[] = [
      (b) => Object.assign(b, { meta: {} }),
      (b) => Object.assign(b.entry[2]!.resource, { name: [{ family: 'Doe' }] }),
      (b) => Object.assign(b.entry[1]!.resource, { text: 'a note' }),
      (b) =>
        Object.assign(b.entry[1]!.resource, { reasonCode: [{ coding: [{ system: 's', code: 'a', display: 'b' }] }] }),
      (b) => Object.assign(b.entry[2]!.resource, { identifier: [{ system: 'urn:symbolon:link:a1', value: '007' }] }),
      (b) =>
        Object.assign(b.entry[2]!.resource, {
          identifier: Array(17).fill({ system: 'urn:symbolon:link:a1', value: '1' }),
        }),
      (b) => b.entry.pop(),
      (b) => b.entry.push(b.entry[0]!),
    ];
    for (const change of changes) {
      const changed = bundle();
      change(changed);
      expect(() => readBundle(JSON.stringify(changed))).toThrow(refused('bad-document'));
    }
    expect(readBundle(JSON.stringify(bundle()))).toBeDefined();
    for (const other of [` ${text}`, '{}', '[]', 'null', '', text.slice(1), 'x'.repeat(20_000)]) {
      expect(() => readBundle(other)).toThrow(refused('bad-document'));
    }
  });

  test('whatever is changed in one, it is refused or is another message', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.string({ maxLength: 3 }), fc.nat(3), (message, place, put, cut) => {
        const text = writeBundle(message);
        const at = place % text.length;
        const changed = text.slice(0, at) + put + text.slice(at + cut);
        try {
          expect(writeBundle(readBundle(changed))).toBe(changed);
        } catch (error) {
          expect(error).toEqual(refused('bad-document'));
        }
      }),
      runs(1000),
    );
  });
});

describe('signed messages', () => {
  const message = messageOf(adtEvent('A01'), adm(), 'heart', envelope);
  const document = signMessage(message, hospitalKey);

  test('are opened with the card of who signed them', () => {
    expect(openMessage(document, hospitalCard)).toEqual(message);
    const other = generateSigningKey(insecureTestRng('other'));
    const card = { id: 'hospital', signingKey: base64url(other.publicKey) } as Card;
    expect(() => openMessage(document, card)).toThrow(refused('document-signer'));
    expect(() => openMessage(document, { ...hospitalCard, id: 'clinic' } as Card)).toThrow(
      refused('document-signer', 'clinic'),
    );
  });

  test('of another kind, with more in them, or too large are refused', () => {
    const bundle = writeBundle(message);
    const open = (typ: string, payload: unknown) => () =>
      openMessage(documentBytes(signDocument(typ, payload, hospitalKey)), hospitalCard);
    expect(open('symbolon-alert', { bundle })).not.toThrow();
    expect(open('symbolon-notice', { bundle })).toThrow(refused('document-type'));
    for (const payload of [{ bundle, more: 1 }, { bundle: 5 }, {}, null, [bundle]]) {
      expect(open('symbolon-alert', payload)).toThrow(refused('bad-document'));
    }
    expect(() => openMessage(new Uint8Array(40_000), hospitalCard)).toThrow(refused('bad-document'));
  });

  test('with any byte changed are refused', () => {
    for (let at = 0; at < document.length; at += 7) {
      const changed = document.slice();
      changed[at]! ^= 1;
      expect(() => openMessage(changed, hospitalCard)).toThrow(SymbolonError);
    }
    expect(fromUtf8(document)).not.toContain('Encounter');
    expect(() => openMessage(utf8('nonsense'), hospitalCard)).toThrow(SymbolonError);
  });
});
