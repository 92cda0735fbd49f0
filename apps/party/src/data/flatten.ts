/**
 * Turns a nested JSON object (a FHIR resource) into columns:
 *
 * - `birthDate` stays `birthDate`; members of an object are joined by `_`: `maritalStatus.text` → `maritalStatus_text`.
 * - Of a list, its first entry counts: `name[0].family` → `name_family`; a list of plain values is joined by blanks:
 *   `name[0].given` → `name_given` = 'Anna Maria', `address[0].line` → `address_line`.
 * - Entries of `identifier` that carry a type code also give `identifier_CODE`: `identifier_MR`, `identifier_SS`.
 * - `extension`, `meta`, `text` and `contained` are left out, and so is what lies more than four levels deep.
 */
export function flatten(object: Record<string, unknown>, put: (column: string, value: JsonScalar) => void): void {
  for (const [key, value] of Object.entries(object)) {
    if (!skipped.has(key) || typeof value !== 'object') member(key, value, put, 1);
  }
  if (Array.isArray(object.identifier)) identifiers(object.identifier, put);
}

export type JsonScalar = string | number | boolean;

const skipped = new Set(['extension', 'modifierExtension', 'meta', 'text', 'contained']);
const maxDepth = 4;

function member(name: string, value: unknown, put: (column: string, value: JsonScalar) => void, depth: number): void {
  if (isScalar(value)) put(name, value);
  else if (typeof value !== 'object' || value === null || depth > maxDepth) return;
  else if (Array.isArray(value)) {
    if (value.length > 1 && value.every(isScalar)) put(name, value.join(' '));
    else member(name, value[0], put, depth + 1);
  } else {
    for (const [key, inner] of Object.entries(value)) {
      if (!skipped.has(key) || isScalar(inner)) member(`${name}_${key}`, inner, put, depth + 1);
    }
  }
}

function identifiers(list: readonly unknown[], put: (column: string, value: JsonScalar) => void): void {
  const seen = new Set<string>();
  for (const entry of list as { value?: unknown; type?: { coding?: { code?: unknown }[] } }[]) {
    const code = entry?.type?.coding?.[0]?.code;
    if (typeof code !== 'string' || !isScalar(entry.value) || seen.has(code)) continue;
    seen.add(code);
    put(`identifier_${code}`, entry.value);
  }
}

function isScalar(value: unknown): value is JsonScalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
