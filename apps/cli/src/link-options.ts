import type { DraftParams } from '@symbolon/party';
import type { Command } from 'commander';
import { UsageError } from './ui.ts';

/** What a link may be told beside its rule. */
export interface LinkOptions {
  block: string[];
  cap?: string;
  cardinality?: string;
  prefer?: string;
  learn: string;
  count?: true;
}

/** The terms that they come to. */
export type LinkTerms = Pick<DraftParams, 'blocking' | 'cardinality' | 'prefer' | 'learn' | 'reveal'>;

const defaultCap = 4;
const mostCap = 16;
const cardinalities = ['many-to-many', 'many-to-one', 'one-to-one'] as const;

/** The options of pairs that are compared and that count, and of who learns them: the same wherever a link is described. */
export function linkOptions(command: Command): Command {
  return command
    .option('--block <sql>', 'compare only pairs that agree on this key, or another one given so', more, [])
    .option(
      '--cap <count>',
      `rows of a table that are compared under one value of a key, 1 to ${mostCap}; ${defaultCap} if absent`,
    )
    .option('--cardinality <kind>', 'many-to-many, many-to-one (a row of a goes with at most one of b) or one-to-one')
    .option('--prefer <which>', 'of several that match: first (in a secret random order) or best')
    .option('--learn <side>', 'who learns the result: a, b or both', 'both')
    .option('--count', 'how many pairs match, not which');
}

export function linkTermsOf({ block, cap, cardinality, prefer, learn, count }: LinkOptions): LinkTerms {
  if (cap !== undefined && block.length === 0) throw new UsageError('--cap is for blocking keys: give --block too');
  const blocking = { keys: block, cap: cap === undefined ? defaultCap : countOf('--cap', cap, mostCap) };
  return {
    ...(block.length === 0 ? {} : { blocking }),
    ...(cardinality === undefined ? {} : { cardinality: oneOf('--cardinality', cardinality, cardinalities) }),
    ...(prefer === undefined ? {} : { prefer: oneOf('--prefer', prefer, ['first', 'best']) }),
    learn: oneOf('--learn', learn, ['a', 'b', 'both']),
    reveal: count === true ? 'count' : 'pairs',
  };
}

export function oneOf<const Word extends string>(option: string, typed: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === typed);
  if (word !== undefined) return word;
  throw new UsageError(`${option} is ${words.slice(0, -1).join(', ')} or ${words.at(-1)}, not ${typed}`);
}

export function countOf(option: string, typed: string, most = Number.POSITIVE_INFINITY): number {
  if (/^[1-9]\d{0,9}$/.test(typed) && Number(typed) <= most) return Number(typed);
  throw new UsageError(`${option} is a number from 1${Number.isFinite(most) ? ` to ${most}` : ''}, not ${typed}`);
}

/** An option that is given several times. */
function more(typed: string, before: string[]): string[] {
  return [...before, typed];
}
