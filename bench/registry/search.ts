import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person } from '@symbolon/consent';
import { createHome, type Database, openDatabase } from '@symbolon/service';
import { generatePeople } from '@symbolon/testkit';
import { sql } from 'kysely';
import { comparableOf, namedPerson, type PersonField } from '../../apps/registry/src/module/identities/person.ts';
import { searchKeys } from '../../apps/registry/src/module/search/keys.ts';
import { findAlike } from '../../apps/registry/src/module/search/search.ts';
import { mistype, seededDraw } from '../../packages/linkage/src/tune/errors.ts';
import { type Row, rowAtLeast } from '../row.ts';

const identities = 1_000_000;
const searches = 2000;
const rowsAtOnce = 20_000;

const fields: PersonField[] = [
  { field: 'lastName', as: 'name', required: true },
  { field: 'firstName', as: 'name', required: true },
  { field: 'birthDate', as: 'date', required: true },
];

/** People with a typing error each, looked for among a million in the embedded database, on one core. */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-bench-'));
  try {
    const home = await createHome({
      ...{ path: join(folder, 'module'), id: 'module', name: 'Module', role: 'module' as const },
      ...{ host: '127.0.0.1', port: 0, now: () => new Date() },
    });
    const database = await openDatabase(home);
    const few = { left: 1, right: 1, overlap: 1 };
    const people = generatePeople({ seed: 'registry', population: identities, ...few }).people.map(
      ({ surname, given, dob }): Person => ({ lastName: surname, firstName: given, birthDate: dob }),
    );
    await fill(database, people);
    const draw = seededDraw(7);
    let found = 0;
    const before = process.cpuUsage();
    for (let i = 0; i < searches; i++) {
      const person = people[draw(people.length)]!;
      const alike = await findAlike({ database, fields }, withError(person, i, draw), { limit: 20 });
      if (alike.some(({ person: one }) => fields.every(({ field }) => one[field] === person[field]))) found++;
    }
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    await database.destroy();
    return [
      rowAtLeast(
        'registry',
        'searches for a mistyped person, a second of one core',
        identities,
        searches / seconds,
        '/s',
        50,
      ),
      rowAtLeast('registry', 'of them found, among the 20 likest', searches, (100 * found) / searches, '%', 98),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As a module has them, written at once; the keys in their order, as an index is filled fastest so. */
async function fill(database: Database, people: readonly Person[]): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const write = (table: string, values: string, rows: unknown[]) =>
      sql`INSERT OR IGNORE INTO ${sql.raw(table)} SELECT ${sql.raw(values)} FROM json_each(${JSON.stringify(rows)})`.execute(
        transaction,
      );
    await sql`CREATE TEMP TABLE unsorted (key INTEGER, identity INTEGER)`.execute(transaction);
    for (let at = 0; at < people.length; at += rowsAtOnce) {
      const some = people.slice(at, at + rowsAtOnce);
      await write(
        'identity (id, hash, person, added_at)',
        `value ->> 0, value ->> 1, value ->> 2, '2026-01-01T00:00:00.000Z'`,
        some.map((person, i) => [at + i + 1, namedPerson(fields, person).hash, JSON.stringify(person)]),
      );
      await write(
        'unsorted (key, identity)',
        'value ->> 0, value ->> 1',
        some.flatMap((person, i) => searchKeys(fields, comparableOf(fields, person)).map((key) => [key, at + i + 1])),
      );
    }
    await sql`INSERT INTO identity_key SELECT key, identity FROM unsorted ORDER BY key, identity`.execute(transaction);
    await sql`DROP TABLE unsorted`.execute(transaction);
  });
}

/** One error in one field, or two in two: in turn a name, the date, the other name and the date. */
function withError(person: Person, i: number, draw: (bound: number) => number): Person {
  const name = draw(2) === 0 ? 'lastName' : 'firstName';
  const changed = { ...person };
  if (i % 3 !== 1) changed[name] = mistype(person[name]!, draw);
  if (i % 3 !== 0) changed.birthDate = wrongDate(person.birthDate!, draw);
  return changed;
}

/** Another digit, or day and month exchanged; a date again. */
function wrongDate(date: string, draw: (bound: number) => number): string {
  for (;;) {
    const at = draw(date.length);
    const [year, month, day] = date.split('-');
    const changed = draw(4) === 0 ? `${year}-${day}-${month}` : `${date.slice(0, at)}${draw(10)}${date.slice(at + 1)}`;
    if (changed !== date && /^(19|20)\d\d-\d\d-\d\d$/.test(changed) && isDate(changed)) return changed;
  }
}

const isDate = (text: string): boolean =>
  comparableOf([{ field: 'date', as: 'date', required: true }], { date: text })[0] !== undefined;
