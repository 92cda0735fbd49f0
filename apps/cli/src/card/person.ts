import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { type Person, personSchema, type RegistryInfo } from '@symbolon/consent';
import { type Ui, UsageError } from '../ui.ts';

type Field = RegistryInfo['fields'][number];

/** Who the patient is: from a JSON file, - for stdin; else asked for, field by field. Never on the command line, which all users of a machine see. */
export async function readPerson(ui: Ui, file: string | undefined, fields: readonly Field[]): Promise<Person> {
  if (file !== undefined) return parsePerson(file === '-' ? readFileSync(0, 'utf8') : readFileSync(file, 'utf8'), file);
  if (!process.stdin.isTTY) {
    throw new UsageError(
      'who the patient is was not said',
      'Name a file: --person patient.json, or --person - for stdin.',
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    ui.say('Who is the patient?');
    const person: Record<string, string> = {};
    for (const field of fields) {
      const value = (await lines.question(`  ${promptOf(field)}: `)).trim();
      if (value !== '') person[field.field] = value;
    }
    return person;
  } finally {
    lines.close();
  }
}

function promptOf({ field, as, required }: Field): string {
  const form = as === 'date' ? ', like 1950-03-12' : '';
  return `${field}${form}${required ? '' : ' (may be left out)'}`;
}

function parsePerson(text: string, file: string): Person {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON`);
  }
  const read = personSchema.safeParse(value);
  if (read.success) return read.data;
  throw new UsageError(
    `${file} does not say who somebody is`,
    'It looks like {"lastName": "Muster", "firstName": "Anna", …}.',
  );
}
