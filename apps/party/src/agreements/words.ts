import { type Agreement, type LinkAgreement, linkTerms, requireLink } from '@symbolon/agreement';
import type { explainRule } from '@symbolon/linkage';

/** The terms of a link in words for a privacy officer. */
export interface LinkWords {
  /** Which pairs of rows are compared, line by line; with blocking, which matches can be missed. */
  readonly compared: readonly string[];
  /** Which of the matching pairs count. */
  readonly counted: string;
  /** Who learns what. */
  readonly learned: string;
}

/** What an agreement says of its link beside the rule. */
export function linkWords(agreement: Agreement): LinkWords {
  const link = requireLink(agreement);
  return { compared: compared(link), counted: counted(link), learned: learned(link) };
}

/** The same for an explanation of the rule; nothing where the agreement says nothing beside it. */
export function ruleTerms(agreement: LinkAgreement): NonNullable<Parameters<typeof explainRule>[1]> {
  const { cardinality, reveal, to, blocking } = linkTerms(agreement);
  if (blocking === undefined && cardinality === 'many-to-many' && reveal === 'pairs' && to.length === 2) return {};
  const words = linkWords(agreement);
  const [head, ...rest] = words.compared;
  const what = blocking === undefined ? undefined : [`Inside the secure computation are compared ${head}`, ...rest];
  return {
    compared: what?.map((line, i) => (i === 0 ? line : `  ${line}`)),
    opened: `What counts: ${words.counted}. Opened, to ${words.learned}: not which comparison matched, no score, no near miss, no record.`,
  };
}

function compared({ link: { blocking } }: LinkAgreement): string[] {
  if (blocking === undefined) return ['every row of a with every row of b'];
  const { keys, cap } = blocking;
  return [
    'only pairs of rows that agree on one of these keys:',
    ...keys.map((key, i) => `${i + 1}. ${key}`),
    `under one value of a key, at most ${cap === 1 ? 'one row' : `${cap} rows`} of each table; of more, some chosen at random`,
    'missed: a pair that agrees on no key, as where a value is wrong or lacking, or that is left out so under every key that it agrees on',
  ];
}

function counted(agreement: LinkAgreement): string {
  const { cardinality, prefer } = linkTerms(agreement);
  if (cardinality === 'many-to-many') return 'every pair that matches';
  const pick = prefer === 'best' ? "the best by the rule's weighted sum" : 'the first in a secret random order';
  return cardinality === 'many-to-one'
    ? `for each row of a, at most one row of b: of several that match, ${pick}`
    : `a row goes with at most one other: pairs in which each is the other's pick; of several that match, ${pick}`;
}

function learned(agreement: LinkAgreement): string {
  const { reveal, to } = linkTerms(agreement);
  const names = to.map((id) => agreement.parties.find((party) => party.id === id)!.name);
  const who = names.length === 1 ? `${names[0]} alone` : names.join(' and ');
  const what = {
    pairs: names.length === 1 ? 'which of its own rows match' : 'which rows belong together',
    count: 'how many pairs match, not which rows',
  }[reveal];
  return `${who}: ${what}. Nothing else, and nobody else`;
}
