import type { Ptr } from '@symbolon/kernels';

/** The keys of a table: row i's is data[offsets[i] … offsets[i+1]); `present[i]` 0 where a part of it is NULL. */
export interface PsiKeys {
  readonly data: Uint8Array;
  readonly offsets: Uint32Array;
  readonly present: Uint8Array;
}

/** Keys as an intersection takes them: `order[i]` is the row that has number i in the run; the order is that of the rows where it is absent. */
export interface NumberedKeys extends PsiKeys {
  readonly order?: Uint32Array;
}

/** Stands for "no row" where a row number could stand. */
export const NONE = 0xffffffff;

/** Digests of keys in the arena, 32 bytes each. */
export interface KeyDigests {
  readonly ptr: Ptr;
  readonly rows: number;
}

/** Rows between two pauses. */
export const SLICE = 65_536;
