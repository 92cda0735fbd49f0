import type { Agreement, Card } from '@symbolon/agreement';
import type { Finding } from './check.ts';

/** Whether all parties can meet: between each two, one calls the other. */
export function reachability(
  { parties }: { readonly parties: readonly Pick<Agreement['parties'][number], 'id'>[] },
  cards: readonly Pick<Card, 'id' | 'outbound'>[],
): Finding[] {
  const callers = parties.map(({ id }) => id).filter((id) => cards.some((card) => card.id === id && card.outbound));
  const [only, ...others] = callers;
  if (only === undefined) return [];
  if (others.length === 0) {
    return [{ check: 'members', state: 'warning', text: `nobody can reach ${only}: it starts every run itself` }];
  }
  return [
    {
      check: 'members',
      state: 'fault',
      text: `${callers.join(' and ')} can never meet: both open every connection themselves, and one of two must be reachable`,
      code: 'peer-gone',
      hint: 'One of them needs a server that partners can reach (`symbolon init` without --outbound), or is left out.',
    },
  ];
}
