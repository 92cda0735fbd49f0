import { fault, type SymbolonError } from '@symbolon/crypto';

/** A value of a file: texts as they stand, whatever they look like; what they mean is for the reader of the field to say. */
export type FileValue = string | readonly FileValue[] | { readonly [field: string]: FileValue };

/** What a file says, and the line (from 1) on which each field begins, by its path: `parameters.level`. */
export interface FileText {
  readonly value: { readonly [field: string]: FileValue };
  readonly lines: ReadonlyMap<string, number>;
}

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

const maxCharacters = 65_536;

/**
 * Reads the part of YAML 1.2 that study files need: fields, fields within fields, lists, texts in quotes, over several lines after `|`, and
 * comments. What it reads, every YAML parser reads alike, but for plain texts that look like numbers or truth values: they stay texts.
 * Anchors, tags, folded texts, `{…}` and repeated fields are refused.
 *
 * @throws SymbolonError `study-invalid`, naming the line
 */
export function readYaml(text: string): FileText {
  if (text.length > maxCharacters) throw fault('study-invalid', `a study file has at most ${maxCharacters} characters`);
  return new Reader(text).file();
}

class Reader {
  readonly #lines: readonly Line[];
  readonly #starts = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/).map((line, i) => {
      const indent = /^ */.exec(line)![0].length;
      return { number: i + 1, indent, text: line.slice(indent) };
    });
  }

  file(): FileText {
    if (this.#peek()?.text.trimEnd() === '---') this.#at++;
    const first = this.#peek();
    if (first === undefined) throw fault('study-invalid', 'the study file is empty');
    const value = this.#fields(first.indent, '');
    const rest = this.#peek();
    if (rest !== undefined) throw refuse(rest, 'this stands further to the left than what is before it');
    return { value, lines: this.#starts };
  }

  /** The next line that is neither blank nor a comment; the reader then stands there. */
  #peek(): Line | undefined {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at]!;
      if (line.text.startsWith('\t')) throw refuse(line, 'a tab; indent by spaces');
      if (line.text !== '' && !line.text.startsWith('#') && line.text.trim() !== '') return line;
    }
    return undefined;
  }

  #fields(indent: number, path: string): Record<string, FileValue> {
    const fields: Record<string, FileValue> = {};
    for (let line = this.#peek(); line !== undefined && line.indent >= indent; line = this.#peek()) {
      if (line.indent > indent) throw refuse(line, 'this stands further to the right than the field before it');
      const match = /^([A-Za-z_][A-Za-z0-9_-]*):(?: +(.*))?$/.exec(line.text.trimEnd());
      if (match === null) throw refuse(line, 'a field is needed here, such as `title: Visits by region`');
      const [, name, rest = ''] = match as unknown as [string, string, string?];
      if (Object.hasOwn(fields, name)) throw refuse(line, `the field ${name} stands here for the second time`);
      const full = path === '' ? name : `${path}.${name}`;
      this.#starts.set(full, line.number);
      this.#at++;
      fields[name] = this.#value(line, uncommented(rest), full);
    }
    return fields;
  }

  #value(line: Line, rest: string, path: string): FileValue {
    if (/^\|[+-]?$/.test(rest)) return this.#block(line);
    if (rest !== '') return scalarOrList(rest, line);
    const next = this.#peek();
    if (next !== undefined && isItem(next) && next.indent >= line.indent) return this.#list(next.indent);
    if (next !== undefined && next.indent > line.indent) return this.#fields(next.indent, path);
    throw refuse(line, `${path} has no value`);
  }

  #list(indent: number): FileValue[] {
    const items: FileValue[] = [];
    for (let line = this.#peek(); line !== undefined && line.indent >= indent && isItem(line); line = this.#peek()) {
      if (line.indent > indent) throw refuse(line, 'a list within a list');
      const text = uncommented(line.text.slice(1).trim());
      if (text === '') throw refuse(line, 'an item without a value');
      this.#at++;
      items.push(scalar(text, line));
    }
    return items;
  }

  /** The lines further in than the field, without their common indentation; without line ends behind the last. */
  #block(field: Line): string {
    const rows: string[] = [];
    let indent: number | undefined;
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at]!;
      const blank = line.text.trim() === '';
      if (!blank && line.indent <= field.indent) break;
      if (line.text.startsWith('\t')) throw refuse(line, 'a tab; indent by spaces');
      if (!blank) indent ??= line.indent;
      if (!blank && line.indent < indent!)
        throw refuse(line, 'this stands further to the left than the first line of its text');
      rows.push(blank ? '' : ' '.repeat(line.indent - indent!) + line.text);
    }
    const text = rows.join('\n').replace(/^\n+/, '').trimEnd();
    if (text === '') throw refuse(field, 'a text is needed below this, indented');
    return text;
  }
}

function isItem({ text }: Line): boolean {
  return text === '-' || text.startsWith('- ');
}

/** Without a comment behind it: ` #` outside of quotes. */
function uncommented(text: string): string {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/.exec(text)?.[0] ?? '';
  const rest = text.slice(quoted.length);
  return (quoted + (rest.startsWith('#') && quoted === '' ? '' : rest.replace(/ #.*$/, ''))).trim();
}

function scalarOrList(text: string, line: Line): FileValue {
  if (!text.startsWith('[')) return scalar(text, line);
  if (!text.endsWith(']')) throw refuse(line, 'a list in brackets ends on its line');
  const inner = text.slice(1, -1).trim();
  if (inner === '') return [];
  const items = inner.match(/\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]*)\s*(,|$)/g)!.filter((item) => item !== '');
  return items.map((item) => {
    const value = item.replace(/,$/, '').trim();
    if (value === '') throw refuse(line, 'an item without a value');
    if (/[[\]{}]/.test(value) && !/^["']/.test(value))
      throw refuse(line, 'a list within a list; put the text in quotes');
    return scalar(value, line);
  });
}

function scalar(text: string, line: Line): string {
  if (text.startsWith("'")) {
    if (!/^'(?:[^']|'')*'$/.test(text)) throw refuse(line, 'a text in quotes does not end, or something follows it');
    return text.slice(1, -1).replaceAll("''", "'");
  }
  if (text.startsWith('"')) {
    try {
      return JSON.parse(text) as string;
    } catch {
      throw refuse(line, 'a text in quotes does not end, or something follows it');
    }
  }
  if (/^[>|]/.test(text)) throw refuse(line, 'a text over several lines begins with | alone');
  if (/^[-?:,[\]{}#&*!%@`]/.test(text) && !/^[-?:][^\s]/.test(text))
    throw refuse(line, `a text that begins with ${text[0]} stands in quotes`);
  if (/: |:$/.test(text)) throw refuse(line, 'a text that holds a colon stands in quotes');
  if (text === '~' || text === 'null') throw refuse(line, 'there is no value; leave the field out');
  return text;
}

function refuse({ number }: Line, message: string): SymbolonError {
  return fault('study-invalid', `line ${number}: ${message}`);
}
