import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Agreement, memberOf, readAgreement } from '../src/index.ts';
import { testOrganisation } from './samples.ts';

/** The example of the documentation: every section that there is. */
export const exampleFile = readFileSync(join(import.meta.dirname, '../../../docs/agreement-example.yaml'), 'utf8');

const ids = ['hospital', 'insurer', 'university', 'cloud'];
const organisations = new Map(
  await Promise.all([
    ...ids.map(async (id) => [id, await testOrganisation(id)] as const),
    (async () => ['keys', await testOrganisation('keys', 'keyservice')] as const)(),
  ]),
);

/** With the cards of its members. */
export function exampleOf(file: string, format: 'yaml' | 'json' = 'yaml'): Agreement {
  return readAgreement(file, format, (id) => memberOf(organisations.get(id)!.card));
}

export const example = exampleOf(exampleFile);

export type Tree = { [key: string]: Tree };

/** A copy with the field at `path` set, or removed if `value` is undefined. */
export function altered<Of>(of: Of, path: string, value: unknown): Of {
  const copy = structuredClone(of) as unknown as Tree;
  const steps = path.split('.');
  const last = steps.pop()!;
  const parent = steps.reduce((node, step) => node[step]!, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value as Tree;
  return copy as unknown as Of;
}
