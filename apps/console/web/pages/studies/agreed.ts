import type { Answer } from '../../api/operations.ts';

export type Agreement = Answer<'getAgreement'>;
export type Study = Answer<'getStudy'>;
export type Run = Answer<'getStudyRun'>;
export type Explanation = Answer<'explainStudy'>;
export type Terms = NonNullable<Agreement['agreement']['studies']>;
export type Column = Terms['tables'][string]['columns'][string];
export type Template = NonNullable<Terms['templates']>[number];

/** What somebody's house may ask under an agreement beyond what it lists; nothing where it is not in force. */
export function askable(
  { state, agreement }: Agreement,
  self: string,
): { free: Terms['free']; templates: readonly Template[] } {
  const studies = agreement.studies;
  if (state !== 'active' || studies === undefined) return { free: undefined, templates: [] };
  const { free, templates = [] } = studies;
  return { free: free?.by.includes(self) ? free : undefined, templates };
}

/** Name of a house by its id, as the agreement has it. */
export function nameOf({ agreement }: Pick<Agreement, 'agreement'>, id: string): string {
  return agreement.parties.find((party) => party.id === id)?.name ?? id;
}
