import type { IncomingHttpHeaders } from 'node:http';
import type { Card } from '@symbolon/agreement';
import type { Operation } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import { Quota } from '@symbolon/service';
import type { LoggedIn } from '../../common/logins.ts';
import type { Context } from '../context.ts';
import type { Asking, Failures } from '../failures.ts';
import type { Installations } from '../people/installations.ts';
import { DailyCounts } from './daily-counts.ts';

/** A physician who is logged in, at an institution. */
export type Visitor = LoggedIn & { readonly institution: string };

/** Who asks this module, and how often: each request of an installation goes through here. */
export class Visits {
  readonly #context: Context;
  readonly #installations: Installations;
  readonly #failures: Failures;
  readonly #requests: Quota;
  readonly #logins: Quota;
  readonly #persons: DailyCounts;
  readonly #tickets: DailyCounts;

  constructor(context: Context, installations: Installations, failures: Failures) {
    const { settings, now } = context;
    this.#context = context;
    this.#installations = installations;
    this.#failures = failures;
    this.#requests = new Quota(settings.maxRequestsPerMinute, now);
    this.#logins = new Quota(settings.maxLoginsPerMinute, now);
    this.#persons = new DailyCounts(now);
    this.#tickets = new DailyCounts(now);
  }

  /** Does what an installation asks for of which nobody is logged in yet. */
  atInstallation<T>(action: string, caller: Card, work: () => Promise<T>): Promise<T> {
    const asking: Asking = { action, installation: caller.id };
    return this.#failures.keeping(asking, async () => {
      await this.#institution(caller);
      if (!this.#logins.take(caller.id)) throw tooMany(caller.id);
      return work();
    });
  }

  /** Does what a physician asks for. */
  asPhysician<T>(
    action: string,
    { caller, headers }: { caller: Card; headers: IncomingHttpHeaders },
    work: (who: Visitor) => Promise<T>,
  ): Promise<T> {
    const asking: Asking = { action, installation: caller.id };
    return this.#failures.keeping(asking, async () => {
      const institution = await this.#institution(caller);
      const who = await this.#context.logins.authenticate(headers, caller.id);
      asking.physician = who.physician;
      if (!this.#requests.take(who.physician)) throw tooMany(who.physician);
      return work({ ...who, institution });
    });
  }

  /**
   * Counts persons whom a physician names: typing names in does not get far. One at a time, a few more may be named, which is an alarm: an emergency does not wait
   * until tomorrow. Throws `too-many-requests`.
   */
  async countPersons({ physician, installation }: Visitor, { count, batch }: { count: number; batch: boolean }) {
    const { maxPersonsPerDay: most, emergencyPersonsPerDay: more } = this.#context.settings;
    const named = this.#persons.add(physician, count, batch ? most : most + more);
    if (named === undefined) throw tooManyToday(physician, `named ${most} persons`);
    if (named !== most + 1) return;
    const text = `a physician has named ${most} persons today, and goes on`;
    const who = { patient: null, physician, installation, tellPatient: false };
    await this.#context.alarms.raise({ alarm: 'many-persons', ...who, text });
  }

  /** Counts tickets, so that nobody uses up what the key holder evaluates in a day. Those for an emergency are always given. Throws `too-many-requests`. */
  countTicket({ physician }: Visitor, operation: Operation): void {
    const { maxTicketsPerDay: most } = this.#context.settings;
    if (operation === 'break-glass' || this.#tickets.add(physician, 1, most) !== undefined) return;
    throw tooManyToday(physician, `asked for ${most} tickets`);
  }

  async #institution({ id, role }: Card): Promise<string> {
    if (role === 'workstation') return this.#installations.institutionOf(id);
    throw fault('peer-refused', `${id} is no installation of the physicians' client`, { culprit: id });
  }
}

const tooMany = (who: string) => fault('too-many-requests', `${who} asks too often`, { culprit: who });
const tooManyToday = (who: string, what: string) =>
  fault('too-many-requests', `${who} has ${what} today`, {
    culprit: who,
    hint: 'Go on tomorrow, or ask the administrators of the module to raise the limit.',
  });
