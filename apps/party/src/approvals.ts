import { type ApprovalRule, type ApprovedAction, roles as allRoles, type Role } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { type Also, currentRoles, type Database, type Person, type ServerLog } from '@symbolon/service';

/** What may need people's approval: something of one kind under an agreement. */
export interface ApprovalSubject {
  /** Of an agreement, or that an event of the log is erased. */
  readonly action: ApprovedAction | 'erase-event';
  /** Hash of the agreement; empty where it is about none. */
  readonly agreement: string;
  /** Of a study its name there; empty for what there is one of. */
  readonly name: string;
}

/** That somebody at this organisation has approved something, in one form. */
export interface Approval extends ApprovalSubject {
  /** Of the form: of a study, hash of what it came to here. */
  readonly hash: string;
  readonly by: string;
  readonly kind: Person['kind'];
  /** Those that they had when they approved, and have still. */
  readonly roles: readonly Role[];
  readonly approvedAt: string;
}

/** How many people's approval of this form counts, and how many it takes. */
export interface ApprovalCount {
  readonly given: number;
  readonly needed: number;
}

/**
 * Counts approvals. Each person counts once, with a role that the rule names. Where two are needed (four eyes) both are users who have logged in, and neither
 * is one of those who asked.
 */
export function countApprovals(
  approvals: readonly Approval[],
  {
    hash,
    rule,
    askedBy,
  }: { readonly hash: string; readonly rule: ApprovalRule; readonly askedBy: readonly (string | null | undefined)[] },
): ApprovalCount {
  const isOne = rule.people < 2;
  const counting = approvals.filter(
    (approval) =>
      approval.hash === hash &&
      approval.roles.some((role) => rule.roles.includes(role)) &&
      (isOne || (approval.kind === 'user' && !askedBy.includes(approval.by))),
  );
  return { given: new Set(counting.map(({ by }) => by)).size, needed: rule.people };
}

/** What people of a party have approved. Each approval, and each that is taken back, is one transaction with its entry in the log. */
export class ApprovalStore {
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #now: () => Date;

  constructor(database: Database, log: Pick<ServerLog, 'append'>, now: () => Date) {
    this.#database = database;
    this.#log = log;
    this.#now = now;
  }

  /** Approves one form; that person's earlier approval of another form gives way. */
  async approve(subject: ApprovalSubject, hash: string, person: Person, also?: Also): Promise<void> {
    const { action, agreement, name } = subject;
    const { kind, id: by, roles } = person;
    if (!/^[^\p{C}]{1,120}$/u.test(by)) throw fault('request-invalid', 'who approves is named in 1 to 120 characters');
    const row = { hash, kind, roles: JSON.stringify(roles), approved_at: this.#now().toISOString() };
    await this.#log.append({ kind: 'approved', action, agreement, name, hash, by }, async (transaction) => {
      await transaction
        .insertInto('approval')
        .values({ action, agreement, name, by, ...row })
        .onConflict((conflict) => conflict.columns(['action', 'agreement', 'name', 'by']).doUpdateSet(row))
        .execute();
      await also?.(transaction);
    });
  }

  /** Takes all approvals of something back: whoever may approve may also stop it. */
  async withdraw({ action, agreement, name }: ApprovalSubject, by: string): Promise<void> {
    await this.#log.append({ kind: 'approval-withdrawn', action, agreement, name, by }, async (transaction) => {
      await transaction
        .deleteFrom('approval')
        .where('action', '=', action)
        .where('agreement', '=', agreement)
        .where('name', '=', name)
        .execute();
    });
  }

  /**
   * The approvals of something, the oldest first. Of users who have lost a role meanwhile it does not count any more.
   * @param database a transaction, to read in it
   */
  async list({ action, agreement, name }: ApprovalSubject, database: Database = this.#database): Promise<Approval[]> {
    const rows = await database
      .selectFrom('approval')
      .selectAll()
      .where('action', '=', action)
      .where('agreement', '=', agreement)
      .where('name', '=', name)
      .orderBy('approved_at')
      .orderBy('by')
      .execute();
    const approvals: Approval[] = [];
    for (const { approved_at: approvedAt, roles, ...row } of rows) {
      const then = JSON.parse(roles) as string[];
      // The owner approved alone, before there were users.
      const still = row.kind === 'owner' ? allRoles : await currentRoles(database, row.by);
      approvals.push({ ...row, roles: still.filter((role) => then.includes(role)), approvedAt });
    }
    return approvals;
  }

  /** Names of the things of one kind, under one agreement, that anybody has approved. */
  async names(action: ApprovalSubject['action'], agreement: string): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('approval')
      .select('name')
      .distinct()
      .where('action', '=', action)
      .where('agreement', '=', agreement)
      .execute();
    return rows.map(({ name }) => name);
  }
}
