import type { Kernels } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import type { WireType } from './plan/types.ts';
import { byteLength } from './plan/types.ts';

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
    const ptr = this.#kernels.arena.alloc(length);
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
