import { checkAlerts } from './alerts.ts';
import { checkApprovals } from './approvals.ts';
import { checkPrice, checkQuota, checkRenewal } from './commerce.ts';
import { keyNames } from './fields.ts';
import { checkLicence } from './licence.ts';
import { checkLink } from './link-rules.ts';
import { checkOutsourcing, computing } from './outsourcing.ts';
import { checkPurpose } from './purpose.ts';
import { distinct, type Must } from './rules.ts';
import type { Agreement, LinkAgreement } from './schema.ts';
import { checkStudies } from './study-rules.ts';

/** The rules across the fields of a whole agreement, whose shape has been checked. */
export function checkAgreement(must: Must, agreement: Agreement): void {
  const { tables, link, studies, alerts, outsourcing, counters, predecessor, term } = agreement;
  checkMembers(must, agreement);
  must(tables === undefined || link !== undefined, 'link', 'is missing, but there are tables for it');
  must(link === undefined || tables !== undefined, 'tables', 'are missing, but there is a link of them');
  must(
    [link, studies, outsourcing].some((section) => section !== undefined),
    'agreement',
    'covers neither a link nor studies, nor outsourced ones',
  );
  if (link !== undefined && tables !== undefined) checkLink(must, agreement as LinkAgreement);
  if (studies !== undefined) checkStudies(must, studies, agreement);
  if (alerts !== undefined) checkAlerts(must, alerts, agreement);
  must(counters === undefined || counters !== predecessor, 'counters', 'names what it replaces');
  must(term.from <= term.until, 'term.until', 'lies before term.from');
  checkConditions(must, agreement);
  must(
    outsourcing === undefined || computing({ studies }).size === 0,
    'outsourcing',
    'stands beside tables of studies that are encrypted; make two agreements',
  );
  if (outsourcing !== undefined) checkOutsourcing(must, outsourcing, idsOf(agreement));
}

/** For what, at which price, with whose approval. */
function checkConditions(must: Must, agreement: Agreement): void {
  const { purpose, approvals, onwardUse, renewal, price, quota, term, licence } = agreement;
  const ids = idsOf(agreement);
  if (purpose !== undefined) checkPurpose(must, purpose, ids);
  if (approvals !== undefined) checkApprovals(must, approvals, ids);
  if (onwardUse !== undefined && onwardUse !== 'none') {
    must(distinct(onwardUse.purposes), 'onwardUse.purposes', 'names a purpose twice');
    must(distinct(onwardUse.recipients), 'onwardUse.recipients', 'names a recipient twice');
  }
  if (renewal !== undefined) checkRenewal(must, renewal, term);
  if (price !== undefined) checkPrice(must, price, ids);
  if (quota !== undefined) checkQuota(must, quota, ids);
  if (licence !== undefined) checkLicence(must, licence, agreement);
}

// As many as a session of the engine has.
const mostParties = 5;

function checkMembers(must: Must, { parties, keyService, outsourcing, studies }: Agreement): void {
  const members = [...parties, keyService];
  must(distinct(members.map(({ id }) => id)), 'parties', 'two organisations have the same id');
  must(distinct(members.map(({ name }) => name)), 'parties', 'two organisations have the same name');
  const computers = computing({ outsourcing, studies }).size;
  must(
    parties.length - computers <= mostParties,
    'parties',
    `must be at most ${mostParties} beside those that compute`,
  );
  const keys = members.flatMap((member) => keyNames.map((name) => member[name]));
  must(distinct(keys), 'parties', 'a key appears twice; every key of every organisation must differ');
}

function idsOf({ parties }: Agreement): string[] {
  return parties.map(({ id }) => id);
}
