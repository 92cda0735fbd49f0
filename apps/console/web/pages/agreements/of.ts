import type { Answer } from '../../api/operations.ts';
import { texts } from '../../texts/index.ts';

export type Info = Answer<'getAgreement'>;
export type Terms = Info['agreement'];

const words = texts.agreements;

/** Name of a party by its id, as the agreement has it. */
export function nameOf({ parties, keyService }: Terms, id: string): string {
  return [...parties, keyService].find((party) => party.id === id)?.name ?? id;
}

/** What an agreement allows, in a word each. */
export function aboutOf({ link, studies, alerts, outsourcing }: Terms): string {
  const { about } = words;
  return [
    ...(link === undefined ? [] : [about.link]),
    ...(studies === undefined ? [] : [about.studies]),
    ...(alerts === undefined ? [] : [about.alerts]),
    ...(outsourcing === undefined ? [] : [about.outsourcing]),
  ].join(', ');
}

/** Whether it can still be signed, answered or declined by those who have not. */
export function isProposed({ state }: Info): boolean {
  return state === 'proposed' || state === 'countered';
}

/** Where an agreement stands in the list. @param self id of this organisation */
export function groupOf(info: Info, self: string): keyof typeof words.groups {
  const { state, missing } = info;
  if (state === 'draft' || (isProposed(info) && missing.includes(self))) return 'here';
  if (isProposed(info)) return 'others';
  if (state === 'active' || state === 'signed') return 'force';
  return state === 'suspended' ? 'rest' : 'over';
}
