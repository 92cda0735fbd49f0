import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument, type YAMLMap } from 'yaml';

/** A place in a file; both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something that is wrong with a file, and what to do about it. */
export interface Problem extends Place {
  /** Like `studies.tables.patients.maxRows`; empty for the whole. */
  readonly field: string;
  /** The rule that does not hold. */
  readonly rule: string;
  readonly hint: string;
}

/** What a file says, as far as it could be read. */
export interface Source {
  readonly value: unknown;
  /** What has no place in a document that people sign; the fields about which nothing else can be said. */
  readonly problems: readonly Problem[];
  /** Where a field stands, or if it does not, the field that it should stand in. `name`: where its name does, not its value. */
  place(field: string, at?: 'name' | 'value'): Place;
}

const maxCharacters = 1_048_576;
const maxDepth = 32;

/**
 * Reads YAML 1.2 (core schema) or JSON: plain texts, whole numbers, true, false, null, lists and fields. What has no one canonical form
 * (decimals, numbers beyond 2^53, fields that stand twice, aliases, tags, texts that are not NFC) is a problem with its place.
 */
export function readSource(source: string, format: 'yaml' | 'json'): Source {
  const refused = format === 'json' ? jsonProblem(source) : undefined;
  if (source.length > maxCharacters)
    return failed({ line: 1, column: 1 }, `is longer than ${maxCharacters} characters`);
  if (refused !== undefined) return refused;
  const counter = new LineCounter();
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(source, {
      schema: 'core',
      intAsBigInt: true,
      lineCounter: counter,
      prettyErrors: false,
      // Looked at below: `yaml` compares each with each.
      uniqueKeys: false,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failed({ line: 1, column: 1 }, 'is nested too deeply');
  }
  return new Reader(counter).read(document);
}

class Reader {
  readonly #counter: LineCounter;
  readonly #problems: Problem[] = [];
  readonly #places = new Map<string, { name: number; value: number }>();

  constructor(counter: LineCounter) {
    this.#counter = counter;
  }

  read({ contents, errors, warnings }: ReturnType<typeof parseDocument>): Source {
    const [broken] = [...errors, ...warnings];
    // What comes after the first fault of the layout follows from it.
    if (broken !== undefined) {
      const { message, pos } = broken;
      return failed(this.#at(pos[0]), `cannot be read: ${message.charAt(0).toLowerCase()}${message.slice(1)}`);
    }
    const value = contents === null ? undefined : this.#node(contents as ParsedNode, '', 0);
    if (contents === null) this.#refuse(0, '', 'is empty', 'Begin with a field, such as title: Shared patients');
    this.#problems.sort((one, other) => one.line - other.line || one.column - other.column);
    return { value, problems: this.#problems, place: (field, at = 'value') => this.#place(field, at) };
  }

  #node(node: ParsedNode | null, field: string, depth: number): unknown {
    if (node === null) return null;
    const [at] = node.range;
    const { tag, anchor } = node as { tag?: string; anchor?: string };
    if (tag !== undefined || anchor !== undefined) {
      this.#refuse(at, field, 'has a tag or an anchor', 'Write it out in full.');
    }
    if (depth === maxDepth)
      return void this.#refuse(at, field, `has more than ${maxDepth} levels`, 'Write it flatter.');
    if (isMap(node)) return this.#map(node as YAMLMap.Parsed, field, depth);
    if (isSeq(node)) return node.items.map((item, i) => this.#part(item as ParsedNode, join(field, String(i)), depth));
    if (isScalar(node)) return this.#scalar(node.value, at, field);
    return void this.#refuse(at, field, 'is an alias of something else', 'Write it out in full.');
  }

  #map({ items }: YAMLMap.Parsed, field: string, depth: number): Record<string, unknown> {
    const read: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const [at] = key.range;
      const name = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
      if (name === undefined || name === '__proto__' || !isCanonical(name)) {
        this.#refuse(at, field, 'has a field whose name cannot be one', 'Name it like birth_date.');
        continue;
      }
      const own = join(field, name);
      if (Object.hasOwn(read, name)) this.#refuse(at, own, 'stands here twice', 'Leave one of the two out.');
      this.#places.set(own, { name: at, value: value?.range?.[0] ?? at });
      read[name] = this.#node(value as ParsedNode | null, own, depth + 1);
    }
    return read;
  }

  #part(node: ParsedNode, field: string, depth: number): unknown {
    this.#places.set(field, { name: node.range[0], value: node.range[0] });
    return this.#node(node, field, depth + 1);
  }

  #scalar(value: unknown, at: number, field: string): unknown {
    if (typeof value === 'string') {
      // A block of lines ends with a line feed that nobody means.
      const text = value.replace(/\n$/, '');
      if (!isCanonical(text))
        this.#refuse(at, field, 'is not in Unicode NFC', 'Type its letters anew, or convert it to NFC.');
      return text;
    }
    if (typeof value === 'bigint') {
      if (BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))) return Number(value);
      return void this.#refuse(
        at,
        field,
        'is a number beyond 2^53',
        'Write it in quotes if it is a decimal; else lower it.',
      );
    }
    if (typeof value !== 'number') return value;
    return void this.#refuse(at, field, 'is a number with decimals', `Write it in quotes: "${value}"`);
  }

  #refuse(at: number, field: string, rule: string, hint: string): undefined {
    this.#problems.push({ ...this.#at(at), field, rule, hint });
  }

  #place(field: string, at: 'name' | 'value'): Place {
    for (
      let name = field, exact = true;
      name !== '';
      name = name.slice(0, Math.max(0, name.lastIndexOf('.'))), exact = false
    ) {
      const found = this.#places.get(name);
      if (found !== undefined) return this.#at(exact ? found[at] : found.name);
    }
    return { line: 1, column: 1 };
  }

  #at(offset: number): Place {
    const { line, col } = this.#counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** JSON is YAML, but much YAML is not JSON. */
function jsonProblem(source: string): Source | undefined {
  try {
    JSON.parse(source);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, at] = /position (\d+)/.exec(error.message) ?? [];
    const before = source.slice(0, at === undefined ? source.length : Number(at)).split('\n');
    return failed({ line: before.length, column: before.at(-1)!.length + 1 }, 'is not JSON from here on');
  }
}

function failed(place: Place, rule: string): Source {
  const problem = { ...place, field: '', rule, hint: 'Correct the layout of the file here.' };
  return { value: undefined, problems: [problem], place: () => place };
}

function isCanonical(text: string): boolean {
  return text.isWellFormed() && text.normalize('NFC') === text;
}

function join(field: string, name: string): string {
  return field === '' ? name : `${field}.${name}`;
}
