import type { Generated } from 'kysely';

/** The module of a registry: identities. */
export interface ModuleTables {
  /** module: for whom installations of the client work. */
  institution: { id: string; name: string; added_at: string };
  installation: { id: string; institution: string; added_at: string };
  /** module: what patients' cards have to sign. */
  card_challenge: {
    id: string;
    relation: string;
    operation: string;
    installation: string;
    nonce: Uint8Array;
    begun_at: string;
  };
  /**
   * module: whose person was verified, for one ticket: at an installation by a card (its thumbprint), or by an administrator (both are null), and until when
   * that counts.
   */
  person_check: {
    relation: string;
    operation: string;
    installation: string | null;
    card: string | null;
    by: string;
    until_at: string;
  };
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
   * another is the same patient; a patient is named by the identity that is merged into none. `told_into`: the same, as far as the centre has taken it.
   */
  identity: {
    id: Generated<number>;
    hash: string;
    person: string;
    merged_into: number | null;
    told_into: number | null;
    added_at: string;
  };
  /** module: hashes by which identities that are alike are found; see `searchKeys`. */
  identity_key: { key: number; identity: number };
  /**
   * module: whom a physician has named, each with its internal id; `person` as this physician typed it. `tag`: keyed hash of the pseudonym that a ticket named
   * last. 'typed': no ticket was asked for; 'used': one was, and it has no identity yet. `shown_at`: when the patient was verified first at this physician's.
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
    shown_at: string | null;
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
  /** module: patients' cards by the thumbprint of their certificate. `wrapped_as`: the identity whose W envelopes for it are under. */
  patient_card: {
    thumbprint: string;
    identity: number;
    wrapped_as: number | null;
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
  /** module: identities (JSON array) that went from one patient to another; `told_at` where the centre has taken it. */
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
    told_at: string | null;
  };
}
