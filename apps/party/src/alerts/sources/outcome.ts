import type { SymbolonError } from '@symbolon/crypto';

// FHIR R4, value set issue-type.
const types: Readonly<Record<string, string>> = {
  'alert-event': 'invalid',
  'event-from-future': 'business-rule',
  'alerts-full': 'throttled',
  'storage-full': 'no-store',
  'database-unavailable': 'transient',
  'body-too-large': 'too-long',
  'not-found': 'not-found',
  unauthenticated: 'login',
  'request-invalid': 'structure',
};

/** What went wrong, as FHIR says it. */
export function operationOutcome({ code, message, culprit, hint }: SymbolonError): object {
  const issue = {
    severity: 'error',
    code: types[code] ?? 'exception',
    details: { coding: [{ system: 'urn:symbolon:error', code }], text: message },
    diagnostics: hint,
    ...(code === 'alert-event' && culprit !== undefined && /^[A-Z]/.test(culprit) ? { expression: [culprit] } : {}),
  };
  return { resourceType: 'OperationOutcome', issue: [issue] };
}

/** That it was taken in. */
export const allOk = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', details: { text: 'taken in' } }],
};

/** What a source may do here (FHIR R4, CapabilityStatement). */
export function capabilities(now: Date): object {
  const resource = (type: string) => ({ type, interaction: [{ code: 'create' }, { code: 'update' }] });
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: now.toISOString(),
    kind: 'instance',
    implementation: { description: 'Symbolon: takes in medical events; nothing can be read' },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: { description: 'A bearer token of the source' },
        resource: ['Encounter', 'Condition', 'Observation'].map(resource),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
      },
    ],
  };
}
