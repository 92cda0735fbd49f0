import type { Generated } from 'kysely';

/** The centre of a registry: pseudonyms, pairs, consent. */
export interface CentreTables {
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
  /**
   * centre: physicians' relations to patients, by the module's internal id. `writes`: may add records; `draft`: others do not see them yet, or did not before
   * `shown_at`.
   */
  centre_relation: {
    module: string;
    id: string;
    patient: number;
    physician: string;
    institution: string;
    writes: 0 | 1;
    draft: 0 | 1;
    added_at: string;
    shown_at: string | null;
  };
  /** centre: which patient's a relation was, and until when, where patients were merged. */
  centre_move: { module: string; relation: string; patient: number; until_at: string };
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
}
