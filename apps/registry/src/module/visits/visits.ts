import type { IncomingHttpHeaders } from 'node:http';
import type { Card } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { Quota } from '@symbolon/service';
import type { LoggedIn } from '../../common/logins.ts';
import type { Context } from '../context.ts';
import type { Asking, Failures } from '../failures.ts';
import type { Installations } from '../people/installations.ts';

/** A physician who is logged in, at an institution. */
export type Visitor = LoggedIn & { readonly institution: string };

const day = 86_400_000;

/** Who asks this module, and how often: each request of an installation goes through here. */
export class Visits {
  readonly #context: Context;
  readonly #installations: Installations;
  readonly #failures: Failures;
  readonly #requests: Quota;
  readonly #logins: Quota;
  readonly #persons = new Map<string, { day: number; count: number }>();

  constructor(context: Context, installations: Installations, failures: Failures) {
    const { settings, now } = context;
    this.#context = context;
    this.#installations = installations;
    this.#failures = failures;
    this.#requests = new Quota(settings.maxRequestsPerMinute, now);
    this.#logins = new Quota(settings.maxLoginsPerMinute, now);
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

  /** Counts persons whom a physician names: typing names in does not get far. Throws `too-many-requests`. */
  count({ physician }: Visitor, persons: number): void {
    const { settings, now } = this.#context;
    const today = Math.floor(now().getTime() / day);
    const known = this.#persons.get(physician);
    const count = (known?.day === today ? known.count : 0) + persons;
    if (count > settings.maxPersonsPerDay) {
      throw fault('too-many-requests', `${physician} has named ${settings.maxPersonsPerDay} persons today`, {
        culprit: physician,
        hint: 'Go on tomorrow, or ask the administrators of the module to raise the limit.',
      });
    }
    this.#persons.set(physician, { day: today, count });
  }

  async #institution({ id, role }: Card): Promise<string> {
    if (role === 'workstation') return this.#installations.institutionOf(id);
    throw fault('peer-refused', `${id} is no installation of the physicians' client`, { culprit: id });
  }
}

const tooMany = (who: string) => fault('too-many-requests', `${who} asks too often`, { culprit: who });
