import type { NodeOf, PlanNode } from '../plan/types.ts';
import type { SourceNode } from '../sources.ts';
import { concat, transpose } from './arrange.ts';
import { isZero, lessThanZero } from './compare.ts';
import { bitDot, remask, truncate, weigh, widen } from './convert.ts';
import { dot } from './inner.ts';
import { linear, narrow, prefixSum, slice, sum, xor } from './linear.ts';
import { matmul } from './matmul.ts';
import type { Operation } from './operation.ts';
import { permute } from './permute.ts';
import { products } from './products.ts';
import { repeat, tile } from './repeat.ts';
import { keep, reveal } from './reveal.ts';
import { shuffle } from './shuffle.ts';
import { sortDigit } from './sort.ts';

/** Nodes that an interpreter runs; inputs and random values are there before it starts. */
export type StepNode = Exclude<PlanNode, SourceNode>;

const operations: { readonly [Op in StepNode['op']]: Operation<NodeOf<Op>> } = {
  linear,
  xor,
  slice,
  repeat,
  tile,
  concat,
  transpose,
  sum,
  prefixSum,
  narrow,
  products,
  dot,
  matmul,
  lessThanZero,
  isZero,
  bitDot,
  weigh,
  widen,
  truncate,
  remask,
  permute,
  shuffle,
  sortDigit,
  reveal,
  keep,
};

export function operationOf(node: StepNode): Operation<StepNode> {
  return operations[node.op] as Operation<StepNode>;
}
