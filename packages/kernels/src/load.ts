import { readFileSync } from 'node:fs';
import type { Abi } from './abi.ts';
import { Arena } from './arena.ts';

/** Kernels and the memory they work on; one owner each. */
export interface Kernels {
  readonly abi: Abi;
  readonly arena: Arena;
}

let compiled: WebAssembly.Module | undefined;

/** The module, compiled once per process. */
export function kernelsModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readWasm());
  return compiled;
}

function readWasm(): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(new URL('../kernels.wasm', import.meta.url));
  } catch (cause) {
    throw new Error('packages/kernels/kernels.wasm is missing: run `npm run setup`, which builds it', { cause });
  }
}

/** An instance of the kernels with a memory of its own. */
export function createKernels(): Kernels {
  const arena = new Arena();
  const { exports } = new WebAssembly.Instance(kernelsModule(), { env: { memory: arena.memory } });
  const raw = exports as unknown as Abi;
  // WebAssembly returns signed integers; the ring's elements are unsigned.
  const abi: Abi = {
    ...raw,
    sum32: (a, n) => raw.sum32(a, n) >>> 0,
    dot32: (a, b, n) => raw.dot32(a, b, n) >>> 0,
    sum64: (a, n) => BigInt.asUintN(64, raw.sum64(a, n)),
    dot64: (a, b, n) => BigInt.asUintN(64, raw.dot64(a, b, n)),
    exchangeRows: (...operands) => raw.exchangeRows(...operands) >>> 0,
    okvsEliminate: (...operands) => raw.okvsEliminate(...operands) >>> 0,
    cuckooInsert: (...operands) => raw.cuckooInsert(...operands) >>> 0,
  };
  return { abi, arena };
}
