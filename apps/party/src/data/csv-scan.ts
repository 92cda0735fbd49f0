/** Receives what a {@link CsvScanner} finds. `line` is where the record starts, the first line of the file being 1. */
export interface CsvSink {
  /** Returns false to stop. The array of cells is used again for the next record. */
  record(cells: string[], line: number, lastLine: number): boolean;
  /** @param field number of the field in its record, from 0 */
  fault(line: number, field: number, message: string): void;
  blank(line: number): void;
}

// A quoted field longer than this is taken for a quote that was never closed.
const maxQuoted = 64 * 1024;
const maxUnclosed = 100;
const newline = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;

type Scanned = { cells: string[]; end: number } | { field: number; message: string; end: number } | 'more';

/**
 * Splits the text of a CSV file into records: RFC 4180, and blanks around values are dropped, line ends may be LF or CRLF,
 * and a quote inside an unquoted value is an ordinary character.
 * Own code, because the CSV reader of DuckDB does not see a quote after a blank, numbers lines loosely once a value spans two,
 * and cannot go on after an unclosed quote.
 */
export class CsvScanner {
  readonly #separator: string;
  readonly #sink: CsvSink;
  readonly #cells: string[] = [];
  #rest = '';
  #line: number;
  #unclosed = 0;
  /** In the text that is being pushed, at or behind where it is read; −1 if there is none. */
  #nextSeparator = -1;
  /** The sink wants no more, or the file is beyond repair. */
  stopped = false;

  /** @param line number of the first line that will be pushed */
  constructor(separator: string, sink: CsvSink, line = 1) {
    this.#separator = separator;
    this.#sink = sink;
    this.#line = line;
  }

  /** The line that comes next. */
  get line(): number {
    return this.#line;
  }

  /** @param text whole lines; the last one of the file may lack its line end */
  push(text: string, last: boolean): void {
    const all = this.#rest === '' ? text : this.#rest + text;
    let at = 0;
    let nextQuote = all.indexOf('"');
    this.#nextSeparator = all.indexOf(this.#separator);
    while (at < all.length && !this.stopped) {
      let end = all.indexOf('\n', at);
      if (end < 0) end = all.length;
      if (nextQuote >= 0 && nextQuote < at) nextQuote = all.indexOf('"', at);
      if (nextQuote < 0 || nextQuote > end) {
        this.#plain(all, at, end);
        at = end + 1;
        continue;
      }
      const scanned = this.#quoted(all, at, last);
      if (scanned === 'more') {
        this.#rest = all.slice(at);
        return;
      }
      at = this.#deliver(all, at, end, scanned);
    }
    this.#rest = '';
  }

  #plain(text: string, at: number, end: number): void {
    const stop = end > at && text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end;
    const line = this.#line++;
    if (this.#blank(text, at, stop)) {
      this.#sink.blank(line);
      return;
    }
    const cells = this.#cells;
    let fields = 0;
    for (let from = at; from <= stop; ) {
      const found = this.#separatorFrom(text, from);
      const to = found < 0 || found > stop ? stop : found;
      cells[fields++] = trimmed(text.slice(from, to));
      from = to + 1;
    }
    cells.length = fields;
    if (!this.#sink.record(cells, line, line)) this.stopped = true;
  }

  /** Looked up once for all lines before it: a file of one column has none, and each line would search to the end. */
  #separatorFrom(text: string, from: number): number {
    if (this.#nextSeparator >= 0 && this.#nextSeparator < from) {
      this.#nextSeparator = text.indexOf(this.#separator, from);
    }
    return this.#nextSeparator;
  }

  #blank(text: string, at: number, stop: number): boolean {
    if (at === stop) return true;
    const first = text.charCodeAt(at);
    if (first > space && first < 0x80) return false;
    return this.#separator !== '\t' && text.slice(at, stop).trim() === '';
  }

  /** Hands on a record that has quotes; after a fault, goes on at the line after the one where the record began. */
  #deliver(text: string, at: number, endOfLine: number, scanned: Exclude<Scanned, 'more'>): number {
    const line = this.#line;
    if ('cells' in scanned) {
      this.#line += 1 + count(text, newline, at, scanned.end);
      if (!this.#sink.record(scanned.cells, line, this.#line - 1)) this.stopped = true;
      return scanned.end + 1;
    }
    this.#line++;
    this.#sink.fault(line, scanned.field, scanned.message);
    if (scanned.message === unclosed && ++this.#unclosed === maxUnclosed) {
      this.#sink.fault(this.#line, 0, `the file was not read further: ${maxUnclosed} quotes are not closed`);
      this.stopped = true;
    }
    return endOfLine + 1;
  }

  /** One record from `at`, field by field. */
  #quoted(text: string, at: number, last: boolean): Scanned {
    const cells: string[] = [];
    let from = at;
    for (;;) {
      let start = from;
      while (text.charCodeAt(start) === space) start++;
      let end: number;
      if (text.charCodeAt(start) === quote) {
        const close = closing(text, start + 1);
        if (close < 0) {
          if (last || text.length - start > maxQuoted) return { field: cells.length, message: unclosed, end: 0 };
          return 'more';
        }
        end = close + 1;
        while (text.charCodeAt(end) === space) end++;
        if (text.charCodeAt(end) === carriageReturn && text.charCodeAt(end + 1) === newline) end++;
        const next = text[end];
        if (close - start > maxQuoted || (next !== undefined && next !== '\n' && next !== this.#separator)) {
          const spans = count(text, newline, start, close) > 0;
          return { field: cells.length, message: spans ? unclosed : afterQuote, end: 0 };
        }
        const value = text.slice(start + 1, close);
        cells.push(value.includes('"') ? value.replaceAll('""', '"') : value);
      } else {
        end = start;
        while (end < text.length && text[end] !== this.#separator && text.charCodeAt(end) !== newline) end++;
        cells.push(trimmed(text.slice(start, end)));
      }
      if (end >= text.length || text.charCodeAt(end) === newline) return { cells, end };
      from = end + 1;
    }
  }
}

const unclosed = 'the quote that opens this value is not closed; close it, or write "" for a quote inside a value';
const afterQuote = 'text follows the closing quote of this value; write "" for a quote inside a value';

function closing(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && at - from <= maxQuoted && text.charCodeAt(at + 1) === quote) at = text.indexOf('"', at + 2);
  return at;
}

function count(text: string, code: number, from: number, to: number): number {
  let n = 0;
  for (let i = from; i < to; i++) if (text.charCodeAt(i) === code) n++;
  return n;
}

function trimmed(cell: string): string {
  const first = cell.charCodeAt(0);
  const last = cell.charCodeAt(cell.length - 1);
  return first <= space || last <= space || first === 0xa0 || last === 0xa0 ? cell.trim() : cell;
}

/** The separator that a header line uses most, outside quotes: comma, semicolon, tab or bar. */
export function findSeparator(header: string): string {
  const bare = header.replaceAll(/"[^"]*"/g, '');
  let best = ',';
  let most = 0;
  for (const candidate of [',', ';', '\t', '|']) {
    const n = bare.split(candidate).length - 1;
    if (n > most) [best, most] = [candidate, n];
  }
  return best;
}
