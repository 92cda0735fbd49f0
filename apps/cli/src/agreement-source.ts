import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type Agreement, type Reading, readWritten, verifyAgreement, type WrittenAgreement } from '@symbolon/agreement';
import { fault, fromUtf8, parseDocument } from '@symbolon/crypto';
import { withOrganisation } from './organisation.ts';

/** A file in which somebody has written an agreement. */
export interface AgreementSource {
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

/** The file that was typed, if it is one; else what was typed is a hash. JSON by its ending, else YAML. */
export function sourceOf(typed: string): AgreementSource | undefined {
  if (!existsSync(typed)) return undefined;
  return { text: readFileSync(typed, 'utf8'), format: extname(typed).toLowerCase() === '.json' ? 'json' : 'yaml' };
}

/**
 * The agreement that was typed: a file that somebody has written, a signed document, or the hash of one that is kept in an organisation's folder.
 * @throws SymbolonError `agreement-invalid` naming the line, `not-found`, …
 */
export async function agreementOf(typed: string, home: string): Promise<WrittenAgreement> {
  const source = sourceOf(typed);
  if (source === undefined)
    return withOrganisation(home, async ({ agreements }) => (await agreements.show(typed)).agreement);
  const signed = signedIn(typed);
  if (signed !== undefined) return signed;
  const reading = readWritten(source.text, source.format);
  requireNone(typed, reading);
  return reading.written!;
}

/** The agreement of a signed document; undefined where the file is none. */
function signedIn(file: string): Agreement | undefined {
  const bytes = readFileSync(file);
  if (!fromUtf8(bytes.subarray(0, 12)).startsWith('{"payload":')) return undefined;
  return verifyAgreement(parseDocument(bytes)).agreement;
}

function requireNone(file: string, { problems: [first, ...others] }: Reading): void {
  if (first === undefined) return;
  const { line, column, field, rule } = first;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw fault('agreement-invalid', `${file}:${line}:${column}: ${field === '' ? 'it' : field} ${rule}${more}`, {
    culprit: field === '' ? file : field,
    hint: `All of it: symbolon agreement check ${file}`,
  });
}
