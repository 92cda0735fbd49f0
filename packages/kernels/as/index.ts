// The exports of kernels.wasm; src/abi.ts describes them. Memory below 65536 is the kernels' own (see fold.ts), the rest the arena's.
// Control flow and addresses depend on sizes, pointers and plan constants only, never on the content of a vector; but sparse.ts, gf128.ts,
// okvs.ts, match.ts, cuckoo.ts, rows.ts, orders.ts and blake3.ts take indices, factors, rows, hashes and lengths that belong to whoever runs them, and say so;
// radix.ts takes digits that are public, or the dealer's own.
export * from "./ring";
export * from "./reduce";
export * from "./bits";
export { slice16, slice32, slice64 } from "./slice";
export * from "./planes";
export * from "./convert";
export * from "./fold";
export * from "./gemm16";
export * from "./gemm32";
export * from "./gemm64";
export * from "./sparse";
export * from "./blake3";
export { sha256Fixed } from "./sha256";
export * from "./gf128";
export * from "./okvs";
export * from "./rows";
export * from "./match";
export * from "./cuckoo";
export * from "./orders";
export * from "./radix";
