/** How two columns may agree. */
export const hows = ['equal', 'similar', 'typos', 'number', 'days'] as const;
export type How = (typeof hows)[number];

/** One condition of a rule that is built from columns. */
export interface Condition {
  readonly own: string | null;
  readonly theirs: string | null;
  readonly how: How;
  readonly tolerance: number;
}

/** Ways to match, each of conditions that all must hold. */
export type Ways = readonly (readonly Condition[])[];

/** What a tolerance is at first. */
export const usualTolerance: Readonly<Record<How, number>> = { equal: 0, similar: 90, typos: 1, number: 1, days: 30 };

/** How columns of a type may agree. */
export function howsFor(type: string | undefined): readonly How[] {
  if (type === 'text') return ['equal', 'similar', 'typos'];
  if (type === 'number') return ['equal', 'number'];
  return type === 'date' ? ['equal', 'days'] : ['equal'];
}

/** The rule as SQL; undefined while a column is missing. */
export function sqlOf(ways: Ways): string | undefined {
  if (ways.flat().some(({ own, theirs }) => own === null || theirs === null)) return undefined;
  const all = ways.map((conditions) => conditions.map(conditionOf).join(' AND '));
  return all.length === 1 ? all[0] : all.map((way) => `(${way})`).join(' OR ');
}

function conditionOf({ own, theirs, how, tolerance }: Condition): string {
  const [a, b] = [`a.${own}`, `b.${theirs}`];
  switch (how) {
    case 'equal':
      return `${a} = ${b}`;
    case 'similar':
      return `agree(${a}, ${b}) >= ${tolerance / 100}`;
    case 'typos':
      return `levenshtein(${a}, ${b}) <= ${tolerance}`;
    case 'number':
      return `abs(${a} - ${b}) <= ${tolerance}`;
    case 'days':
      return `abs(date_diff('day', ${a}, ${b})) <= ${tolerance}`;
  }
}
