import type { ApprovedAction } from '@symbolon/agreement';
import type { Generated } from 'kysely';

/** An organisation that holds data: agreements, data, runs, what people approved. */
export interface PartyTables {
  /** party: sessions whose keys were used or are about to be. */
  burned_session: { id: string; agreement: string; attempt: string; burned_at: string };
  /** party: agreements, drafts and signed ones; `document` is the signed document as it stands. */
  agreement: {
    hash: string;
    title: string;
    predecessor: string | null;
    /** The proposal that it answers. */
    counters: Generated<string | null>;
    document: Uint8Array;
    added_at: string;
    /** 1 if runs of it may have been forgotten: see `recoverParty`. */
    exhausted: Generated<0 | 1>;
  };
  /** party: who has signed an agreement. */
  agreement_signature: {
    agreement: string;
    party: string;
    signed_at: string;
    /** The entry of the log that says so. */
    log_epoch: Generated<number | null>;
    log_index: Generated<number | null>;
  };
  /** party: what parties have said of an agreement by themselves; `document` is the signed notice. Never changed, never deleted. */
  agreement_notice: {
    agreement: string;
    party: string;
    sequence: number;
    document: Uint8Array;
    /** Who gave it at this organisation; null for those of others. */
    person: string | null;
    kept_at: string;
    log_epoch: number;
    log_index: number;
  };
  /** party: which own notices which partners have to be told. */
  notice_delivery: {
    agreement: string;
    sequence: number;
    partner: string;
    tries: number;
    /** When it is tried next. */
    due_at: string;
    delivered_at: string | null;
    /** Code and message of the last failure. */
    error: string | null;
  };
  /** party: data sets. `source` says where the rows are, `columns` what was found there; both JSON. */
  dataset: { name: string; source: string; columns: string; rows: number; added_at: string };
  /** party: attempts to run a link or a study of an agreement. */
  run: {
    id: Generated<number>;
    agreement: string;
    /** Its name in the agreement; null for a link. */
    study: string | null;
    /** The organisation that started it; null for runs that are older than this column. */
    initiator: Generated<string | null>;
    attempt: string;
    session: string | null;
    /** 'aborted': the process ended while it ran. */
    state: 'running' | 'done' | 'failed' | 'aborted';
    /** Code and message of the error that ended it. */
    error: string | null;
    /** The statement that all parties signed. */
    statement: Uint8Array | null;
    started_at: string;
    ended_at: string | null;
    /** Since when the result can have been opened, or a study was evaluated and failed: from here on the attempt counts. */
    opened_at: string | null;
    /** Where the statement stands in the log: epoch and index. */
    log_epoch: number | null;
    log_index: number | null;
    /** Sizes, bytes, rounds and seconds; JSON. */
    details: string | null;
  };
  /**
   * party: runs that this server was asked for, by people here or by a partner; `run` and `error` (code and message) once it ended. Null in both: the
   * process ended while it went on, or it goes on.
   */
  job: {
    id: number;
    agreement: string;
    study: string | null;
    initiator: string;
    begun_at: string;
    run: number | null;
    error: string | null;
    /** What is done with encrypted tables, and `run` its number; null for links and studies. */
    sealed: Generated<string | null>;
  };
  /**
   * party: pairs of (permuted) row numbers that a run revealed, and the own row behind each: its number in the source and its key. Some
   * thousand a page; JSON, by columns.
   */
  match_page: { run: number; page: number; matches: string };
  /** party: who at this organisation has approved something, in which form (its hash), and which roles they had then (JSON). */
  approval: {
    action: ApprovedAction | 'erase-event';
    agreement: string;
    name: string;
    hash: string;
    by: string;
    kind: 'owner' | 'user';
    roles: string;
    approved_at: string;
  };
  /** party: studies that agreements do not list, as they were asked (JSON): choices of a template, or free ones, where `template` is null. */
  asked_study: {
    agreement: string;
    name: string;
    template: string | null;
    asked: string;
    /** The organisation that asked first. */
    by: string;
    /** Who of this organisation, where it was this one; null for those that are older than this column. */
    person: Generated<string | null>;
    asked_at: string;
  };
  /** party: the own catalogue; `document` is the signed offer. */
  market_offer: { name: string; document: Uint8Array; published_at: string };
  /** party: what a study released to this party; JSON. */
  study_result: { run: number; result: string };
  /**
   * party: people whose rows take no part. `subject` is a keyed hash of what stands in a column of the data set, `key` names the key; agreement,
   * purpose and first day are empty where it holds for all. An erased person never takes part again.
   */
  subject_opt_out: {
    id: Generated<number>;
    dataset: string;
    key_column: string;
    subject: string;
    key: string;
    agreement: string;
    purpose: string;
    from_date: string;
    erased: 0 | 1;
    added_at: string;
  };
  /** party: what may not be deleted: of a data set, or of one person in it, hashed as in `subject_opt_out`. Ends when two people have lifted it. */
  legal_hold: {
    id: string;
    dataset: string;
    key_column: string | null;
    subject: string | null;
    key: string | null;
    reason: string;
    /** The last day; null: until it is lifted. */
    until: string | null;
    by: string;
    set_at: string;
    lift_asked_by: string | null;
    lifted_by: string | null;
    lifted_at: string | null;
  };
}
