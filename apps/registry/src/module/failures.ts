import { type ErrorCode, SymbolonError } from '@symbolon/crypto';
import type { RequestLog } from '@symbolon/service';
import type { Alarms } from './alarms.ts';

const hour = 3_600_000;

/** What people run into who try what they may not. */
const counted = [
  'login-refused',
  'physician-refused',
  'untrusted-certificate',
  'bad-certificate',
  'card-key',
  'card-refused',
  'person-unverified',
  'unauthenticated',
  'not-found',
  'forbidden',
  'too-many-requests',
] as const satisfies readonly ErrorCode[];

/** Who asks for what. */
export interface Asking {
  readonly action: string;
  readonly installation: string;
  /** Undefined as long as nobody is logged in. */
  physician?: string;
}

/** Refusals of physicians and of installations: each is in the log, and too many in an hour are an alarm. */
export class Failures {
  readonly #requests: RequestLog;
  readonly #alarms: Alarms;
  readonly #most: number;
  readonly #now: () => Date;
  readonly #counts = new Map<string, { since: number; count: number }>();

  constructor(params: { requests: RequestLog; alarms: Alarms; mostPerHour: number; now: () => Date }) {
    this.#requests = params.requests;
    this.#alarms = params.alarms;
    this.#most = params.mostPerHour;
    this.#now = params.now;
  }

  /** Does what somebody asks for, and keeps that it was refused. */
  async keeping<T>(asking: Asking, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SymbolonError && counted.some((code) => code === error.code)) {
        const { action, installation, physician } = asking;
        const by = physician === undefined ? installation : `${physician} at ${installation}`;
        await this.#requests.refused({ by, action, code: error.code });
        await this.#count(asking);
      }
      throw error;
    }
  }

  async #count({ physician, installation }: Asking): Promise<void> {
    const key = physician ?? `at ${installation}`;
    const time = this.#now().getTime();
    for (const [name, { since }] of this.#counts) if (since <= time - hour) this.#counts.delete(name);
    const known = this.#counts.get(key) ?? { since: time, count: 0 };
    this.#counts.set(key, known);
    known.count++;
    if (known.count !== this.#most) return;
    await this.#alarms.raise({
      ...{ alarm: 'many-failures', patient: null, physician: physician ?? null, installation, tellPatient: false },
      text: `${this.#most} requests were refused within an hour`,
    });
  }
}
