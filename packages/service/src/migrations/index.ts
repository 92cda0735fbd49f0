import { log } from './0001-log.ts';
import { keyservice } from './0002-keyservice.ts';
import { party } from './0003-party.ts';
import { epochs } from './0004-epochs.ts';
import { partyEpochs } from './0005-party-epochs.ts';
import { matchPages } from './0006-match-pages.ts';
import { studies } from './0007-studies.ts';
import { ledger } from './0008-ledger.ts';
import { agreementLifecycle } from './0009-agreement-lifecycle.ts';
import { people } from './0010-people.ts';
import { api } from './0011-api.ts';
import { approvals } from './0012-approvals.ts';
import { askedStudies } from './0015-asked-studies.ts';
import { market } from './0016-market.ts';
import { subjects } from './0017-subjects.ts';
import { alerts } from './0018-alerts.ts';
import { requests } from './0019-requests.ts';
import { jobs } from './0020-jobs.ts';
import { askedPerson } from './0021-asked-person.ts';
import { compute } from './0022-compute.ts';
import { physicians } from './0023-physicians.ts';
import { module } from './0024-module.ts';
import { centreSessions } from './0025-centre-sessions.ts';
import { centreRecords } from './0026-centre-records.ts';
import { outsource } from './0027-outsource.ts';
import { oprf } from './0028-oprf.ts';
import { moduleVisits } from './0029-module-visits.ts';
import { centreReading } from './0030-centre-reading.ts';
import { centreMoves } from './0031-centre-moves.ts';
import { noticeLanes } from './0032-notice-lanes.ts';
import { toldChanges } from './0033-told-changes.ts';
import { personChecks } from './0034-person-checks.ts';
import { shownCards } from './0035-shown-cards.ts';
import { scoreKeys } from './0036-score-keys.ts';
import type { Step } from './step.ts';

/** All steps by the names that databases remember, in their order. A published step never changes its meaning; add another. */
export const migrations: Readonly<Record<string, Step>> = {
  '0001-log': log,
  '0002-keyservice': keyservice,
  '0003-party': party,
  '0004-epochs': epochs,
  '0005-party-epochs': partyEpochs,
  '0006-match-pages': matchPages,
  '0007-studies': studies,
  '0008-ledger': ledger,
  '0009-agreement-lifecycle': agreementLifecycle,
  '0010-people': people,
  '0011-api': api,
  '0012-approvals': approvals,
  '0015-asked-studies': askedStudies,
  '0016-market': market,
  '0017-subjects': subjects,
  '0018-alerts': alerts,
  '0019-requests': requests,
  '0020-jobs': jobs,
  '0021-asked-person': askedPerson,
  '0022-compute': compute,
  '0023-physicians': physicians,
  '0024-module': module,
  '0025-centre-sessions': centreSessions,
  '0026-centre-records': centreRecords,
  '0027-outsource': outsource,
  '0028-oprf': oprf,
  '0029-module-visits': moduleVisits,
  '0030-centre-reading': centreReading,
  '0031-centre-moves': centreMoves,
  '0032-notice-lanes': noticeLanes,
  '0033-told-changes': toldChanges,
  '0034-person-checks': personChecks,
  '0035-shown-cards': shownCards,
  '0036-score-keys': scoreKeys,
};
