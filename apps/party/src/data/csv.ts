import { CsvScanner, type CsvSink, findSeparator } from './csv-scan.ts';
import { readLines } from './lines.ts';
import { type Cells, Problems, type Reader, type SourceColumn } from './source.ts';

const replacement = '\ufffd';
const separatorNames: Record<string, string> = { ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' };

/** Opens a CSV file: reads its header and finds its separator. What is wrong with them stands in `problems`. */
export async function openCsv(path: string): Promise<Reader> {
  const problems = new Problems(path);
  const notes: string[] = [];
  for await (const { text, damaged } of readLines(path)) {
    const separator = findSeparator(headerText(text));
    let header: string[] = [];
    let bad = false;
    const scanner = new CsvScanner(separator, {
      record: (cells) => {
        header = [...cells];
        return false;
      },
      fault: (line, field, message) => {
        bad = true;
        problems.add(line, null, `field ${field + 1} of the header: ${message}`);
      },
      blank: () => undefined,
    });
    scanner.push(text, true);
    if (!bad) checkHeader(header, damaged, text, problems);
    if (separator in separatorNames) notes.push(`Values are separated by ${separatorNames[separator]}.`);
    if (/^[^\n]*\r\n/.test(text)) notes.push('Lines end in CR LF.');
    return csvReader(
      path,
      separator,
      bad || problems.count > 0 ? [] : header.map((name) => ({ name })),
      problems,
      notes,
    );
  }
  return csvReader(path, ',', [], problems, notes);
}

function headerText(text: string): string {
  return /^\s*([^\n]*)/.exec(text)![1]!;
}

function checkHeader(header: readonly string[], damaged: boolean, text: string, problems: Problems): void {
  const fault = wholeHeader(header, text);
  if (fault !== null) problems.add(1, null, fault);
  else {
    for (const [i, name] of header.entries()) {
      if (damaged && name.includes(replacement)) problems.add(1, null, `name of column ${i + 1} is not valid UTF-8`);
      if (name === '')
        problems.add(1, null, `column ${i + 1} has no name; give it one, or remove a trailing separator`);
    }
  }
}

function wholeHeader(header: readonly string[], text: string): string | null {
  if (header.length === 0) return 'the file is empty; its first line must name the columns';
  if (!text.includes('\n') && text.trimEnd().includes('\r')) {
    return 'lines end in CR alone; save the file with LF or CR LF line ends';
  }
  const likeValues = header.filter((name) => /^[\d\s.,:/+-]+$/.test(name)).length;
  return likeValues * 3 >= header.length ? 'this line looks like a record; the first line must name the columns' : null;
}

function csvReader(
  path: string,
  separator: string,
  columns: readonly SourceColumn[],
  problems: Problems,
  notes: string[],
): Reader {
  const read = async (row: (cells: Cells, line: number) => boolean): Promise<void> => {
    if (columns.length === 0) return;
    let seenHeader = false;
    let damaged = false;
    let blanks = 0;
    const sink: CsvSink = {
      blank: () => void blanks++,
      fault: (line, field, message) => problems.add(line, columns[field]?.name ?? null, message),
      record: (cells, line, lastLine) => {
        if (!seenHeader) {
          seenHeader = true;
          return true;
        }
        if (cells.length !== columns.length) {
          problems.add(
            line,
            columns[cells.length]?.name ?? null,
            wrongCount(cells.length, columns.length, line, lastLine),
          );
          return true;
        }
        return checkUtf8(damaged, cells, line, columns, problems) ? row(nulls(cells), line) : true;
      },
    };
    const scanner = new CsvScanner(separator, sink);
    for await (const lines of readLines(path)) {
      damaged = lines.damaged;
      scanner.push(lines.text, lines.last);
      if (scanner.stopped) break;
    }
    if (blanks > 0) notes.push(`${blanks} empty ${blanks === 1 ? 'line was' : 'lines were'} skipped.`);
  };
  return { label: path, unit: 'line', columns, problems, notes, read };
}

function wrongCount(found: number, wanted: number, line: number, lastLine: number): string {
  const spans = lastLine > line ? `; it runs on to line ${lastLine}: is a quote not closed?` : '';
  const advice = found > wanted ? '; put quotes around a value that holds the separator' : '';
  return `the record has ${found} ${found === 1 ? 'value' : 'values'}, the header ${wanted}${spans || advice}`;
}

function checkUtf8(
  damaged: boolean,
  cells: readonly string[],
  line: number,
  columns: readonly SourceColumn[],
  problems: Problems,
): boolean {
  if (!damaged) return true;
  const bad = cells.findIndex((cell) => cell.includes(replacement));
  if (bad < 0) return true;
  problems.add(line, columns[bad]!.name, 'the value is not valid UTF-8; save the file as UTF-8');
  return false;
}

/** An empty value, quoted or not, is no value. */
function nulls(cells: (string | null)[]): Cells {
  for (let i = 0; i < cells.length; i++) if (cells[i] === '') cells[i] = null;
  return cells;
}
