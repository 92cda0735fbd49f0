import type { ApprovedAction } from '@symbolon/agreement';
import type { Generated } from 'kysely';

/** Text columns named `…_at` hold moments, RFC 3339 in UTC; hashes and ids are base64url unless they are blobs. */
export interface DatabaseSchema {
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
   * party: keys of encrypted tables; `key` names the pair. Their secrets are in files, under passphrases. `why` one was retired.
   */
  seal_key: {
    id: Generated<number>;
    agreement: string;
    key: string;
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

  /** oprf: keys of pseudonyms that were made here, each with what it makes of one fixed element. */
  oprf_key: { name: string; check: Uint8Array; made_at: string };

  /** module, centre: physicians of a module; only the module has their names. `state` is one of `physicianStates` of packages/consent. */
  physician: {
    module: string;
    id: string;
    name: string | null;
    state: 'waiting' | 'vetted' | 'suspended' | 'excluded';
    changed_at: string;
  };
  /** module, centre: certificates of physicians, by their thumbprints; only the module has them whole. */
  physician_certificate: {
    module: string;
    thumbprint: string;
    physician: string;
    certificate: Uint8Array | null;
    added_at: string;
  };
  /** module, centre: logins that were begun; each is good for one proof. */
  physician_login: { id: string; module: string; installation: string; nonce: Uint8Array; begun_at: string };
  /** module, centre: who is logged in; `id` is the hash of the token. */
  physician_session: {
    id: string;
    module: string;
    physician: string;
    installation: string;
    thumbprint: string;
    certificate: Uint8Array;
    opened_at: string;
    used_at: string;
  };
  /** module, centre: notices to the other, in their order; `document` until it is taken. Of one subject there is one notice. */
  registry_notice: {
    id: Generated<number>;
    to: string;
    subject: string | null;
    document: Uint8Array | null;
    made_at: string;
    tries: number;
    error: string | null;
    taken_at: string | null;
  };
  /** module: for whom installations of the client work. */
  institution: { id: string; name: string; added_at: string };
  installation: { id: string; institution: string; added_at: string };
  /** module: what patients' cards have to sign. */
  card_challenge: { id: string; relation: string; installation: string; nonce: Uint8Array; begun_at: string };
  /** module: whose person was verified: at an installation by the card, or by an administrator (`installation` is null), and until when that counts. */
  person_check: { relation: string; installation: string | null; by: string; until_at: string };
  /** module: what administrators should look at; `notice` is that of the centre which told it. */
  module_alarm: {
    id: Generated<number>;
    notice: string | null;
    alarm: string;
    patient: number | null;
    physician: string | null;
    installation: string | null;
    text: string;
    tell_patient: 0 | 1;
    raised_at: string;
    seen_at: string | null;
    seen_by: string | null;
    note: string | null;
  };
  /** module: notices of the centre that were taken. */
  module_notice: { id: string; taken_at: string };
  /**
   * module: people as they were named: `person` (JSON) by the fields of the module, `hash` of those that identify, made comparable. One that is merged into
   * another is the same patient; a patient is named by the identity that is merged into none.
   */
  identity: {
    id: Generated<number>;
    hash: string;
    person: string;
    merged_into: number | null;
    added_at: string;
  };
  /** module: hashes by which identities that are alike are found; see `searchKeys`. */
  identity_key: { key: number; identity: number };
  /**
   * module: whom a physician has named, each with its internal id; `person` as this physician typed it. `tag`: keyed hash of the pseudonym that a ticket named
   * last. 'typed': no ticket was asked for; 'used': one was, and it has no identity yet.
   */
  relation: {
    id: string;
    physician: string;
    hash: string;
    person: string;
    state: 'typed' | 'used' | 'settled';
    identity: number | null;
    tag: string | null;
    added_at: string;
    used_at: string | null;
  };
  /** module: whose pseudonym has this keyed hash. */
  pseudonym_tag: { tag: string; identity: number };
  /** module: keys of pseudonyms; `check` is what each makes of one fixed input. `mapped`: the last identity whose new pseudonym the centre has. */
  pseudonym_key: {
    name: string;
    check: Uint8Array;
    state: 'current' | 'next' | 'past';
    mapped: number;
    from_at: string;
  };
  /** module: patients' cards by the thumbprint of their certificate. */
  patient_card: {
    thumbprint: string;
    identity: number;
    slot: number;
    state: 'active' | 'replaced' | 'revoked';
    added_at: string;
    ended_at: string | null;
  };
  /** module: identities that may be one person's; `one` is the older. `score` of 1000, `reasons` (JSON) field by field. */
  duplicate: {
    id: Generated<number>;
    one: number;
    other: number;
    score: number;
    reasons: string;
    state: 'open' | 'merged' | 'dismissed';
    added_at: string;
    ended_at: string | null;
    ended_by: string | null;
  };
  /** module: identities (JSON array) that went from one patient to another. */
  identity_change: {
    id: Generated<number>;
    kind: 'merge' | 'split';
    from: number;
    to: number;
    identities: string;
    undoes: number | null;
    undone_by: number | null;
    by: string;
    changed_at: string;
  };

  /** centre: generations of the keys that tickets and answers are sealed to; `until_at` where another has replaced it. */
  centre_key: { number: number; made_at: string; until_at: string | null };
  /**
   * centre: patients of modules, by an internal number. `mark` is random, and all that is kept of one that was erased. `enrolled_at` where a card is registered,
   * or was by one whose records came first. `objected_at`: not in studies.
   */
  centre_patient: {
    id: Generated<number>;
    module: string;
    mark: string;
    merged_into: number | null;
    enrolled_at: string | null;
    objected_at: string | null;
    added_at: string;
  };
  /** centre: `replaced`: another is this patient's now, and this one counts until the module's change of keys is done. */
  centre_pseudonym: { module: string; pseudonym: string; patient: number; replaced: 0 | 1 };
  /** centre: physicians' relations to patients, by the module's internal id. `writes`: may add records; `draft`: others do not see them yet. */
  centre_relation: {
    module: string;
    id: string;
    patient: number;
    physician: string;
    institution: string;
    writes: 0 | 1;
    draft: 0 | 1;
    added_at: string;
  };
  /** centre: sessions. `envelopes` of the challenge while it is open; `answer` names the one that ended it, `outcome` (JSON) is what it was told. */
  centre_session: {
    id: string;
    module: string;
    physician: string;
    institution: string;
    installation: string;
    certificate: string;
    operation: string;
    pseudonym: string;
    relation: string;
    key: number;
    nonce: Uint8Array;
    envelopes: Uint8Array | null;
    state: 'open' | 'done' | 'lapsed';
    opened_at: string;
    expires_at: string;
    answer: string | null;
    outcome: string | null;
    ended_at: string | null;
  };
  /** centre: tickets that were used, until they expire. */
  centre_ticket: { module: string; nonce: string; session: string; expires_at: string };
  /** centre: fingerprints of cards: hash of K, and K″ in its envelope while it can be offered. Who deployed it is never challenged with it. */
  centre_pair: {
    id: Generated<number>;
    patient: number;
    slot: number;
    fingerprint: Uint8Array;
    envelope: Uint8Array | null;
    state: 'active' | 'waiting' | 'retired';
    physician: string;
    institution: string;
    installation: string;
    session: string;
    added_at: string;
    ended_at: string | null;
  };
  /** centre: what a session offers in each slot; a decoy where `pair` is null. */
  centre_offer: {
    session: string;
    slot: number;
    pair: number | null;
    independent: 0 | 1;
    physician: string;
    institution: string;
    installation: string;
  };
  /** centre: what a health professional's card has signed: `transcript` and `exporter` are what `signedByProfessional` takes. `groups` (JSON). */
  centre_consent: {
    session: string;
    module: string;
    patient: number;
    relation: string;
    physician: string;
    institution: string;
    operation: string;
    purpose: string;
    groups: string;
    status: string;
    certificate: string;
    transcript: Uint8Array;
    exporter: Uint8Array;
    signature: Uint8Array;
    answered_at: string;
  };
  /**
   * centre: whose records a physician may read, until when. `independent`: whoever asked could not know the answer without the card. `groups`
   * (JSON): each with the moment until which records count, or null for all.
   */
  centre_grant: {
    id: Generated<number>;
    session: string;
    module: string;
    patient: number;
    relation: string;
    physician: string;
    kind: 'consent' | 'reopened' | 'break-glass' | 'view' | 'export';
    independent: 0 | 1;
    groups: string;
    granted_at: string;
    until_at: string;
    closed_at: string | null;
  };
  /** centre: cards that wait for a second confirmation before they count. */
  centre_replacement: {
    session: string;
    module: string;
    patient: number;
    relation: string;
    physician: string;
    institution: string;
    installation: string;
    state: 'waiting' | 'confirmed' | 'refused';
    asked_at: string;
    ended_at: string | null;
    ended_by: string | null;
  };
  /** centre: accesses without a card that somebody has to look at. */
  centre_review: {
    session: string;
    module: string;
    patient: number;
    physician: string;
    due_at: string;
    alarmed_at: string | null;
    reviewed_at: string | null;
    reviewed_by: string | null;
    finding: 'justified' | 'abuse' | null;
    note: string | null;
  };
  /** centre: for whom installations of the client work, as the module says. */
  centre_installation: { module: string; installation: string; institution: string };
  /** centre: notices of modules that were taken. */
  centre_notice: { module: string; id: string; taken_at: string };

  /** centre: what records of a type look like: `schema` is JSON Schema, as its author wrote it. No version is ever changed. */
  record_type: { module: string; name: string; version: number; schema: string; added_by: string; added_at: string };
  /**
   * centre: records, by the relation that they were added through, which says whose they are. `version` is the newest; `recorded_at` that of the first.
   * Others know a record by `name`; `id` never leaves the server, as it counts what is withheld.
   */
  record: {
    id: Generated<number>;
    module: string;
    name: string;
    relation: string;
    type: string;
    group: string;
    physician: string;
    institution: string;
    version: number;
    recorded_at: string;
  };
  /** centre: nothing of a record is overwritten. `certificate` and `signature` of the health professional's card, where it has signed. */
  record_version: {
    record: number;
    version: number;
    type_version: number;
    body: string;
    certificate: string | null;
    signature: Uint8Array | null;
    recorded_at: string;
  };
  /** centre: certificates (DER) of health professionals' cards that signed records. */
  record_certificate: { thumbprint: string; certificate: Uint8Array };
  /** centre: images of a record. */
  record_file: { record: number; file: number; hash: string; bytes: Uint8Array; added_at: string };
  /** centre: who read what, for the patient. `relation` is the reader's; of an export by administrators that of the record. */
  record_access: {
    id: Generated<number>;
    module: string;
    relation: string;
    by: string;
    institution: string;
    what: 'listed' | 'read' | 'exported' | 'viewed';
    record: string | null;
    /** That of the consent, or of the access without a card. */
    session: string | null;
    basis: 'own' | 'consent' | 'break-glass' | 'patient' | 'administration';
    purpose: string;
    at: string;
  };
  /** centre: exports by administrators. */
  record_export: {
    id: string;
    module: string;
    purpose: string;
    format: string;
    by: string;
    at: string;
    records: number;
  };
  /** centre: statistics that researchers ask for; `hash` names what was approved, `result` (JSON) is what was released. */
  research_study: {
    id: string;
    module: string;
    title: string;
    purpose: string;
    sql: string;
    hash: string;
    state: 'proposed' | 'approved' | 'refused' | 'done';
    asked_by: string;
    asked_at: string;
    result: string | null;
    ran_at: string | null;
  };
  research_approval: { study: string; person: string; approves: 0 | 1; at: string };
  /** centre: by which relations records came that a study was computed on. */
  research_use: { study: string; module: string; relation: string };
  /** centre: what administrators should look at. `subject` names what an alarm is raised once for; `logged`: the log has its entry. */
  registry_alarm: {
    id: Generated<number>;
    module: string;
    kind: string;
    subject: string | null;
    patient: number | null;
    physician: string | null;
    installation: string | null;
    text: string;
    at: string;
    logged: 0 | 1;
    seen_at: string | null;
    seen_by: string | null;
    note: string | null;
  };

  /**
   * Users of this server. `password` is the hash that argon2id made; null where there is none. Who comes from an identity provider is known by
   * `issuer` and `subject`. No account is ever deleted: the log names them.
   */
  account: {
    id: string;
    name: string;
    password: string | null;
    issuer: string | null;
    subject: string | null;
    disabled: 0 | 1;
    created_at: string;
  };
  account_role: { account: string; role: string };
  /** Codes with which a user sets a password, once. Of secrets that prove who shows them, only hashes are kept. */
  setup_code: { hash: string; account: string; expires_at: string };
  /** Who is logged in; `id` is the hash of the session's token. */
  account_session: {
    id: string;
    account: string;
    /** How the token travels. */
    kind: 'cookie' | 'token';
    /** How the user logged in. */
    method: 'password' | 'passkey' | 'oidc';
    created_at: string;
    used_at: string;
  };
  /** Browsers and folders from which users have logged in before: guesses from elsewhere do not lock these out. */
  account_device: { hash: string; account: string; used_at: string };
  /** `id` is the credential id; `public_key` a COSE key; `counter` what the authenticator said last. */
  passkey: {
    id: string;
    account: string;
    name: string;
    public_key: Uint8Array;
    counter: number;
    created_at: string;
    used_at: string | null;
  };
  /**
   * Requests that came with an idempotency key. `request` is a keyed hash of what was asked: see `RequestKey`. `made` (JSON) is written in the transaction of the change
   * that was asked for, and names what it made; `answer` (JSON) when it is known.
   */
  answered_request: {
    caller: string;
    key: string;
    request: string;
    made: Generated<string | null>;
    answer: string | null;
    begun_at: string;
  };
}
