import type { ColumnType } from './source.ts';
import {
  codePoints,
  type DateFormat,
  dateFormats,
  formatDays,
  formatDecimal,
  meansAbsent,
  parseDate,
  parseDecimal,
  plainNumber,
} from './values.ts';

/** What was found out about a column. Smallest and largest value aside, it holds nothing of any record. */
export interface InspectedColumn {
  name: string;
  type: ColumnType;
  /** Text: longest value, in code points. */
  maxLength?: number;
  /** Numbers and dates: smallest and largest value, as decimal text or YYYY-MM-DD. */
  min?: string;
  max?: string;
  /** Numbers: most decimals that occur. */
  scale?: number;
  /** Dates: how they are written. */
  format?: DateFormat;
  /** Records without a value. */
  nulls: number;
}

const identifierDigits = 6;

/** Watches the values of one column and says what type fits all of them. When in doubt it says text. */
export class ColumnInference {
  readonly #name: string;
  readonly #declared: ColumnType | undefined;
  #rows = 0;
  #nulls = 0;
  #absent = 0;
  #maxLength = 0;
  #number: boolean;
  #boolean: boolean;
  #scale = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #minText = '';
  #maxText = '';
  #zeros = 0;
  #shortest = Number.POSITIVE_INFINITY;
  #longest = 0;
  #dates: { format: DateFormat; misses: number; first: number; min: number; max: number }[];

  constructor(name: string, declared?: ColumnType) {
    this.#name = name;
    this.#declared = declared;
    this.#number = declared === undefined || declared === 'number';
    this.#boolean = declared === undefined || declared === 'boolean';
    const formats = declared === 'number' || declared === 'boolean' ? [] : dateFormats;
    this.#dates = formats.map((format) => ({
      format,
      misses: 0,
      first: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
    }));
  }

  add(cell: string | null, line: number): void {
    this.#rows++;
    if (cell === null) {
      this.#nulls++;
      return;
    }
    if (cell.length > this.#maxLength) this.#maxLength = Math.max(this.#maxLength, codePoints(cell));
    const typed = this.#number || this.#boolean || this.#dates.length > 0;
    if (!typed) return;
    if (meansAbsent(cell)) {
      this.#absent++;
      return;
    }
    if (this.#number) this.#addNumber(cell);
    if (this.#boolean && !/^(true|false)$/i.test(cell)) this.#boolean = false;
    if (this.#dates.length > 0) this.#addDate(cell, line);
  }

  #addNumber(cell: string): void {
    if (this.#declared !== 'number' && !plainNumber.test(cell)) {
      this.#number = false;
      if (/^0\d+$/.test(cell)) this.#zeros++;
      return;
    }
    const value = Number(cell);
    if (value < this.#min) [this.#min, this.#minText] = [value, cell];
    if (value > this.#max) [this.#max, this.#maxText] = [value, cell];
    const point = cell.indexOf('.');
    const exponent = cell.search(/e/i);
    const decimals =
      (point < 0 ? 0 : (exponent < 0 ? cell.length : exponent) - point - 1) -
      (exponent < 0 ? 0 : Number(cell.slice(exponent + 1)));
    if (decimals > this.#scale) this.#scale = decimals;
    this.#shortest = Math.min(this.#shortest, cell.length);
    this.#longest = Math.max(this.#longest, cell.length);
  }

  /** Drops formats that hardly any value has, so that later values cost little. */
  #addDate(cell: string, line: number): void {
    let drop = false;
    for (const candidate of this.#dates) {
      const days = parseDate(cell, candidate.format);
      if (days === null) {
        if (candidate.misses++ === 0) candidate.first = line;
        drop ||= candidate.misses > 20 && candidate.misses * 5 > this.#rows;
        continue;
      }
      if (days < candidate.min) candidate.min = days;
      if (days > candidate.max) candidate.max = days;
    }
    if (drop) this.#dates = this.#dates.filter(({ misses }) => !(misses > 20 && misses * 5 > this.#rows));
  }

  /** The finding, and remarks on what was decided. */
  finish(unit: 'line' | 'row'): { column: InspectedColumn; notes: string[] } {
    const name = this.#name;
    const notes: string[] = [];
    const values = this.#rows - this.#nulls - this.#absent;
    const nulls = this.#nulls + this.#absent;
    const column = (rest: Omit<InspectedColumn, 'name' | 'nulls'>, missing = nulls) => ({
      column: { name, ...rest, nulls: missing },
      notes,
    });
    const text = () => column({ type: 'text', maxLength: this.#maxLength }, this.#nulls);
    if (this.#declared === 'date') {
      const [iso] = this.#dates;
      return iso === undefined || iso.misses > 0 || values === 0 ? text() : column(asDate(iso));
    }
    if (values === 0) return this.#declared === 'number' ? column({ type: 'number', scale: 0 }) : text();
    const fits = this.#dates.filter(({ misses }) => misses === 0);
    if (fits.length > 1 && !fits.every((fit) => fit.min === fits[0]!.min && fit.max === fits[0]!.max)) {
      notes.push(
        `Column '${name}' could be dates, day first or month first; it is kept as text until the agreement says which.`,
      );
      return text();
    }
    if (fits.length > 0) return column(asDate(fits[0]!));
    if (this.#boolean) return column({ type: 'boolean' });
    const near = this.#dates.find(({ misses }) => misses * 5 <= values);
    if (near !== undefined) {
      const { format, misses, first } = near;
      const where = misses === 1 ? `not in ${unit} ${first}` : `not in ${misses} rows, first ${unit} ${first}`;
      notes.push(`Column '${name}' has dates written ${format}, but ${where}: kept as text.`);
      return text();
    }
    if (this.#number) {
      const identifier = this.#shortest === this.#longest && this.#shortest >= identifierDigits && this.#scale === 0;
      if (this.#declared === 'number' || !identifier || values === 1) return column(this.#asNumber());
      notes.push(`Column '${name}' has ${this.#shortest} digits in every row: taken for an identifier, kept as text.`);
      return text();
    }
    if (this.#zeros > 0) notes.push(`Column '${name}' has numbers with leading zeros: kept as text.`);
    return text();
  }

  #asNumber(): Omit<InspectedColumn, 'name' | 'nulls'> {
    const scale = Math.max(this.#scale, 0);
    const exact = (cell: string) => {
      const value = parseDecimal(cell, scale);
      return typeof value === 'bigint' ? formatDecimal(value, scale) : cell;
    };
    return { type: 'number', scale, min: exact(this.#minText), max: exact(this.#maxText) };
  }
}

function asDate({
  format,
  min,
  max,
}: {
  format: DateFormat;
  min: number;
  max: number;
}): Omit<InspectedColumn, 'name' | 'nulls'> {
  return { type: 'date', format, min: formatDays(min), max: formatDays(max) };
}
