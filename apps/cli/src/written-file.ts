import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { readSource } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';

/** What a YAML or JSON file says. Throws `agreement-invalid` naming the line. */
export function readWrittenFile(file: string): unknown {
  const format = extname(file).toLowerCase() === '.json' ? 'json' : 'yaml';
  const { value, problems } = readSource(readFileSync(file, 'utf8'), format);
  const [first] = problems;
  if (first === undefined) return value;
  const { line, column, field, rule, hint } = first;
  throw fault('agreement-invalid', `${file}:${line}:${column}: ${field === '' ? 'it' : field} ${rule}`, {
    culprit: file,
    hint,
  });
}
