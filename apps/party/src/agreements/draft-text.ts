import { type Agreement, memberOf, readAgreement } from '@symbolon/agreement';
import type { Home } from '@symbolon/service';
import { requireComputable } from './computable.ts';

/**
 * An agreement that somebody has written, members by their cards where it names them by id alone. Throws `agreement-invalid` naming the line,
 * `unknown-organisation`, `study-…`, `rule-…`.
 */
export async function draftText(source: string, format: 'yaml' | 'json', { card, partners }: Home): Promise<Agreement> {
  const agreement = readAgreement(source, format, (id) => memberOf(id === card.id ? card : partners.get(id)));
  await requireComputable(agreement);
  return agreement;
}
