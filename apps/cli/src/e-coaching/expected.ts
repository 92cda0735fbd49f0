import { type Coached, coachingTruth } from '@symbolon/testkit';

const { trend, specialist, family, flare } = coachingTruth;

/** Which patients are meant. */
export type Who = (patient: Coached) => boolean;

/**
 * What the studies must find, had they been asked about all patients: of the parameters that were put into the data, the mean over those whom a
 * number is about. Only who made the patients can know it.
 */
export class Expected {
  readonly #patients: readonly Coached[];

  constructor(patients: readonly Coached[]) {
    this.#patients = patients;
  }

  /** Specialist visits a year that the app adds, to those who use it. */
  effect(who: Who = () => true): number {
    return this.#mean((one) => one.app && who(one), effectOf);
  }

  /** How the specialist visits of those who use the app change, care moving anyway. */
  change(who: Who): number {
    return trend + this.effect(who);
  }

  /** Euros a year: 140 a visit to the specialist, 32 to the family physician. */
  paidByInsurer(): number {
    return 140 * this.effect() + 32 * family;
  }

  /** Euros a year for travel, 18 a visit of those who are helped. */
  paidByMunicipality(): number {
    const paid = (one: Coached): number => (one.support ? 18 * (trend + (one.app ? effectOf(one) : 0)) : 0);
    return this.#mean(({ app }) => app, paid) - this.#mean(({ app }) => !app, paid);
  }

  /** Share without a flare up to a day of the year; flares fall evenly over its 365 days. */
  flareless(day: number, app: boolean): number {
    const ill = ({ severity }: Coached): number =>
      1 / (1 + Math.exp(-(flare.intercept + flare.severity * (severity - 5) + (app ? flare.app : 0))));
    return 1 - (day / 365) * this.#mean((one) => one.app === app, ill);
  }

  #mean(who: Who, value: (patient: Coached) => number): number {
    const all = this.#patients.filter(who).map(value);
    return all.reduce((sum, each) => sum + each, 0) / all.length;
  }
}

function effectOf({ literacy }: Coached): number {
  return specialist[literacy];
}
