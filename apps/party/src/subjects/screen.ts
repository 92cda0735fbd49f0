import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { LeftOut } from '../data/left-out.ts';

/** Which records of a data set take no part in one run, and whether that is still so. */
export interface Screen {
  readonly dataset: string;
  /** Undefined where nobody is on the list. */
  readonly leftOut: LeftOut | undefined;
  /** Whether another screen leaves out the same people. */
  same(other: Screen): boolean;
  /** Throws `data-changed` where somebody has joined the list since. */
  requireCurrent(database: Database): Promise<void>;
}

/** Somebody on the list. */
export interface ListedRow {
  /** Later entries have larger ones. */
  readonly id: number;
  readonly key_column: string;
  readonly subject: string;
}

/** The entries of the list that apply. */
export class RowScreen implements Screen {
  readonly dataset: string;
  readonly leftOut: LeftOut | undefined;
  readonly #ids: string;
  readonly #isCurrent: (database: Database) => Promise<boolean>;

  constructor(
    dataset: string,
    rows: readonly ListedRow[],
    leftOut: LeftOut | undefined,
    isCurrent: (database: Database) => Promise<boolean>,
  ) {
    this.dataset = dataset;
    this.leftOut = leftOut;
    this.#ids = rows.map(({ id }) => id).join();
    this.#isCurrent = isCurrent;
  }

  same(other: Screen): boolean {
    return other instanceof RowScreen && other.dataset === this.dataset && other.#ids === this.#ids;
  }

  async requireCurrent(database: Database): Promise<void> {
    if (await this.#isCurrent(database)) return;
    throw fault('data-changed', `people of ${this.dataset} opted out after their records were read`, {
      culprit: this.dataset,
    });
  }
}
