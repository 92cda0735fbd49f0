/** The log of a server, and what it knows of the logs of others. Every server has them. */
export interface LogTables {
  /** The server's own log: what `LogRecord` of packages/ledger says. */
  log_entry: { epoch: number; index: number; entry: Uint8Array; event: Uint8Array | null; salt: Uint8Array | null };
  /** The last checkpoint seen of each epoch of each log, the own one among them; size never falls. */
  checkpoint: { origin: string; size: number; note: string };
  /** Checkpoints of the own log that a partner has cosigned: `note` bears both signatures. */
  cosignature: { origin: string; size: number; witness: string; note: string; cosigned_at: string };
  /**
   * Checkpoints of partners' logs that others hold and that are not known to belong to the log that was shown here: `forked` is 1 once
   * its owner has failed to prove that they do.
   */
  checkpoint_claim: {
    origin: string;
    size: number;
    root: string;
    note: string;
    held_by: string;
    received_at: string;
    forked: 0 | 1;
  };
}
