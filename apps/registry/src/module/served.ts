import type { Telling } from './notices/telling.ts';
import type { Admission } from './people/admission.ts';
import type { Installations } from './people/installations.ts';
import type { PersonChecks } from './visits/person-checks.ts';
import type { Tickets } from './visits/tickets.ts';
import type { Visits } from './visits/visits.ts';

/** What a module does for those who ask it. */
export interface Served {
  readonly installations: Installations;
  readonly admission: Admission;
  readonly visits: Visits;
  readonly checks: PersonChecks;
  readonly tickets: Tickets;
  readonly telling: Telling;
}
