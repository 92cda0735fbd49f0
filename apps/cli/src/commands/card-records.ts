import { readFileSync } from 'node:fs';
import { addRecord, exerciseRight, exportAsPatient, readRecords, viewAsPatient } from '@symbolon/workstation';
import { atDesk, type DeskOptions, patientOptions, personOptions, saySteps } from '../card/desk.ts';
import type { Context, Leaf } from '../command.ts';
import { counted, facts, type Outcome, table, toJson, UsageError } from '../ui.ts';
import { writeWhole } from '../whole-file.ts';

/** `symbolon card read`. */
export const read: Leaf<DeskOptions & { type?: string }> = {
  name: 'read',
  summary: "a patient's records: your own always, others' while a consent lasts",
  examples: ['symbolon card read --person patient.json', 'symbolon card read --type surgery --json'],
  options: (command) => personOptions(command).option('--type <name>', 'records of this type alone'),
  run: (context, _, options) =>
    atDesk(context, options, async ({ practice, relation }) => {
      const records = await readRecords(practice, await relation(), options.type);
      if (records.length === 0) context.ui.say('There are no records that you may read.');
      const rows = records.map(({ recordedAt, type, group, institution, signed, body }) => [
        ...[new Date(recordedAt).toISOString(), type, group, institution, signed ? 'signed' : '', body],
      ]);
      const head = ['recorded', 'type', 'group', 'institution', '', 'content'];
      return { json: records, text: records.length === 0 ? '' : table(head, rows) };
    }),
};

/** `symbolon card add`. */
export const add: Leaf<DeskOptions & { type?: string; group?: string }> = {
  name: 'add <file>',
  summary: 'add a record (JSON) of a patient, signed by your card; the patient need not be there',
  examples: ['symbolon card add surgery.json --type surgery --group general --person patient.json'],
  options: (command) =>
    personOptions(command)
      .option('--type <name>', 'type of the record')
      .option('--group <name>', 'its confidentiality group'),
  run: (context, [file], { type, group, ...options }) => {
    if (type === undefined || group === undefined) throw new UsageError('--type and --group are needed');
    const body = readFileSync(file!, 'utf8');
    return atDesk(context, options, async ({ practice, relation }) => {
      const stored = await addRecord(practice, await relation(), { type, group, body });
      for (const { path, rule } of stored.stripped) context.ui.say(`! Left out: ${path} (${rule})`);
      return {
        json: stored,
        text: facts([
          ['record', stored.record],
          ['draft', stored.draft ? 'yes' : 'no'],
        ]),
      };
    });
  },
};

/** `symbolon card view`. */
export const view: Leaf<DeskOptions> = {
  name: 'view',
  summary: 'for the patient, with the card: who read what, for which purpose, and which studies used it',
  examples: ['symbolon card view', 'symbolon card view --json'],
  options: patientOptions,
  run: (context, _, options) =>
    atDesk(context, options, async ({ practice, relation, patientCard }) => {
      const asked = { progress: saySteps(context.ui) };
      const seen = await viewAsPatient(practice, await relation(), { card: await patientCard(), ...asked });
      const rows = seen.accesses.map(({ at, by, institution, what, basis, purpose }) => [
        ...[new Date(at).toISOString(), by, institution, what, basis, purpose],
      ]);
      const head = ['when', 'who', 'institution', 'what', 'allowed by', 'purpose'];
      const summary = facts([
        ['records', seen.records.length],
        ['studies', seen.studies.map(({ title }) => title).join('; ') || 'none'],
        [
          'objected to studies',
          seen.objected === null ? 'another institution can show that' : seen.objected ? 'yes' : 'no',
        ],
      ]);
      return { json: seen, text: `${summary}\n\n${table(head, rows)}` };
    }),
};

/** `symbolon card export`. */
export const exportOwn: Leaf<DeskOptions> = {
  name: 'export <file>',
  summary: 'for the patient, with the card: everything that is kept, into a file',
  examples: ['symbolon card export /media/stick/my-records.json'],
  options: patientOptions,
  run: (context, [file], options) =>
    atDesk(context, options, async ({ practice, relation, patientCard }) => {
      const asked = { progress: saySteps(context.ui) };
      const taken = await exportAsPatient(practice, await relation(), { card: await patientCard(), ...asked });
      await writeWhole(file!, lines(`${toJson(taken)}\n`), context.cleanup);
      const { length } = taken.contents;
      return { json: { file, records: length }, text: `${file}: ${counted(length, 'version')} of records` };
    }),
};

async function* lines(text: string): AsyncGenerator<string> {
  yield text;
}

/** `symbolon card withdraw`. */
export const withdraw: Leaf<DeskOptions> = {
  name: 'withdraw',
  summary: 'for the patient, with the card: all consent ends, and the card is registered no more',
  examples: ['symbolon card withdraw'],
  options: patientOptions,
  run: (context, _, options) => exercise(context, options, 'withdraw'),
};

/** `symbolon card object`. */
export const object: Leaf<DeskOptions> = {
  name: 'object',
  summary: "for the patient, with the card: no study uses the patient's records any more",
  examples: ['symbolon card object'],
  options: patientOptions,
  run: (context, _, options) => exercise(context, options, 'object'),
};

/** `symbolon card erase`. */
export const erase: Leaf<DeskOptions> = {
  name: 'erase',
  summary: 'for the patient, with the card: all records are erased. Nobody can bring them back',
  examples: ['symbolon card erase'],
  options: patientOptions,
  run: (context, _, options) => exercise(context, options, 'erase'),
};

function exercise(context: Context, options: DeskOptions, right: 'withdraw' | 'object' | 'erase'): Promise<Outcome> {
  return atDesk(context, options, async ({ practice, relation, patientCard }) => {
    const asked = { progress: saySteps(context.ui) };
    await exerciseRight(practice, await relation(), right, { card: await patientCard(), ...asked });
    return { json: { right, done: true }, text: facts([[right, 'done']]) };
  });
}
