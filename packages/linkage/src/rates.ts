/**
 * What a run takes, from the wish to link to the stored result: all three roles and their TLS on two cores. Fitted to "CSV to result" of the benches `psi` (exact) and
 * `link` (blocking; FEBRL4 for all pairs) in bench/RESULTS.md, for 10^4, 10^5 and 10^6 rows. Elsewhere the network sets the pace.
 */
export const rates = {
  /** What a run begins and ends with: proposals, a statement; but for an intersection, threads that meet its code for the first time. */
  runSeconds: { keys: 0.35, 'all-pairs': 0.9, blocking: 0.9 },
  /** Keys, signatures and databases of one session. */
  sessionSeconds: 0.1,
  /** A round, with what it waits for on the other side. */
  roundSeconds: 0.008,
  /** Rows of both tables, read, numbered and hashed a second. */
  rowsPerSecond: 0.9e6,
  /** Masked values and answer keys, made, sent and taken in: bytes a second. */
  bytesPerSecond: 75e6,
  /** Multiplications of a comparison of all pairs a second. */
  productsPerSecond: 40e9,
} as const;
