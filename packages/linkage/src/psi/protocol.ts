import { demand, fields, isWithin } from '../fields.ts';
import type { LinkResult } from '../pairs.ts';
import type { Protocol } from '../session.ts';
import { dealVectorOle } from './dealer.ts';
import type { PsiKeys } from './keys.ts';
import { PsiSession } from './session.ts';
import { psiCost } from './shape.ts';

/** A rule that is one equality: an intersection by key. */
export interface KeysProgram {
  readonly protocol: 'link-keys/1';
  readonly rows: readonly [a: number, b: number];
}

const mostRows = 2 ** 22;

export const keysProtocol: Protocol<KeysProgram, PsiKeys, LinkResult> = {
  parse(value) {
    const [protocol, rows] = fields(value, 'program', ['protocol', 'rows']);
    demand(protocol === 'link-keys/1', 'protocol is link-keys/1');
    const valid = Array.isArray(rows) && rows.length === 2 && rows.every((n) => isWithin(n, 1, mostRows));
    demand(valid, `rows are two numbers of 1 to ${mostRows}`);
    return { protocol: 'link-keys/1', rows: rows as unknown as [number, number] };
  },
  cost({ rows }) {
    const [a, b] = rows;
    const { vectorBytes, answerKeyBytes, valueBytes } = psiCost(rows);
    const sentBytes = [32 + vectorBytes + 4 * b + 4 * a, valueBytes * b + 4 * b] as const;
    return { rounds: 4, sentBytes, answerKeyBytes, padBytes: [vectorBytes, 0], stages: 1 };
  },
  pads: ({ rows }, owner) => (owner === 0 ? [{ node: 0, bytes: psiCost(rows).vectorBytes }] : []),
  deal: ({ program: { rows }, masks, kernels }) => dealVectorOle({ rows, masks, kernels }),
  open: (options) => new PsiSession({ ...options, rows: options.program.rows }),
};
