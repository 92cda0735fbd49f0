import type { ClinicalEvent } from '@symbolon/alerts';
import { Lane, type Person } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { Backlog } from './backlog.ts';
import { Counts, type Outcome } from './counts.ts';
import { Intake } from './intake.ts';
import { forgetOld } from './marks.ts';
import { waiting } from './outbox.ts';
import { Quarantine, type QuarantineInfo } from './quarantine.ts';
import { sourceNamed } from './source-named.ts';
import type { SourceSettings } from './source-settings.ts';
import { openSource } from './sources/open.ts';
import type { Source } from './sources/source.ts';
import { SourceTokens } from './tokens.ts';

/** A source, and what became of its events since the server began. */
export interface SourceInfo {
  readonly name: string;
  readonly kind: SourceSettings['kind'];
  /** Where it listens or looks; null while it does not. */
  readonly at: string | null;
  readonly events: Readonly<Partial<Record<Outcome, number>>>;
}

/** An alert that this organisation tells, or would. */
export interface TellingInfo {
  readonly agreement: string;
  readonly title: string;
  readonly alert: string;
  readonly to: string;
  /** Patients that may be told of; null where it is silent. */
  readonly patients: number | null;
  /** Until when pairs of its link are used. */
  readonly until: string | null;
  /** Why nothing is told; null where something is. */
  readonly silent: string | null;
}

/** How everything stands at the sender. */
export interface SenderStatus {
  readonly alerts: readonly TellingInfo[];
  readonly waiting: number;
  readonly quarantine: number;
  /** What somebody should do. */
  readonly warnings: readonly string[];
}

const hourMilliseconds = 3_600_000;
/** Deleting goes on in steps, so that events come between. */
const stepMilliseconds = 100;

/** What a server does about events that it tells partners of. */
export class AlertSender {
  readonly quarantine: Quarantine;
  readonly tokens: SourceTokens;
  readonly intake: Intake;
  readonly #context: PartyContext;
  readonly #counts = new Counts();
  readonly #sources = new Map<
    string,
    { readonly settings: SourceSettings; readonly source: Source; at: string | null }
  >();
  readonly #cleaning: Lane;

  /** Throws `config-invalid`. @param wake is told which partner messages wait for */
  constructor(context: PartyContext, wake: (partner: string) => void) {
    this.#context = context;
    this.quarantine = new Quarantine(context);
    this.tokens = new SourceTokens(context);
    this.intake = new Intake(context, {
      counts: this.#counts,
      backlog: new Backlog(context),
      committed: (partners) => partners.forEach(wake),
    });
    const server = { context, intake: this.intake, quarantine: this.quarantine, counts: this.#counts };
    for (const settings of context.settings.alerts.sources) {
      this.#sources.set(settings.name, { settings, source: openSource(server, settings, this.tokens), at: null });
    }
    this.#cleaning = new Lane(
      async () => ((await forgetOld(context)) ? stepMilliseconds : hourMilliseconds),
      (error) => {
        context.logger.error({ err: error }, 'old events could not be forgotten; it is tried again');
        return hourMilliseconds;
      },
    );
  }

  /** Throws `config-invalid`. */
  async start(): Promise<void> {
    for (const [name, known] of this.#sources) {
      known.at = await known.source.start();
      this.#context.logger.info({ source: name, at: known.at }, 'ready for events');
    }
    this.#cleaning.wake();
  }

  /** Answers what came, and takes nothing more in. */
  async close(): Promise<void> {
    await Promise.all([...this.#sources.values()].map(({ source, at }) => (at === null ? undefined : source.close())));
    await Promise.all([this.intake.close(), this.#cleaning.close()]);
  }

  sources(): SourceInfo[] {
    return [...this.#sources].map(
      ([
        name,
        {
          settings: { kind },
          at,
        },
      ]) => ({
        ...{ name, kind, at },
        events: this.#counts.of(name),
      }),
    );
  }

  async status(): Promise<SenderStatus> {
    const { terms, silent } = await this.intake.terms.get();
    const now = this.#context.now().getTime();
    const told = terms.map(({ hash, agreement: { title }, alert, link }): TellingInfo => {
      const until = new Date(link.until).toISOString();
      const old = now > link.until ? `the newest link is older than ${alert.linkDays} days: link again` : null;
      return {
        ...{ agreement: hash, title, alert: alert.name, to: alert.to, until, silent: old },
        patients: link.patients.size,
      };
    });
    const others = silent.map(({ code, reason, ...of }): TellingInfo => {
      return { ...of, patients: null, until: null, silent: `${code}: ${reason}` };
    });
    return {
      alerts: [...told, ...others],
      waiting: await waiting(this.#context.database),
      quarantine: await this.quarantine.open(),
      warnings: this.#warnings(),
    };
  }

  /** Tries an entry of the quarantine again. Throws as it was refused before, where nothing has changed. */
  retry(id: number, person?: Person): Promise<QuarantineInfo> {
    return this.quarantine.retry(
      id,
      async (name, content) => this.intake.take(name, this.#read(name, content)),
      person,
    );
  }

  #read(name: string, content: Uint8Array): readonly ClinicalEvent[] {
    sourceNamed(this.#context, name);
    return this.#sources.get(name)!.source.read(content);
  }

  #warnings(): string[] {
    const ageless = this.sources().reduce((sum, { events }) => sum + (events['age-unknown'] ?? 0), 0);
    if (ageless === 0) return [];
    return [
      `${ageless} events were not told, as nobody knows whether the patient is of age: name the column with dates of birth, settings.alerts.patients.DATASET.birthDateColumn`,
    ];
  }
}
