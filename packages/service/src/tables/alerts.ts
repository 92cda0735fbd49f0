import type { Generated } from 'kysely';

/** Medical events: what was taken in, told, and received. */
export interface AlertTables {
  /** party, of alerts that it sends: events that sources told of and that were answered for, each once. `event` is a hash of what names it. */
  alert_event: { source: string; event: string; taken_at: string };
  /** party: what a partner was told of: one message a class and episode of care. `subject` and `episode` are keyed hashes. */
  alert_told: {
    agreement: string;
    alert: string;
    class: string;
    subject: string;
    episode: string;
    /** Its message: `alert_outbox.id`. */
    message: string;
    event_at: string;
    retracted_at: string | null;
  };
  /** party: messages for partners; `document` is the signed one, gone once it is delivered. */
  alert_outbox: {
    id: string;
    partner: string;
    agreement: string;
    alert: string;
    class: string;
    /** Keyed hash of the patient, as in `alert_told`. */
    subject: string;
    /** The run's attempt. */
    link: string;
    /** The message that it takes back. */
    retracts: string | null;
    document: Uint8Array | null;
    /** 'dead': the partner refused it for good, its agreement ended, or its link became too old. */
    state: 'waiting' | 'delivered' | 'dead';
    tries: number;
    due_at: string;
    error: string | null;
    event_at: string;
    /** When its event was answered for. */
    taken_at: string;
    ended_at: string | null;
  };
  /** party: what a source told and nobody could read, as it came; `content` and its `hash` are gone once it is ended. */
  alert_quarantine: {
    id: Generated<number>;
    source: string;
    content: Uint8Array | null;
    hash: string | null;
    code: string;
    reason: string;
    received_at: string;
    /** 'taken': it was tried again and read. */
    state: 'open' | 'taken' | 'discarded';
    ended_at: string | null;
    ended_by: string | null;
  };
  /** party: how far files of a watched folder were read: `offset` in bytes, behind a whole line. */
  alert_file: { source: string; file: string; offset: number; lines: number; read_at: string };
  /** party: who may tell events over HTTP: the hash of a source's token. */
  alert_token: { source: string; hash: string; created_at: string };
  /** party: alerts that came. `keys` (JSON) are those of the own records; `document` is the signed message. */
  alert_inbox: {
    id: string;
    sender: string;
    agreement: string;
    alert: string;
    class: string;
    keys: string;
    event_at: string;
    document: Uint8Array | null;
    received_at: string;
    /** When it is raised with somebody else; null where that is not to happen, or no more. */
    escalate_at: string | null;
    escalated_at: string | null;
    acknowledged_at: string | null;
    acknowledged_by: string | null;
    /** What they wrote with it. */
    note: string | null;
    /** The message that it takes back, and the one that took it back. */
    retracts: string | null;
    retracted_by: string | null;
    /** The entry of the log that says so. */
    log_epoch: number;
    log_index: number;
  };
  /** party: what other programs of the organisation have to be told of alerts. */
  alert_hook: {
    id: Generated<number>;
    alert: string;
    hook: string;
    occasion: 'received' | 'escalated' | 'retracted';
    tries: number;
    due_at: string;
    delivered_at: string | null;
    error: string | null;
  };
}
