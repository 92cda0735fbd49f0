import { type AlertRule, compileAlert } from '@symbolon/alerts';
import { fault, SymbolonError } from '@symbolon/crypto';
import type { StoredAgreement } from '../agreements/store.ts';
import { authorizeTelling } from '../authorize/alert.ts';
import type { AlertGrant } from '../authorize/alert-received.ts';
import type { PartyRefusal } from '../authorize/force.ts';
import type { PartyContext } from '../context.ts';
import type { RunInfo } from '../link/runs.ts';
import type { Identifiers } from '../subjects/identifiers.ts';
import type { Screen } from '../subjects/screen.ts';
import { LinkedPatients } from './linked.ts';

/** The link that an alert goes by. */
export interface TermsLink {
  readonly run: number;
  readonly attempt: string;
  readonly endedAt: string;
  /** Ms since 1970: later, its pairs are too old to tell of, but what was told can still be taken back. */
  readonly until: number;
  readonly patients: LinkedPatients;
}

/** An alert that this party tells, as everything stands. */
export interface AlertTerms extends AlertGrant {
  readonly rule: AlertRule;
  readonly link: TermsLink;
  /** Hashes what sources call a patient, as lists of opt-outs do. */
  readonly identifiers: Identifiers;
}

/** An alert that this party would tell, and why it cannot. */
export interface SilentAlert {
  readonly agreement: string;
  readonly title: string;
  readonly alert: string;
  readonly to: string;
  readonly code: string;
  readonly reason: string;
}

interface Indexed {
  readonly run: number;
  readonly screen: Screen;
  readonly patients: LinkedPatients;
}

const dayMilliseconds = 86_400_000;

/** Looks up which alerts this party tells, and of whom. Pairs that did not change are not read again. Runs at: the sender. */
export class TermsReader {
  readonly #context: PartyContext;
  /** By agreement. */
  #indexed = new Map<string, Indexed>();

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** All alerts of agreements that this party has signed and that name it as who tells. */
  async read(): Promise<{ readonly terms: AlertTerms[]; readonly silent: SilentAlert[] }> {
    const { agreements, runs, home } = this.#context;
    const terms: AlertTerms[] = [];
    const silent: SilentAlert[] = [];
    const done = (await runs.list()).filter(({ state }) => state === 'done');
    const indexed = new Map<string, Indexed>();
    for (const stored of await agreements.list()) {
      const { agreement, hash } = stored;
      const own = (agreement.alerts ?? []).filter(({ from }) => from === home.card.id);
      for (const { name, to } of own) {
        const result = await this.#one(stored, { name, to }, done, indexed).catch(refusal);
        if ('rule' in result) terms.push(result);
        else
          silent.push({
            agreement: hash,
            title: agreement.title,
            alert: name,
            to,
            code: result.code,
            reason: result.reason,
          });
      }
    }
    this.#indexed = indexed;
    return { terms, silent };
  }

  async #one(
    stored: StoredAgreement,
    { name, to }: { readonly name: string; readonly to: string },
    done: readonly RunInfo[],
    indexed: Map<string, Indexed>,
  ): Promise<AlertTerms | PartyRefusal> {
    const { home, agreements, approvals, now, optOuts } = this.#context;
    const { hash } = stored;
    const decision = authorizeTelling(
      { agreement: hash, alert: name, from: home.card.id, to },
      {
        home,
        stored,
        successors: await agreements.successors(hash),
        approvals: await approvals.list({ action: 'alerts', agreement: hash, name: '' }),
        now: now(),
      },
    );
    if (!decision.grant) return decision;
    const { alert, agreement } = decision;
    const newest = done.findLast((run) => run.agreement === hash);
    if (newest === undefined) throw fault('alert-link', `there is no link of "${agreement.title}" yet`);
    const { id: run, attempt, endedAt } = newest;
    const column = this.#columnOf(decision);
    const known = indexed.get(hash) ?? (await this.#index(decision, newest, column));
    indexed.set(hash, known);
    const { identifiers } = await optOuts.identifiers(agreement.tables[ownTable(decision)].dataset, column);
    const until = Date.parse(endedAt!) + alert.linkDays * dayMilliseconds;
    const link = { run, attempt, endedAt: endedAt!, until, patients: known.patients };
    return { ...decision, rule: compileAlert(alert), link, identifiers };
  }

  async #index(decision: AlertGrant, { id: run, details }: RunInfo, column: string): Promise<Indexed> {
    const { optOuts, settings } = this.#context;
    const { agreement, hash } = decision;
    const table = ownTable(decision);
    const { dataset } = agreement.tables[table];
    const screen = await optOuts.screen(dataset, agreement);
    const before = this.#indexed.get(hash);
    if (before?.run === run && before.screen.same(screen)) return before;
    const { birthDateColumn } = settings.alerts.patients[dataset] ?? {};
    const { leftOut } = screen;
    const link = { run, details: details ?? {}, agreement, table, leftOut, column, birthDateColumn };
    return { run, screen, patients: await LinkedPatients.of(this.#context, link) };
  }

  #columnOf(decision: AlertGrant): string {
    const { dataset, key } = decision.agreement.tables[ownTable(decision)];
    const column = key ?? this.#context.settings.alerts.patients[dataset]?.patientColumn;
    if (column !== undefined) return column;
    throw fault('config-invalid', `nothing says which column of ${dataset} names its patients to sources`, {
      culprit: `settings.alerts.patients.${dataset}.patientColumn`,
    });
  }
}

/** A grant has the receiver's. */
function ownTable({ table }: AlertGrant): 'a' | 'b' {
  return table === 'a' ? 'b' : 'a';
}

function refusal(error: unknown): PartyRefusal {
  if (!(error instanceof SymbolonError) || error.code === 'database-unavailable') throw error;
  return { grant: false, code: error.code, reason: error.message, culprit: error.culprit };
}
