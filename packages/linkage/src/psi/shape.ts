import { okvsBytes } from '@symbolon/crypto';

/** Table sizes: the receiver's rows, then the sender's. All that the key service and the lengths of frames depend on. */
export type PsiRows = readonly [receiver: number, sender: number];

/** What an intersection costs, known before it runs. */
export interface PsiCost {
  /** A ⊕ P: the receiver's whole key set under a one-time pad. */
  readonly vectorBytes: number;
  /** The vector-OLE's C, from the dealer to the receiver. */
  readonly answerKeyBytes: number;
  /** Of one of the sender's values: 40 + ⌈log2(n·m)⌉ bits, so that unequal keys agree with probability ≤ 2^-40 in the whole run. */
  readonly valueBytes: number;
}

export function psiCost([receiver, sender]: PsiRows): PsiCost {
  const vectorBytes = okvsBytes(receiver);
  const bits = 40 + Math.ceil(Math.log2(receiver * sender));
  return { vectorBytes, answerKeyBytes: vectorBytes, valueBytes: Math.min(16, Math.ceil(bits / 8)) };
}

/** Streams of the dealer's masks, and who expands them. */
export const streams = {
  /** The receiver's A: the one-time pad over its input, so `pads: full` replaces it. */
  pad: '0/input',
  /** The sender's B and D. */
  offset: 'vole/B',
  scalar: 'vole/D',
} as const;
