/** What a run by blocking is made of, from public sizes alone. */
export interface BlockingSizes {
  readonly rows: { readonly a: number; readonly b: number };
  readonly keys: number;
  readonly cap: number;
}

/** What it costs, as far as that is known. */
export interface BlockingCost {
  /** Entries that the own side makes: rows · keys · cap. */
  readonly entries: number;
  /** Of both parties, and of the key service; null where nobody can say yet. */
  readonly bytes: number | null;
  readonly seconds: number | null;
}

/** Says what a run costs. */
export type CostOf = (sizes: BlockingSizes, side: 'a' | 'b') => BlockingCost;

export const entriesOnly: CostOf = ({ rows, keys, cap }, side) => ({
  entries: rows[side] * keys * cap,
  bytes: null,
  seconds: null,
});
