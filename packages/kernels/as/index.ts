// The exports of kernels.wasm; src/abi.ts describes them. Memory below 65536 is the kernels' own (see fold.ts), the rest the arena's.
// No kernel but sparse.ts (its indices are its owner's) branches on, or indexes by, the content of a vector: control flow depends on sizes, pointers and plan constants only.
export * from "./ring";
export * from "./reduce";
export * from "./bits";
export * from "./slice";
export * from "./convert";
export * from "./fold";
export * from "./gemm16";
export * from "./gemm32";
export * from "./gemm64";
export * from "./sparse";
export * from "./blake3";
export * from "./gf128";
export * from "./okvs";
