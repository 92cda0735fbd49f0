import type { Generated } from 'kysely';

/** An organisation that lets another compute on encrypted tables. */
export interface OutsourcingTables {
  /**
   * party: keys of encrypted tables, exact ones or features; `key` names it. Their secrets are in files, under passphrases. `why` one was retired.
   */
  seal_key: {
    id: Generated<number>;
    agreement: string;
    key: string;
    kind: Generated<'exact' | 'features'>;
    state: 'active' | 'retired' | 'destroyed';
    why: string | null;
    made_by: string;
    made_at: string;
  };
  /**
   * party: encrypted tables. `table` is the id that the compute server knows, `described` (JSON) what is encrypted and how, `digest` a keyed hash of the
   * rows, `manifest` the signed document, `replaces` the table of which this one is a copy under another key.
   */
  sealed_table: {
    id: Generated<number>;
    agreement: string;
    name: string;
    key: number;
    table: string;
    described: string;
    state: 'encrypting' | 'encrypted' | 'uploaded' | 'replaced' | 'retired' | 'deleted';
    rows: number | null;
    left_out: number | null;
    digest: string | null;
    manifest: Uint8Array | null;
    replaces: number | null;
    made_by: string;
    made_at: string;
  };
  /** party: what may be asked of encrypted tables once people approve it; `hash` is of the form. */
  sealed_question: {
    id: Generated<number>;
    agreement: string;
    text: string;
    hash: string;
    asked_by: string;
    asked_at: string;
  };
  /** party: questions as they were run. `asked` is the number that the compute server gave, `result` (JSON) what was released. */
  sealed_run: {
    id: Generated<number>;
    agreement: string;
    question: number;
    table: number;
    /** 'stopped': the process ended while it ran; it can go on. */
    state: 'running' | 'stopped' | 'done' | 'failed';
    asked: number | null;
    purpose: string | null;
    person: string;
    error: string | null;
    result: string | null;
    statement: Uint8Array | null;
    started_at: string;
    /** Since when its result can have been opened: it counts. */
    opened_at: string | null;
    ended_at: string | null;
    log_epoch: number | null;
    log_index: number | null;
  };
}
