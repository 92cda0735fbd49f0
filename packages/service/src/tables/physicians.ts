import type { Generated } from 'kysely';

/** What module and centre of a registry share, and its holder of the key of pseudonyms. */
export interface PhysicianTables {
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
  /**
   * module, centre: notices to the other; `document` until it is taken. Of one subject there is one notice. `concerns` (JSON): those that share a name are taken
   * in their order.
   */
  registry_notice: {
    id: Generated<number>;
    to: string;
    subject: string | null;
    document: Uint8Array | null;
    urgent: 0 | 1;
    concerns: string;
    made_at: string;
    tries: number;
    error: string | null;
    taken_at: string | null;
  };
}
