import type { AlertTables } from './tables/alerts.ts';
import type { CentreTables } from './tables/centre.ts';
import type { ComputeTables } from './tables/compute.ts';
import type { KeyserviceTables } from './tables/keyservice.ts';
import type { LogTables } from './tables/log.ts';
import type { ModuleTables } from './tables/module.ts';
import type { OutsourcingTables } from './tables/outsourcing.ts';
import type { PartyTables } from './tables/party.ts';
import type { PeopleTables } from './tables/people.ts';
import type { PhysicianTables } from './tables/physicians.ts';
import type { RecordTables } from './tables/records.ts';

/** Text columns named `…_at` hold moments, RFC 3339 in UTC; hashes and ids are base64url unless they are blobs. */
export interface DatabaseSchema
  extends LogTables,
    PeopleTables,
    KeyserviceTables,
    PartyTables,
    OutsourcingTables,
    AlertTables,
    ComputeTables,
    PhysicianTables,
    ModuleTables,
    CentreTables,
    RecordTables {}
