import type { Agreement, Purpose, StudyColumn } from '@symbolon/agreement';
import { type Policy, planPolicies, reference } from './cedar.ts';
import { type PartyRefusal, refuse } from './force.ts';

/** Where a column stands in a plan. */
export interface PlanUse {
  /** Its name in the agreement. */
  readonly table: string;
  readonly column: string;
  readonly use: string;
  readonly clause: string;
}

/** A link or a study as it would run here. */
export interface Plan {
  /** In words: `the study 'by-age'`. */
  readonly what: string;
  readonly parties: readonly string[];
  readonly receivers: readonly string[];
  readonly uses: readonly PlanUse[];
}

/** Who asks, and what is known of it. */
export interface Asking {
  /** The organisation that asks, and this one. */
  readonly by: string;
  readonly self: string;
  readonly purpose: Purpose | undefined;
  /** What the asker makes of the plan is what this organisation makes of it. */
  readonly same: boolean;
  readonly approvals: { readonly given: number; readonly needed: number };
}

/** What of an agreement policies are held against: its purpose, and its columns by table. */
export interface PlanTerms extends Pick<Agreement, 'purpose'> {
  readonly studies?: {
    readonly tables: Readonly<Record<string, { readonly columns: Readonly<Record<string, StudyColumn>> }>>;
  };
}

/** Whether the policies let this organisation take part; undefined if they do. */
export function refusedPlan(plan: Plan, agreement: PlanTerms, asking: Asking): PartyRefusal | undefined {
  const { by, self, purpose, same, approvals } = asking;
  const used = usesOf(plan, agreement);
  const uid = { type: 'Plan', id: 'this' };
  const organisation = (id: string) => reference('Organisation', id);
  const { permitted, policies: found } = planPolicies.decide({
    principal: { type: 'Organisation', id: by },
    action: 'take part',
    resource: uid,
    context: {
      self: organisation(self),
      purpose: purpose ?? '',
      agreed: agreement.purpose?.uses ?? [],
      approvals: approvals.given,
      needed: approvals.needed,
      same,
    },
    entities: [
      {
        uid,
        attrs: {
          ...used,
          parties: plan.parties.map(organisation),
          receivers: plan.receivers.map(organisation),
        },
      },
    ],
  });
  if (permitted) return undefined;
  const [policy] = found;
  if (policy === undefined) return refuse('forbidden', `No policy of ${self} permits ${plan.what}.`, self);
  return refuse(
    policy.code,
    `${self} refuses ${plan.what}: ${policy.words} (${detail(policy, asking, used)}).`,
    culprit(policy, asking),
  );
}

type Uses = Readonly<Record<'uses' | 'permitted' | 'shows' | 'shown', readonly string[]>>;

/** What the plan does with columns, and what of just these columns the agreement permits. */
function usesOf({ uses, receivers }: Plan, { studies }: PlanTerms): Uses {
  const columns = new Map<string, StudyColumn | undefined>();
  for (const { table, column } of uses) columns.set(`${table}.${column}`, studies?.tables[table]?.columns[column]);
  const limited = [...columns].filter(([, column]) => column?.towards !== undefined);
  return {
    uses: distinct(uses.map(({ table, column, use }) => `${table}.${column} ${use}`)),
    permitted: [...columns].flatMap(([name, column]) => permittedOf(column).map((use) => `${name} ${use}`)),
    // A column without limits is for all.
    shows: limited.flatMap(([name]) => receivers.map((id) => `${name} ${id}`)),
    shown: limited.flatMap(([name, column]) => column!.towards!.map((id) => `${name} ${id}`)),
  };
}

const widening = ['join', 'aggregate', 'filter', 'group'] as const;

/** What a column's policy permits: itself, and all that shows less. */
function permittedOf(column: StudyColumn | undefined): readonly string[] {
  if (column === undefined || column.policy === 'hidden') return [];
  return widening.slice(0, widening.indexOf(column.policy) + 1);
}

/** What a privacy officer needs beside a policy's words. */
function detail({ id }: Policy, { by, purpose, approvals }: Asking, { uses, permitted, shows, shown }: Uses): string {
  switch (id) {
    case 'column-policy':
      return uses.filter((use) => !permitted.includes(use)).join(', ');
    case 'column-receivers':
      return shows.filter((show) => !shown.includes(show)).join(', ');
    case 'purpose':
      return `${purpose}`;
    case 'approved':
      return `${approvals.given} of ${approvals.needed}`;
    default:
      return `asked by ${by}`;
  }
}

function culprit({ id }: Policy, { by, self }: Asking): string {
  return id === 'approved' || id === 'not-ours' ? self : by;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
