import type { OwnRule, OwnTable, Rows } from '@symbolon/analytics';
import { Blocks } from '@symbolon/linkage';
import type { Finding } from '../agreements/check.ts';

type RuleJoin = Extract<Rows['joins'][number], { kind: 'rule' }>;

// Of the own rows; below, what is left out hardly shows in a result.
const muchLeftOut = 0.01;

/**
 * What joins by a match rule would not find of the own tables: rows that a blocking key leaves out, and characters that agree with nothing.
 * Runs at: the owner, who alone learns it.
 */
export function ruleFindings(
  { tables, joins }: Pick<Rows, 'tables' | 'joins'>,
  own: ReadonlyMap<string, OwnTable>,
): Finding[] {
  const nameOf = (alias: string): string => tables.find((table) => table.alias === alias)!.name;
  const hub = tables[0]!.alias;
  return joins.flatMap((join) => {
    if (join.kind !== 'rule') return [];
    return [hub, join.spoke].flatMap((alias) => {
      const rule = own.get(alias)?.matched?.get(join.spoke);
      if (rule === undefined) return [];
      const other = alias === hub ? join.spoke : hub;
      return [blocked(join, rule, `${nameOf(alias)}, joined with ${nameOf(other)}`), ...outside(rule, nameOf(alias))];
    });
  });
}

function blocked({ keys, cap }: RuleJoin, rule: OwnRule, who: string): Finding {
  const rows = rule.keys[0]!.present.length;
  const each = rule.keys.map((values) => {
    const blocks = new Blocks(values);
    return { cut: blocks.cutBy(cap), without: blocks.sizes.without };
  });
  const says = each.map(
    ({ cut, without }, i) => `under ${keys[i]} the cap leaves out ${cut}, and ${without} have no value`,
  );
  const text = `${who}: of ${rows} rows, ${says.join('; ')}`;
  // What one key leaves out may be found by another.
  const lost = Math.min(...each.map(({ cut, without }) => cut + without));
  if (lost <= muchLeftOut * rows) return { check: 'blocking', state: 'ok', text };
  return {
    check: 'blocking',
    state: 'warning',
    text,
    hint: 'Agree on keys that fewer rows share, or on a larger cap.',
  };
}

function outside({ outside: found }: OwnRule, table: string): Finding[] {
  return found.map(({ columns, characters }) => ({
    check: 'own table',
    state: 'warning',
    text: `${table}: ${characters} characters of ${columns.join(', ')} are outside the agreed alphabet and never agree`,
    hint: 'Agree on normalisation or on another alphabet.',
  }));
}
