/** What a run takes on the build machine: all three roles and their TLS on two cores (bench/RESULTS.md). Elsewhere the network sets the pace. */
export const rates = {
  /** Keys, signatures and databases of one session. */
  sessionSeconds: 0.15,
  /** Masked values and answer keys, made, sent and taken in: bytes a second. */
  bytesPerSecond: 60e6,
  /** Multiplications of a comparison of all pairs a second. */
  productsPerSecond: 20e9,
} as const;
