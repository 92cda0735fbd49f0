import { type Agreement, agreementHash, parseAgreement, type VerifiedAgreement } from '@symbolon/agreement';
import { canonicalBytes, fault, type Json } from '@symbolon/crypto';

/** A changed version of a proposal, which answers it and would stand in its place. @param changes a JSON merge patch of the proposal */
export function answerTo({ agreement, hash }: VerifiedAgreement, changes: unknown): Agreement {
  const changed = parseAgreement(canonicalBytes(mergePatch(agreement as unknown as Json, changes as Json)));
  for (const field of ['kind', 'version', 'predecessor', 'parties'] as const) {
    if (sameJson(changed[field], agreement[field])) continue;
    throw fault('request-invalid', `${field}: cannot be changed by an answer`, {
      culprit: field,
      hint: 'Draft a new agreement instead.',
    });
  }
  const answer = parseAgreement(canonicalBytes({ ...changed, counters: hash }));
  if (agreementHash(parseAgreement(canonicalBytes({ ...changed, ...countersOf(agreement) }))) !== hash) return answer;
  throw fault('request-invalid', 'an answer changes something of the proposal');
}

function countersOf({ counters }: Agreement): { counters?: string } {
  return counters === undefined ? {} : { counters };
}

/** RFC 7396 §2: members of the patch replace those of the target, objects member by member; null removes. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = { ...(isObject(target) ? target : {}) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(Object.hasOwn(result, name) ? result[name] : undefined, value);
  }
  return result;
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameJson(one: unknown, other: unknown): boolean {
  return Buffer.from(canonicalBytes(one)).equals(canonicalBytes(other));
}
