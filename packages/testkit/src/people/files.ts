import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { GeneratedPeople, PersonRow } from './generate.ts';

type Columns = readonly (readonly [header: string, value: (row: PersonRow) => string | null])[];

const memberColumns: Columns = [
  ['member_no', (row) => row.id],
  ['medicaid', (row) => row.medicaid],
  ['name', (row) => row.name],
  ['address', (row) => row.address],
  ['dob', (row) => row.dob],
  ['plan', (row) => row.plan],
];
const patientColumns: Columns = [
  ['patient_no', (row) => row.id],
  ['medicaid', (row) => row.medicaid],
  ['name', (row) => row.name],
  ['address', (row) => row.address],
  ['dob', (row) => row.dob],
  ['sex', (row) => row.sex],
];
const rowsAtOnce = 10_000;

/** The insurer's file, in pieces of whole lines. It does not say who is who. */
export function membersCsv(rows: readonly PersonRow[]): Generator<string> {
  return csv(rows, memberColumns);
}

/** The EHR company's file, in pieces of whole lines. It does not say who is who. */
export function patientsCsv(rows: readonly PersonRow[]): Generator<string> {
  return csv(rows, patientColumns);
}

/** Writes members.csv (left) and patients.csv (right) to a folder that exists; returns their paths. */
export function writePeople(folder: string, people: GeneratedPeople): { members: string; patients: string } {
  const paths = { members: join(folder, 'members.csv'), patients: join(folder, 'patients.csv') };
  write(paths.members, membersCsv(people.left));
  write(paths.patients, patientsCsv(people.right));
  return paths;
}

function write(path: string, pieces: Iterable<string>): void {
  const file = openSync(path, 'w');
  try {
    for (const piece of pieces) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
}

function* csv(rows: readonly PersonRow[], columns: Columns): Generator<string> {
  yield `${columns.map(([header]) => header).join(',')}\n`;
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const lines = rows
      .slice(at, at + rowsAtOnce)
      .map((row) => `${columns.map(([, value]) => cell(value(row) ?? '')).join(',')}\n`);
    yield lines.join('');
  }
}

export function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
