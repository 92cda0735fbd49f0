import { setImmediate as turn } from 'node:timers/promises';
import type { LinkAgreement } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import { fingerprint } from '../data/fingerprint.ts';
import type { LeftOut } from '../data/left-out.ts';
import type { RunDetails } from '../link/runs.ts';
import { foldIdentifier } from '../subjects/identifiers.ts';
import { dateOf, readPatients, unknownDay } from './own-patients.ts';

/** A patient of a link: the numbers of the receiver's rows, ascending, and a date of birth, `YYYY-MM-DD`, where the own data says it. */
export interface LinkedPatient {
  readonly rows: readonly number[];
  readonly birthDate: string | null;
}

/** A finished link, and the columns of the own data set by which sources name its patients. */
export interface IndexedLink {
  readonly run: number;
  readonly details: Pick<RunDetails, 'data'>;
  readonly agreement: LinkAgreement;
  /** Of this party. */
  readonly table: 'a' | 'b';
  readonly leftOut: LeftOut | undefined;
  /** The agreement's key column, or one that the settings name. */
  readonly column: string;
  readonly birthDateColumn: string | undefined;
}

type Context = Pick<PartyContext, 'runs' | 'datasets'>;

const mostRows = 16;

/**
 * The patients of a link by what sources call them, those left out who opted out. In memory: an event is looked up in a microsecond. Runs at: the sender.
 * Nothing leaves.
 */
export class LinkedPatients {
  readonly #link: IndexedLink;
  readonly #numbers = new Map<string, number>();
  /** The rows of patient i are those of `#peers` from `#starts[i]` to `#starts[i + 1]`. */
  #starts = new Uint32Array(1024);
  #peers = new Uint32Array(1024);
  #births: Int32Array | undefined;

  private constructor(link: IndexedLink) {
    this.#link = link;
  }

  /** Reads the pairs, and the own data set where it is needed. Throws `alert-link` where nobody can tell who is who. */
  static async of(context: Context, link: IndexedLink): Promise<LinkedPatients> {
    const patients = new LinkedPatients(link);
    const isKey = link.agreement.tables[link.table].key === link.column;
    await (isKey ? patients.#byKey(context) : patients.#byRecord(context));
    return patients;
  }

  /** How many patients may be told of. */
  get size(): number {
    return this.#numbers.size;
  }

  /** Undefined where the patient is not linked. */
  find(identifier: string): LinkedPatient | undefined {
    const name = this.#nameOf(identifier);
    const number = name === null ? undefined : this.#numbers.get(name);
    if (number === undefined) return undefined;
    const rows = this.#peers.slice(this.#starts[number]!, this.#starts[number + 1]!).sort();
    return {
      rows: Array.from(rows.subarray(0, mostRows)),
      birthDate: dateOf(this.#births?.[number] ?? unknownDay),
    };
  }

  /** Texts are what they are; of a number, 007 and 7 are the same. */
  #nameOf(identifier: string): string | null {
    const { agreement, table, column } = this.#link;
    const agreed = agreement.tables[table].columns[column];
    return agreed === undefined || agreed.type === 'text' ? identifier : foldIdentifier(identifier);
  }

  async #byKey(context: Context): Promise<void> {
    const { leftOut, column, birthDateColumn } = this.#link;
    await this.#readPairs(context, (_, key) => key);
    if (birthDateColumn !== undefined) this.#births = new Int32Array(this.#numbers.size).fill(unknownDay);
    const listed = leftOut?.columns.every((one) => one === column) === true;
    const out = new Set<string | null>();
    if (birthDateColumn !== undefined || (leftOut !== undefined && !listed)) {
      await this.#readOwn(context, ({ text, birth, isOut }) => {
        const number = this.#numbers.get(this.#nameOf(text) ?? '');
        if (number !== undefined && this.#births !== undefined) this.#births[number] = birth;
        if (isOut) out.add(foldIdentifier(text));
      });
    }
    // The key may be written otherwise in the source: rather one too many is left out than one too few.
    if (out.size > 0) this.#remove((name) => out.has(foldIdentifier(name)));
    if (leftOut !== undefined && listed) this.#remove((name) => leftOut.has(leftOut.columns.map(() => name)));
  }

  /** Pairs know own records by their numbers, so these must be what was linked. */
  async #byRecord(context: Context): Promise<void> {
    const { agreement, table, details, birthDateColumn } = this.#link;
    const { dataset } = agreement.tables[table];
    if (details.data !== (await fingerprint(await context.datasets.source(dataset)))) {
      throw fault('alert-link', `nobody can tell whether the records of ${dataset} are those that were linked`, {
        culprit: dataset,
        hint: 'Agree on a key column: it finds patients whatever becomes of their records.',
      });
    }
    const texts: (string | null)[] = [];
    const births: number[] = [];
    const seen = new Map<string | null, number>();
    await this.#readOwn(context, ({ record, text, birth, isOut }) => {
      const name = this.#nameOf(text);
      const same = seen.get(name);
      // What two people are called by names neither.
      if (same !== undefined) texts[same] = null;
      texts[record] = isOut || same !== undefined ? null : name;
      births[record] = birth;
      seen.set(name, record);
    });
    const records = await this.#readPairs(context, (record) => texts[record] ?? null);
    if (birthDateColumn !== undefined) this.#births = Int32Array.from(records, (record) => births[record]!);
  }

  #readOwn(context: Context, each: Parameters<typeof readPatients>[3]): Promise<void> {
    return readPatients(context, this.#link.agreement.tables[this.#link.table].dataset, this.#link, each);
  }

  /** Pairs come in the order of the own records. @returns the record of each patient */
  async #readPairs(
    { runs }: Context,
    textOf: (record: number, key: string | null) => string | null,
  ): Promise<number[]> {
    const records: number[] = [];
    let count = 0;
    for (let page = 0; ; page++) {
      const pairs = await runs.matchPage(this.#link.run, this.#link.table, page);
      if (pairs === undefined) break;
      for (const { row, key, peerRow } of pairs) {
        const text = textOf(row, key);
        const name = text === null ? null : this.#nameOf(text);
        if (name === null) continue;
        if (row !== records.at(-1)) {
          this.#numbers.set(name, records.length);
          this.#starts = roomFor(this.#starts, records.length);
          this.#starts[records.length] = count;
          records.push(row);
        }
        this.#peers = roomFor(this.#peers, count);
        this.#peers[count++] = peerRow;
      }
      await turn();
    }
    this.#starts = roomFor(this.#starts, records.length).slice(0, records.length + 1);
    this.#starts[records.length] = count;
    this.#peers = this.#peers.slice(0, count);
    return records;
  }

  #remove(isOut: (name: string) => boolean): void {
    for (const name of this.#numbers.keys()) if (isOut(name)) this.#numbers.delete(name);
  }
}

function roomFor(numbers: Uint32Array<ArrayBuffer>, place: number): Uint32Array<ArrayBuffer> {
  if (place < numbers.length) return numbers;
  const larger = new Uint32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
