import type { Arena, Kernels } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import type { Ring, WireType } from './plan/types.ts';
import { byteLength } from './plan/types.ts';

/** Kernels read whole vectors of 16 bytes, here also from inside a block (slices, corrections, frames): up to so much past its end. */
const OVERREAD = 15;

/** A block that may be read from anywhere inside; without the margin, one at the very end of memory would trap. */
export function allocate({ arena }: Kernels, bytes: number): Ptr {
  return arena.alloc(bytes + OVERREAD);
}

/** A vector of words, as JavaScript reads it. */
export function words(arena: Arena, ptr: Ptr, bits: Ring, size: number): Uint16Array | Uint32Array | BigUint64Array {
  return bits === 16 ? arena.u16(ptr, size) : bits === 32 ? arena.u32(ptr, size) : arena.u64(ptr, size);
}

/** The blocks of one operation: all are freed when it ends, but for those kept as outputs. */
export class Scratch {
  readonly #kernels: Kernels;
  readonly #blocks = new Set<Ptr>();

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  temp(type: WireType): Ptr {
    return this.bytes(byteLength(type));
  }

  bytes(length: number): Ptr {
    const ptr = allocate(this.#kernels, length);
    this.#blocks.add(ptr);
    return ptr;
  }

  /** Frees a block of this operation now; any other pointer stays as it is. */
  release(ptr: Ptr): void {
    if (this.#blocks.delete(ptr)) this.#kernels.arena.free(ptr);
  }

  /** A block from elsewhere that ends with this operation. */
  adopt(ptr: Ptr): Ptr {
    this.#blocks.add(ptr);
    return ptr;
  }

  /** A block that outlives the operation: the caller frees it. */
  keep(ptr: Ptr): Ptr {
    this.#blocks.delete(ptr);
    return ptr;
  }

  end(): void {
    for (const ptr of this.#blocks) this.#kernels.arena.free(ptr);
    this.#blocks.clear();
  }
}
