import { canonicalBytes, hashLabelled } from '@symbolon/crypto';
import { type Field, fieldsOf, listOf, oneLine, refuse, wholeText } from './fields.ts';
import { type Method, readMethod } from './methods.ts';
import { readYaml } from './yaml.ts';

/** What a study file says. */
export interface Study {
  /** Like `visits-by-region`. */
  readonly name: string;
  readonly title: string;
  /** Title or hash of the agreement; in a rehearsal, the path of a draft. */
  readonly agreement: string;
  /** One SELECT: of aggregates, or with a method of what each row gives to it. */
  readonly sql: string;
  /** Null: the study is its SELECT. */
  readonly method: Method | null;
  /** Ids of the parties that receive the result. */
  readonly to: readonly string[];
  /** For those who approve it. */
  readonly note: string | null;
}

const required = ['name', 'title', 'agreement', 'sql', 'to'];

/** @throws SymbolonError `study-invalid`, naming field and line, and what may have been meant */
export function parseStudyFile(text: string): Study {
  const { value, lines } = readYaml(text);
  return checkStudy(value, lines);
}

/**
 * A study from the value that a file, of YAML or JSON, holds.
 * @param lines where each field begins, for messages
 * @throws SymbolonError `study-invalid`, naming the field
 */
export function checkStudy(value: unknown, lines?: ReadonlyMap<string, number>): Study {
  const fields = fieldsOf({ value, path: '', lines }, [...required, 'method', 'parameters', 'note']);
  for (const path of required) if (fields[path] === undefined) throw refuse({ path, lines }, 'the field is missing');
  const { name, title, agreement, sql, to, method, parameters, note } = fields as Record<string, Field> &
    Record<'name' | 'title' | 'agreement' | 'sql' | 'to', Field>;
  if (method === undefined && parameters !== undefined)
    throw refuse(parameters, 'only a method has parameters; add one');
  const id = oneLine(name, 63);
  if (!/^[a-z][a-z0-9-]*$/.test(id)) throw refuse(name, 'a name is written like visits-by-region');
  return {
    name: id,
    title: oneLine(title),
    agreement: oneLine(agreement, 1000),
    sql: wholeText(sql, 16_384),
    method: method === undefined ? null : readMethod(method, parameters ?? { value: {}, path: 'parameters', lines }),
    to: receivers(to),
    note: note === undefined ? null : wholeText(note, 4096),
  };
}

/**
 * SHA-256 of what decides what a study computes and who receives it: its SELECT, its method with all parameters, and the receivers in the
 * order of their ids; 32 bytes. An agreement lists fixed studies by it.
 */
export function studyTextHash({ sql, method, to }: Pick<Study, 'sql' | 'method' | 'to'>): Uint8Array {
  return hashLabelled('symbolon study text', canonicalBytes({ sql, method, to: to.toSorted() }));
}

function receivers(field: Field): string[] {
  const ids = listOf(field, (item) => oneLine(item, 63), [1, 5]);
  if (new Set(ids).size < ids.length) throw refuse(field, 'a party stands there twice');
  return ids;
}
