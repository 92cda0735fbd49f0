import type { Answer } from '../../api/operations.ts';
import { texts } from '../../texts/index.ts';

const words = texts.data;
type Agreements = Answer<'listAgreements'>['items'];

/** States in which an agreement allows nothing, and never will again. */
const over: readonly string[] = ['revoked', 'declined', 'expired', 'amended'];

/** As agreements call a column: small letters, digits and underscores, no digit first. */
function agreedName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return (/^[0-9]/.test(plain) || plain === '' ? `_${plain}` : plain).slice(0, 63);
}

/**
 * What agreements allow with each column of a data set, in words.
 * @param own id of this organisation
 * @returns by name of the column
 */
export function usesOf(
  dataset: { readonly name: string; readonly columns: readonly { readonly name: string }[] },
  agreements: Agreements,
  own: string,
): ReadonlyMap<string, readonly string[]> {
  const uses = new Map<string, string[]>();
  for (const { title, state, agreement } of agreements) {
    if (over.includes(state)) continue;
    for (const { name } of dataset.columns) {
      const found = [
        ...inLinks(agreement, dataset.name, agreedName(name), title, own),
        ...inStudies(agreement, dataset.name, agreedName(name), title, own),
      ];
      if (found.length > 0) uses.set(name, [...(uses.get(name) ?? []), ...found]);
    }
  }
  return uses;
}

type Agreement = Agreements[number]['agreement'];

function inLinks({ tables }: Agreement, dataset: string, column: string, title: string, own: string): string[] {
  return Object.values(tables ?? {})
    .filter((table) => table.party === own && table.dataset === dataset && Object.hasOwn(table.columns, column))
    .map(() => words.inRule(title));
}

function inStudies({ studies }: Agreement, dataset: string, column: string, title: string, own: string): string[] {
  return Object.values(studies?.tables ?? {})
    .filter(({ holders }) => holders.some((holder) => holder.party === own && holder.dataset === dataset))
    .flatMap(({ columns }) => columns[column] ?? [])
    .map(({ policy }) => words.may(words.policies[policy] ?? policy, title));
}
