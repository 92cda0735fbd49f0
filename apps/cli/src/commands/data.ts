import { writeFileSync } from 'node:fs';
import type { DatasetInfo } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { dataSource, sourceLabel, type TypedSource } from '../source.ts';
import { counted, facts, number, table, type Ui } from '../ui.ts';

/** `symbolon data add`. */
export const add: Leaf<TypedSource> = {
  name: 'add <name> <source>',
  summary: 'name a table that may be linked; its records stay where they are',
  description:
    'Names a table that may be linked. Reads it once, and reports the types found and every record that cannot be read;\n' +
    'the records stay where they are. SOURCE is a CSV, Parquet or NDJSON file, or postgres://user@host/database. A name that is known\n' +
    'already gets the new source.',
  served: true,
  examples: [
    'symbolon data add members members.csv',
    'symbolon data add patients postgres://ehr@db.example/ehr --table patients',
    "symbolon data add adults postgres://ehr@db.example/ehr --query 'SELECT * FROM patients WHERE age >= 18'",
  ],
  options: (command) =>
    command
      .option('--kind <kind>', 'csv, parquet or ndjson, where the name of the file does not tell')
      .option('--table <table>', 'PostgreSQL: the table')
      .option('--query <sql>', 'PostgreSQL: a query'),
  run: async ({ ui, at }, [name, typed], options) => {
    const source = dataSource(typed!, options);
    const { before, info } = await withView(at, async ({ data }) => ({
      before: (await data.list()).find((known) => known.name === name),
      info: await data.add(name!, source),
    }));
    if (before !== undefined) ui.say(`! ${name} was known already, from ${sourceLabel(before.source)}: replaced.`);
    report(ui, info);
    return { json: info, text: describe(info), exitCode: info.problemCount > 0 ? 1 : 0 };
  },
};

/** `symbolon data list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'the tables that may be linked',
  served: true,
  examples: ['symbolon data list'],
  run: async ({ ui, at }) => {
    const infos = await withView(at, ({ data }) => data.list());
    if (infos.length === 0) ui.say('No data yet. Add a table: symbolon data add members members.csv');
    const rows = infos.map((info) => [
      info.name,
      number(info.rows),
      info.columns.length,
      info.problemCount,
      sourceLabel(info.source),
    ]);
    return {
      json: infos,
      ...(rows.length === 0 ? {} : { text: table(['name', 'rows', 'columns', 'faults', 'source'], rows) }),
    };
  },
};

/** `symbolon data show`. */
export const show: Leaf<{ describe?: string }> = {
  name: 'show <name>',
  summary: 'columns, types and faults of a table',
  description:
    'Shows the columns, types and faults of a table. With --describe, writes the description that a partner needs to draft an\n' +
    'agreement: names and types of columns, sizes rounded up; nothing of any record.',
  served: true,
  examples: ['symbolon data show patients', 'symbolon data show patients --describe patients.table.json'],
  options: (command) => command.option('--describe <file>', 'write the description for a partner'),
  run: async ({ ui, at }, [name], { describe: file }) => {
    const { info, description } = await withView(at, async ({ data, agreements }) => ({
      info: await data.show(name!),
      description: await agreements.describe(name!),
    }));
    if (file !== undefined) {
      writeFileSync(file, `${JSON.stringify(description, undefined, 2)}\n`);
      ui.say(`Wrote ${file}: columns and types, sizes rounded up, nothing of any record. It may be shown to anyone.`);
      return { json: { file, ...description }, text: file };
    }
    report(ui, info);
    return { json: { ...info, description }, text: describe(info) };
  },
};

/** `symbolon data remove`. */
export const remove: Leaf<object> = {
  name: 'remove <name>',
  summary: 'forget a table that no agreement names',
  description:
    'Forgets a table. A file that was sent to the server from a browser is deleted; any other stays where it is. Refused while a\n' +
    'draft, a proposal or an agreement in force names the table, and while a legal hold is on somebody in it.',
  served: true,
  examples: ['symbolon data remove members'],
  run: async ({ ui, at }, [name]) => {
    const { uploaded, source } = await withView(at, async ({ data }) => {
      const info = await data.show(name!);
      await data.remove(name!);
      return info;
    });
    ui.say(
      uploaded
        ? `${name} is forgotten, and its file is deleted.`
        : `${name} is forgotten; ${sourceLabel(source)} stays.`,
    );
    return { json: { removed: name, fileDeleted: uploaded === true } };
  },
};

/** What was found wrong or worth a remark, as talk. */
function report(ui: Ui, { notes, problems, problemCount, name, source }: DatasetInfo): void {
  const unit = source.kind === 'csv' || source.kind === 'ndjson' ? 'line' : 'row';
  for (const note of notes) ui.note(note);
  if (problemCount === 0) return;
  ui.say(
    `${ui.talk.red('✘')} ${counted(problemCount, 'fault')}: ${name} cannot be linked until its source is corrected.`,
  );
  for (const { file, row, column, message } of problems.slice(0, 20)) {
    const place = `${unit} ${row}${column === null ? '' : `, column '${column}'`}`;
    ui.say(`  ${ui.talk.bold(`${file}, ${place}`)}: ${message}`);
  }
  if (problemCount > 20) ui.note(`  and ${number(problemCount - 20)} more; --json lists the first 100`);
}

function describe({ name, source, rows, columns }: DatasetInfo): string {
  const about = facts([
    ['name', name],
    ['source', sourceLabel(source)],
    ['rows', number(rows)],
  ]);
  const lines = columns.map((column) => [
    column.name,
    typeOf(column),
    rangeOf(column),
    column.nulls === 0 ? '' : number(column.nulls),
  ]);
  return `${about}\n\n${table(['column', 'type', 'values', 'empty'], lines)}`;
}

type Column = DatasetInfo['columns'][number];

function typeOf({ type, scale, format }: Column): string {
  if (type === 'number' && scale) return `number, ${counted(scale, 'decimal')}`;
  return type === 'date' && format !== undefined ? `date ${format}` : type;
}

function rangeOf({ type, maxLength, min, max }: Column): string {
  if (type === 'text') return `up to ${counted(maxLength ?? 0, 'character')}`;
  return min === undefined ? '' : `${min} … ${max}`;
}
