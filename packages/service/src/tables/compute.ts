import type { Generated } from 'kysely';

/** A server that computes on encrypted tables. */
export interface ComputeTables {
  /** compute: tables that owners have encrypted; `manifest` is the signed document. `received` counts ciphertexts. */
  encrypted_table: {
    owner: string;
    id: string;
    manifest: Uint8Array;
    evaluation: Uint8Array | null;
    received: number;
    added_at: string;
  };
  /** compute: ciphertexts that are in the table's files, durably. */
  encrypted_record: { owner: string; id: string; column: number; chunk: number };
  /** compute: what owners asked. `parts` (JSON) are the ranges of chunks of `results`, which are ciphertexts. */
  compute_job: {
    id: Generated<number>;
    owner: string;
    table: string;
    circuit: string;
    state: 'waiting' | 'running' | 'done' | 'failed';
    error: string | null;
    parts: string | null;
    results: Uint8Array | null;
    asked_at: string;
    ended_at: string | null;
  };
}
