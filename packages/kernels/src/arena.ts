const PAGE = 65536;
const MAX_PAGES = 65536;

/** Memory below this address belongs to the kernels; so no block has the pointer 0 or 1. */
export const ARENA_BASE = 65536;

/** A memory that kernels can be linked with: shared, so that workers can, and limited to 4 GiB. */
export function createMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES, shared: true });
}

/**
 * Hands out blocks of a WebAssembly memory by pointer. A block starts at a multiple of 64 and is padded to one, so a kernel may read
 * and write whole vectors past the end of its data. Freed blocks are used again by requests of the same size class: touching a
 * page for the first time is slow. A new block's content is whatever stood there before.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  /** Most bytes ever live at once. */
  peak = 0;
  #used = 0;
  #top = ARENA_BASE;
  readonly #live = new Map<number, number>();
  readonly #free = new Map<number, number[]>();

  constructor(memory: WebAssembly.Memory = createMemory()) {
    this.memory = memory;
  }

  /** Bytes in live blocks, padding included. */
  get used(): number {
    return this.#used;
  }

  /** @throws RangeError when 4 GiB do not suffice, or `bytes` is no size. */
  alloc(bytes: number): number {
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`arena: ${bytes} is not a number of bytes`);
    const size = sizeClass(bytes);
    const ptr = this.#free.get(size)?.pop() ?? this.#extend(size) ?? this.#larger(size);
    if (ptr === undefined) {
      throw new RangeError(
        `arena: ${bytes} bytes asked for while ${this.#used} are live; the limit is ${MAX_PAGES * PAGE}`,
      );
    }
    this.#live.set(ptr, size);
    this.#used += size;
    this.peak = Math.max(this.peak, this.#used);
    return ptr;
  }

  free(ptr: number): void {
    const size = this.#live.get(ptr);
    if (size === undefined) throw new RangeError(`arena: no live block starts at ${ptr}`);
    this.#live.delete(ptr);
    this.#used -= size;
    this.#release(ptr, size);
  }

  bytes(ptr: number, n: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.#buffer(), ptr, n);
  }

  u16(ptr: number, n: number): Uint16Array<SharedArrayBuffer> {
    return new Uint16Array(this.#buffer(), ptr, n);
  }

  u32(ptr: number, n: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.#buffer(), ptr, n);
  }

  u64(ptr: number, n: number): BigUint64Array<SharedArrayBuffer> {
    return new BigUint64Array(this.#buffer(), ptr, n);
  }

  /** Touches the memory that the next blocks of so many bytes in all will come from: to use a page for the first time is slow. */
  touch(bytes: number): void {
    const end = Math.min(this.#top + bytes, MAX_PAGES * PAGE);
    const missing = Math.ceil((end - this.#buffer().byteLength) / PAGE);
    if (missing > 0) this.memory.grow(missing);
    const words = this.u32(this.#top, Math.floor((end - this.#top) / 4));
    for (let at = 0; at < words.length; at += 1024) words[at] = 0;
  }

  /** Overwrites every byte ever handed out with zeros and frees all blocks; their pointers are dead. */
  zeroise(): void {
    // By words: bytes of a shared memory are filled one at a time.
    this.u64(ARENA_BASE, (this.#top - ARENA_BASE) / 8).fill(0n);
    this.#live.clear();
    this.#free.clear();
    this.#used = 0;
    this.#top = ARENA_BASE;
  }

  // The buffer is asked for anew each time: growth replaces it, and old views then end at the old size.
  #buffer(): SharedArrayBuffer {
    return this.memory.buffer as ArrayBufferLike as SharedArrayBuffer;
  }

  #release(ptr: number, size: number): void {
    const blocks = this.#free.get(size);
    if (blocks === undefined) this.#free.set(size, [ptr]);
    else blocks.push(ptr);
  }

  #extend(size: number): number | undefined {
    const ptr = this.#top;
    const missing = Math.ceil((ptr + size - this.#buffer().byteLength) / PAGE);
    if (missing > 0) {
      if (ptr + size > MAX_PAGES * PAGE) return undefined;
      try {
        this.memory.grow(missing);
      } catch {
        return undefined;
      }
    }
    this.#top = ptr + size;
    return ptr;
  }

  /** Cuts the block from the smallest free block that is large enough. */
  #larger(size: number): number | undefined {
    const fit = [...this.#free].filter(([s, blocks]) => s > size && blocks.length > 0).map(([s]) => s);
    if (fit.length === 0) return undefined;
    const from = Math.min(...fit);
    const ptr = this.#free.get(from)!.pop()!;
    this.#release(ptr + size, from - size);
    return ptr;
  }
}

/**
 * Multiples of 64 with four classes to an octave: at most a quarter more than asked for. From a page on, one cache line more: blocks
 * whose distance is a power of two would all start in the same cache set, and a kernel that reads twenty of them would miss.
 */
function sizeClass(bytes: number): number {
  const size = Math.max(64, Math.ceil(bytes / 64) * 64);
  const step = Math.max(64, 2 ** (Math.floor(Math.log2(size)) - 2));
  return Math.ceil(size / step) * step + (size >= 4096 ? 64 : 0);
}
