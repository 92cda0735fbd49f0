import type { StudyColumn } from '@symbolon/analytics';
import type { Database, DuckDb } from '@symbolon/service';
import { quoteName } from '@symbolon/sql';
import { usedRecords } from '../records/placed.ts';
import type { RecordType } from '../records/types/types.ts';
import { columnsOf, decimal } from './columns.ts';
import { isOnePerPatient } from './schema.ts';

const recordsAtOnce = 1000;

/** Of which relations a table has records. */
export type Used = ReadonlySet<string>;

/**
 * Fills a table of DuckDB with the records of a type: the newest version of each that is no draft, of patients who have not objected. Values that the newest
 * version of the type would not allow are NULL.
 */
export async function fillTable(database: Database, duckDb: DuckDb, type: RecordType): Promise<Used> {
  const columns = columnsOf(type);
  const all: readonly { name: string; column: StudyColumn }[] = [
    { name: 'patient', column: { type: 'text', policy: 'join' } },
    { name: 'recorded', column: { type: 'date', min: '', max: '', policy: 'filter' } },
    ...columns,
  ];
  const declared = all.map(({ name, column }) => `${quoteName(name)} ${sqlType(column)}`);
  await duckDb.query(`CREATE TABLE ${quoteName(type.name)} (${declared.join(', ')})`);
  const casts = all.map(({ column }, i) => `TRY_CAST(r->>'$[${i}]' AS ${sqlType(column)})`);
  const insert = `INSERT INTO ${quoteName(type.name)} SELECT ${casts.join(', ')} FROM (SELECT unnest(from_json($1::VARCHAR, '["JSON"]')) AS r)`;
  const used = new Set<string>();
  const patients = new Set<number>();
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const records = await newestRecords(database, type, before);
    const taken = isOnePerPatient(type) ? records.filter(({ patient }) => isFirst(patients, patient)) : records;
    const rows = taken.map(({ patient, recorded_at, body }) => {
      const value = JSON.parse(body) as unknown;
      return [
        String(patient),
        recorded_at.slice(0, 10),
        ...columns.map(({ path, column }) => valueAt(value, path, column)),
      ];
    });
    for (const { relation } of taken) used.add(relation);
    if (rows.length > 0) await duckDb.query(insert, [JSON.stringify(rows)]);
    if (records.length < recordsAtOnce) return used;
    before = records.at(-1)!.id;
  }
}

function isFirst(patients: Set<number>, patient: number): boolean {
  if (patients.has(patient)) return false;
  patients.add(patient);
  return true;
}

/** The newest first. */
function newestRecords(database: Database, { module, name }: RecordType, before: number) {
  return usedRecords(database, module)
    .select(['record.id', 'record.relation', 'record.recorded_at', 'record_version.body', 'centre_relation.patient'])
    .where('record.type', '=', name)
    .where('record.id', '<', before)
    .orderBy('record.id', 'desc')
    .limit(recordsAtOnce)
    .execute();
}

/** DuckDB's type of a column. */
export function sqlType(column: StudyColumn): string {
  switch (column.type) {
    case 'number':
      return `DECIMAL(18, ${column.scale ?? 0})`;
    case 'date':
      return 'DATE';
    case 'boolean':
      return 'BOOLEAN';
    case 'text':
      return 'VARCHAR';
  }
}

/** A value as text that DuckDB reads; null where there is none, or none that the column may have. */
function valueAt(body: unknown, path: readonly string[], column: StudyColumn): string | null {
  let value = body;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Record<string, unknown>)[name];
  }
  switch (column.type) {
    case 'number':
      if (typeof value !== 'number' || value < Number(column.min) || value > Number(column.max)) return null;
      return decimal(value, column.scale ?? 0) ?? null;
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : null;
    case 'date':
      return typeof value === 'string' ? within(value.slice(0, 10), column) : null;
    case 'text':
      if (typeof value !== 'string') return null;
      return column.values === undefined || column.values.includes(value) ? value : null;
  }
}

function within(day: string, { min, max }: { readonly min: string; readonly max: string }): string | null {
  return day >= min && day <= max ? day : null;
}
