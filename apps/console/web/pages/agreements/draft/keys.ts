/** How much of two columns is compared in a blocking key. */
export const parts = ['whole', 'beginning'] as const;
export type Part = (typeof parts)[number];

/** An equality of a blocking key. */
export interface Equality {
  readonly own: string | null;
  readonly theirs: string | null;
  readonly part: Part;
  /** Characters of a beginning. */
  readonly length: number;
}

/** Which records are compared: those that agree on all of one key. All with all, where there is no key. */
export interface Blocking {
  readonly keys: readonly (readonly Equality[])[];
  /** Records under one value of a key. */
  readonly cap: number;
}

/** An equality that nobody has filled in. */
export const blankEquality: Equality = { own: null, theirs: null, part: 'whole', length: 3 };

/** What a form begins with. */
export const noBlocking: Blocking = { keys: [], cap: 4 };

/** Whether every key names its columns. */
export function isWhole({ keys }: Blocking): boolean {
  return keys.flat().every(({ own, theirs }) => own !== null && theirs !== null);
}

/** As agreements have it; nothing where there is no key. */
export function blockingOf({ keys, cap }: Blocking): { blocking?: { keys: string[]; cap: number } } {
  return keys.length === 0 ? {} : { blocking: { keys: keys.map((key) => key.map(equalityOf).join(' AND ')), cap } };
}

function equalityOf({ own, theirs, part, length }: Equality): string {
  return part === 'whole' ? `a.${own} = b.${theirs}` : `left(a.${own}, ${length}) = left(b.${theirs}, ${length})`;
}
