import type { ErrorCode } from '@symbolon/crypto';
import type { Context } from '../context.ts';
import type { Professional } from './professional.ts';

const hour = 3_600_000;
const mostPhysicians = 10_000;

/** What was refused to physicians: each in the log, and many of one physician are an alarm, once an hour. */
export class Failures {
  readonly #context: Context;
  readonly #recent = new Map<string, { times: number[]; alarmed: number }>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** @param counts whether it may be an attempt; else it is only logged */
  async failed(
    { module, physician, installation }: Pick<Professional, 'module' | 'physician' | 'installation'>,
    step: 'ticket' | 'answer' | 'record',
    code: ErrorCode,
    counts = true,
  ) {
    const { log, alarms, now, settings } = this.#context;
    const many = counts && this.#count(`${module}/${physician}`, now().getTime(), settings.maxFailuresPerHour);
    const kind = step === 'record' ? 'record-refused' : 'consent-refused';
    const event = { kind, module, physician, installation, step, code };
    await log.append(event, async (within) => {
      if (!many) return;
      const what = step === 'record' ? 'requests about records' : 'tickets or answers';
      const text = `${settings.maxFailuresPerHour} ${what} of a physician were refused within an hour.`;
      const who = { module, patient: null, physician, installation };
      await alarms.raise({ alarm: 'many-failures', ...who, text, tellPatient: false }, within);
    });
  }

  /** Whether these are too many, for the first time in an hour. */
  #count(key: string, time: number, most: number): boolean {
    if (this.#recent.size >= mostPhysicians) this.#recent.clear();
    const known = this.#recent.get(key) ?? { times: [], alarmed: 0 };
    known.times = [...known.times.filter((at) => at > time - hour), time].slice(-most);
    this.#recent.set(key, known);
    if (known.times.length < most || known.alarmed > time - hour) return false;
    known.alarmed = time;
    return true;
  }
}
