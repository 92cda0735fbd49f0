import { fault } from '@symbolon/crypto';
import type { AlertMessage } from './message.ts';
import { checkedMessage } from './shape.ts';
import { at, nullFlavor, render } from './write.ts';

const maxLength = 16_384;

/** Inverse of `writeBundle`; anything that it would not write throws `bad-document`. */
export function readBundle(text: string): AlertMessage {
  if (text.length > maxLength) throw fault('bad-document', `an alert message has at most ${maxLength} characters`);
  const message = checkedMessage(fieldsOf(parse(text)));
  if (render(message) !== text)
    throw fault('bad-document', 'an alert message says more than its fields, or in another form');
  return message;
}

// ECMAScript's JSON.parse source text access: see fhir/json.ts.
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown;

function parse(text: string): Node {
  try {
    return new Node(
      parseWith(text, (key, value, { source }) => (key === 'value' && typeof value === 'number' ? source : value)),
    );
  } catch {
    throw fault('bad-document', 'an alert message is not JSON');
  }
}

/** A part of what was parsed, of which nothing is known; what is not there is undefined. */
class Node {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  get(...path: readonly (string | number)[]): Node {
    let value = this.value;
    for (const key of path) {
      const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
      value = inside ? (value as Record<string | number, unknown>)[key] : undefined;
    }
    return new Node(value);
  }

  /** What follows `prefix` in a text. */
  after(prefix: string): string | undefined {
    return typeof this.value === 'string' && this.value.startsWith(prefix)
      ? this.value.slice(prefix.length)
      : undefined;
  }
}

function fieldsOf(bundle: Node): object {
  const resource = (place: number) => bundle.get('entry', place, 'resource');
  const [head, what, who, where] = [resource(0), resource(at.focus), resource(at.patient), resource(at.facility)];
  const [agreement, alert] = head.get('eventCoding', 'system').after('urn:symbolon:agreement:')?.split(':') ?? [];
  const kind = what.get('resourceType').value;
  const id = bundle.get('identifier', 'value').value;
  const named = what.get('identifier', 0, 'value').value;
  const identifiers = who.get('identifier').value;
  const rows = Array.isArray(identifiers)
    ? identifiers.slice(0, 17).map((_, i) => Number(who.get('identifier', i, 'value').value))
    : [];
  return {
    id,
    from: head.get('source', 'name').value,
    to: head.get('destination', 0, 'name').value,
    agreement,
    alert,
    event: head.get('eventCoding', 'code').value,
    kind,
    link: who.get('identifier', 0, 'system').after('urn:symbolon:link:'),
    rows,
    sentAt: bundle.get('timestamp').value,
    facility: where.get('name').value,
    ...present({ ...focusFields(what, kind), retracts: named === id ? undefined : named }),
  };
}

function focusFields(what: Node, kind: unknown): Record<string, unknown> {
  if (kind === 'Condition') {
    return {
      time: what.get('recordedDate').value,
      code: what.get('code', 'coding', 0).value,
      practitioner: what.get('recorder', 'display').value,
    };
  }
  if (kind === 'Observation') {
    const [value, comparator, unit] = ['value', 'comparator', 'code'].map(
      (name) => what.get('valueQuantity', name).value,
    );
    return {
      time: what.get('effectiveDateTime').value,
      code: what.get('code', 'coding', 0).value,
      value: value === undefined ? undefined : { value, unit, ...present({ comparator }) },
      practitioner: what.get('performer', 0, 'display').value,
    };
  }
  const kindOfStay = what.get('class');
  return {
    time: what.get('period', 'start').value,
    code: what.get('reasonCode', 0, 'coding', 0).value,
    encounterClass: kindOfStay.get('system').value === nullFlavor ? undefined : kindOfStay.get('code').value,
    disposition: what.get('hospitalization', 'dischargeDisposition', 'coding', 0, 'code').value,
    practitioner: what.get('participant', 0, 'individual', 'display').value,
  };
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
