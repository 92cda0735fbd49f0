/** A key service. */
export interface KeyserviceTables {
  /** keyservice: sessions whose keys were handed out. `released_at` is set before the first byte of an answer key leaves. */
  issued_session: {
    id: string;
    agreement: string;
    program: string;
    /** Chosen by the parties; a session of its own for each. */
    attempt: string;
    /** JSON array of ids, in the order of the parties. */
    parties: string;
    issued_at: string;
    /** Hash of the data that the parties co-signed. */
    data_hash: string | null;
    released_at: string | null;
  };
}
