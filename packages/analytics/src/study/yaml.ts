import { fault } from '@symbolon/crypto';
import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseAllDocuments, type YAMLMap } from 'yaml';

/** A value of a file: texts as they stand, whatever they look like; what they mean is for the reader of the field to say. */
export type FileValue = string | readonly FileValue[] | { readonly [field: string]: FileValue };

/** What a file says, and the line (from 1) on which each field begins, by its path: `parameters.level`. */
export interface FileText {
  readonly value: { readonly [field: string]: FileValue };
  readonly lines: ReadonlyMap<string, number>;
}

const maxCharacters = 65_536;

/**
 * Reads YAML 1.2 (or JSON, which is YAML) of the failsafe schema: fields, lists and texts, so that `0.10` and `no` stay what was written. Anchors, aliases and
 * tags have no place in a text that people sign.
 *
 * @throws SymbolonError `study-invalid`, naming the line
 */
export function readYaml(text: string): FileText {
  if (text.length > maxCharacters) throw fault('study-invalid', `a study file has at most ${maxCharacters} characters`);
  const counter = new LineCounter();
  const documents = parseAllDocuments<ParsedNode>(text, {
    schema: 'failsafe',
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: true,
  });
  const lineOf = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  const refuse = (offset: number, message: string) => fault('study-invalid', `line ${lineOf(offset)}: ${message}`);
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined) throw fault('study-invalid', 'the study file is empty');
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw refuse(problem.pos[0], problem.message);
  if (second !== undefined) throw refuse(second.range[0], 'a study file holds one study');
  const lines = new Map<string, number>();

  const readMap = (map: YAMLMap.Parsed, path: string): { [field: string]: FileValue } => {
    const fields: { [field: string]: FileValue } = {};
    for (const { key, value } of map.items) {
      const [at] = key.range;
      if (!isScalar(key) || typeof key.value !== 'string' || !/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key.value))
        throw refuse(at, 'a field is named like title or min_patients');
      if (key.value === '__proto__') throw refuse(at, 'no field has this name');
      const full = path === '' ? key.value : `${path}.${key.value}`;
      lines.set(full, lineOf(at));
      if (value === null) throw refuse(at, `${full} has no value`);
      fields[key.value] = readNode(value, full);
    }
    return fields;
  };
  const readNode = (node: ParsedNode, path: string): FileValue => {
    const { tag, anchor } = node as { tag?: string; anchor?: string };
    if (tag !== undefined || anchor !== undefined) throw refuse(node.range[0], 'tags and anchors cannot stand here');
    if (isMap(node)) return readMap(node, path);
    if (isSeq(node)) return node.items.map((item) => readNode(item, path));
    if (!isScalar(node) || typeof node.value !== 'string') throw refuse(node.range[0], 'aliases cannot stand here');
    if (node.source === '' && node.type === 'PLAIN') throw refuse(node.range[0], `${path} has no value`);
    return node.value.trimEnd();
  };
  const { contents } = document;
  if (contents === null) throw fault('study-invalid', 'the study file is empty');
  if (!isMap(contents)) throw refuse(contents.range[0], 'a field is needed here, such as `title: Visits by region`');
  return { value: readMap(contents, ''), lines };
}
