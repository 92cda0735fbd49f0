import { type Alert, defaultMaxAgeDays, type SensitiveCategory } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { ClinicalEvent } from '../event.ts';
import { yearsBetween } from '../time.ts';
import { compileCondition } from './condition.ts';
import { alertProblems } from './problems.ts';
import { codesWithin, sensitiveOf } from './sensitive.ts';
import { ValueSets } from './value-sets.ts';

/** Why an event in no class might be in one: its value has another unit, or a FHIRPath expression failed. */
export type Unclear = 'unit' | 'expression';

/** What becomes of an event. */
export type Decision =
  /** The class of events that it is told as. */
  | { readonly tell: string }
  | {
      /** `age-unknown`: minors are not told of, and nobody knows how old the patient is. */
      readonly withheld: 'no-class' | 'sensitive' | 'age-unknown' | 'too-old';
      /** Of a sensitive one. */
      readonly category?: SensitiveCategory;
      /** Of one in no class. */
      readonly unclear?: Unclear;
    };

/** An alert of an agreement, ready to decide. */
export interface AlertRule {
  /**
   * Whether an event that was not cancelled is told, and as what.
   * @param birthDate `YYYY-MM-DD`; null where nobody knows it
   */
  decide(event: ClinicalEvent, birthDate: string | null, now: Date): Decision;
}

const dayMs = 86_400_000;
const ofAge = 18;
/** Nobody is older: such a date stands for one that is not known. */
const oldest = 130;
// It is the same day everywhere in the world, or later: somebody may be under age for another day where the event was.
const farthestWest = 12 * 3_600_000;

/** Throws `agreement-invalid` where `alertProblems` finds anything. */
export function compileAlert(alert: Alert): AlertRule {
  const [problem] = alertProblems(alert);
  if (problem !== undefined) {
    const { at, message, hint } = problem;
    throw fault('agreement-invalid', `alert '${alert.name}': ${at}: ${message}`, { culprit: at, hint });
  }
  const includes: ReadonlySet<SensitiveCategory> = new Set(alert.includes);
  const maxAge = (alert.maxAgeDays ?? defaultMaxAgeDays) * dayMs;
  const classOf = compileClasses(alert.events);
  return {
    decide(event, birthDate, now) {
      const found = classOf(event);
      if (typeof found !== 'string') return { withheld: 'no-class', ...found };
      if (now.getTime() - event.time > maxAge) return { withheld: 'too-old' };
      return withheldAs(event, birthDate, includes) ?? { tell: found };
    },
  };
}

function withheldAs(
  { codings, time, resource, along }: ClinicalEvent,
  birthDate: string | null,
  includes: ReadonlySet<SensitiveCategory>,
): Decision | undefined {
  for (const category of sensitiveOf([...codings, ...codesWithin(resource), ...codesWithin(along)])) {
    if (!includes.has(category)) return { withheld: 'sensitive', category };
  }
  if (includes.has('minors')) return undefined;
  if (birthDate === null) return { withheld: 'age-unknown' };
  const age = yearsBetween(birthDate, time - farthestWest);
  if (age > oldest) return { withheld: 'age-unknown' };
  return age < ofAge ? { withheld: 'sensitive', category: 'minors' } : undefined;
}

/** The first class that an event is of, in the order of the agreement; else why that is not sure, if it is not. */
function compileClasses(events: Alert['events']): (event: ClinicalEvent) => string | { unclear?: Unclear } {
  const valueSets = new ValueSets();
  const conditions = events.map(({ when }) => compileCondition(when));
  const others = events.flatMap(({ when }, i) => ('valueSet' in when ? [] : [i]));
  for (const [i, { when }] of events.entries()) {
    for (const { system, codes } of 'valueSet' in when ? when.valueSet : []) {
      for (const code of codes) valueSets.add(system, code, i);
    }
  }
  return (event) => {
    const coded = valueSets.firstOf(event.codings);
    let unclear: Unclear | undefined;
    for (const i of others) {
      if (i > coded) break;
      const met = conditions[i]!(event);
      if (met === true) return events[i]!.name;
      if (met !== false) unclear = met;
    }
    if (coded < events.length) return events[coded]!.name;
    return unclear === undefined ? {} : { unclear };
  };
}
