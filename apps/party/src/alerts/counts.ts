import type { SensitiveCategory } from '@symbolon/agreement';

/** What became of an event, or of what was sent for one. An event that several alerts looked at counts with each. */
export type Outcome =
  | 'told'
  | 'retracted'
  /** Within the minutes of one that was told. */
  | 'merged'
  /** An update of what was told. */
  | 'known'
  /** Came before: its source had lost the answer. */
  | 'repeated'
  | 'not-linked'
  | 'no-class'
  | 'too-old'
  | 'age-unknown'
  | `sensitive ${SensitiveCategory}`
  /** In no class, as its value has another unit, or a FHIRPath expression failed. */
  | 'unclear'
  | 'quarantined'
  /** Sent back, as it could not be kept. */
  | 'refused';

/** How many events of each source came to what, since the server began. Never who. */
export class Counts {
  readonly #bySource = new Map<string, Map<Outcome, number>>();

  add(source: string, outcome: Outcome, events = 1): void {
    const counts = this.#bySource.get(source) ?? new Map<Outcome, number>();
    this.#bySource.set(source, counts);
    counts.set(outcome, (counts.get(outcome) ?? 0) + events);
  }

  of(source: string): Readonly<Partial<Record<Outcome, number>>> {
    return Object.fromEntries(this.#bySource.get(source) ?? []);
  }
}
