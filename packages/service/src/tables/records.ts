import type { Generated } from 'kysely';

/** The centre of a registry: records, who read them, studies. */
export interface RecordTables {
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
}
