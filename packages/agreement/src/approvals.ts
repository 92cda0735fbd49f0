import { z } from 'zod';
import { type Frozen, organisationId } from './fields.ts';
import { type Role, roles } from './roles.ts';
import { distinct, type Must } from './rules.ts';

/** What somebody at a party may have to approve. */
export const approvedActions = ['sign', 'link', 'study', 'template', 'free', 'alerts', 'outsource', 'release'] as const;
/** One of {@link approvedActions}. */
export type ApprovedAction = (typeof approvedActions)[number];

/** Who has to approve one kind of thing. */
export const approvalsSchema = z
  .array(
    z.strictObject({
      action: z.enum(approvedActions),
      /** Every party for which no other entry stands, if absent. */
      party: organisationId.exactOptional(),
      /** 0: nobody; 1: one person; 2: two different people (four eyes). */
      people: z.int().min(0).max(2),
      /** Each of them has one of these; absent where nobody approves. */
      roles: z.array(z.enum(roles)).min(1).exactOptional(),
    }),
  )
  .max(64);

type Approvals = Frozen<z.output<typeof approvalsSchema>>;

/** How many people approve something, each with one of these roles. */
export interface ApprovalRule {
  readonly people: number;
  readonly roles: readonly Role[];
}

/** What holds where an agreement says nothing. */
const usual: Readonly<Record<ApprovedAction, ApprovalRule>> = {
  sign: { people: 1, roles: ['privacy-officer'] },
  link: { people: 0, roles: [] },
  study: { people: 1, roles: ['data-steward', 'privacy-officer'] },
  template: { people: 1, roles: ['data-steward', 'privacy-officer'] },
  free: { people: 1, roles: ['data-steward', 'privacy-officer'] },
  alerts: { people: 1, roles: ['privacy-officer'] },
  outsource: { people: 1, roles: ['data-steward', 'privacy-officer'] },
  release: { people: 0, roles: [] },
};

/** Who at a party has to approve something of this kind. */
export function approvalRule(
  { approvals = [] }: { readonly approvals?: Approvals },
  action: ApprovedAction,
  party: string,
): ApprovalRule {
  const own = approvals.filter((one) => one.action === action);
  const said = own.find((one) => one.party === party) ?? own.find((one) => one.party === undefined);
  return said === undefined ? usual[action] : { people: said.people, roles: said.roles ?? [] };
}

/** Rules across the fields of approvals. @param ids of the parties */
export function checkApprovals(must: Must, approvals: Approvals, ids: readonly string[]): void {
  for (const [i, { party, people, roles: named = [] }] of approvals.entries()) {
    const at = `approvals.${i}`;
    must(party === undefined || ids.includes(party), `${at}.party`, `${party} is not a party`);
    must(distinct(named), `${at}.roles`, 'names a role twice');
    must(people > 0 || named.length === 0, `${at}.roles`, 'says nothing where nobody approves');
    must(people === 0 || named.length > 0, `${at}.roles`, 'are missing: which people approve?');
  }
  const keys = approvals.map(({ action, party = '' }) => `${action} ${party}`);
  must(distinct(keys), 'approvals', 'two entries are about the same action of the same party');
}
