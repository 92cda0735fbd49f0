import { approvalRule } from '@symbolon/agreement';
import { type Approval, countApprovals } from '../approvals.ts';
import { type AlertFacts, type AlertGrant, type AlertNamed, authorizeAlert } from './alert-received.ts';
import { type PartyRefusal, refuse } from './force.ts';

/** {@link AlertFacts}, and who here approved that the agreement's alerts are told. */
export interface TellingFacts extends AlertFacts {
  readonly approvals: readonly Approval[];
}

/** Whether this party tells another by an alert: it is agreed, and approved by whom the agreement asks. Runs at: the sender. */
export function authorizeTelling(named: AlertNamed, facts: TellingFacts): AlertGrant | PartyRefusal {
  const decision = authorizeAlert(named, facts);
  if (!decision.grant) return decision;
  const { agreement } = decision;
  const own = facts.home.card.id;
  if (named.from !== own) {
    return refuse(
      'agreement-party',
      `The alert '${named.alert}' of "${agreement.title}" is not one that ${own} tells.`,
    );
  }
  const { given, needed } = countApprovals(facts.approvals, {
    hash: named.agreement,
    rule: approvalRule(agreement, 'alerts', own),
    askedBy: [],
  });
  if (given >= needed) return decision;
  return refuse(
    'unapproved',
    `The alerts of "${agreement.title}" need the approval of ${needed} ${needed === 1 ? 'person' : 'people'} of ${own}; ${given} gave it.`,
  );
}
