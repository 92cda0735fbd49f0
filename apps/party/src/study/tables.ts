import type { Purpose, StudyAgreement, StudyColumn, StudyTable } from '@symbolon/agreement';
import {
  compileJoins,
  joinedOn,
  type OwnCell,
  type OwnTable,
  ownSql,
  type Rows,
  type RuleMeans,
  readOwn,
  type TableSize,
} from '@symbolon/analytics';
import { fault, type SymbolonError } from '@symbolon/crypto';
import { normalise } from '@symbolon/linkage';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { loadTable, requireUnique } from '../data/load.ts';
import { storeTable } from '../data/locals.ts';
import { place } from '../data/source.ts';
import type { AgreedColumn, Table } from '../data/table.ts';
import { agreedName } from '../datasets/describe.ts';
import type { Screen } from '../subjects/screen.ts';

/** This party's tables of a study, ready to be encoded. Prints as a count: it holds records. */
export interface OwnTables {
  /** By alias. */
  readonly tables: ReadonlyMap<string, OwnTable>;
  /** What the others are told of them. */
  readonly sizes: Readonly<Record<string, TableSize>>;
  /** In place of rows: what the one table comes to, where a server computed it on ciphertexts. */
  readonly cells?: readonly OwnCell[];
  /** By alias: records that took no part, because people opted out. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** By alias: without columns, for where the rows stand in the source. */
  readonly places: ReadonlyMap<string, Table>;
  /** Who takes no part, as it was when the tables were read. */
  readonly screens: readonly Screen[];
  toString(): string;
}

type Population = Pick<Rows, 'tables' | 'joins' | 'nodes'>;
type BoundTable = Rows['tables'][number];

/**
 * Reads the own tables of a study and computes its local expressions over them, in a DuckDB that can reach nothing. Values are held against
 * the agreement's types, ranges and lists first, texts normalised as it says: one bad record refuses the whole table. People who opted out
 * are left out before. Runs at: the owner. Nothing leaves.
 *
 * @param purpose of the run, if it is known
 * Throws `data-…` with file, row and column, never a value.
 */
export async function loadOwn(
  context: PartyContext,
  agreement: StudyAgreement,
  rows: Rows,
  purpose?: Purpose,
): Promise<OwnTables> {
  const { home, settings, optOuts } = context;
  const own = rows.tables.filter(({ parties }) => parties.includes(home.card.id));
  const tables = new Map<string, OwnTable>();
  const sizes: Record<string, TableSize> = {};
  const places = new Map<string, Table>();
  const screens: Screen[] = [];
  const duck = await openDuckDb({ threads: 1, memory: settings.duckdbMemory, seconds: settings.duckdbSeconds });
  try {
    const means = { compiled: await compileJoins(rows, duck), kernels: context.kernels() };
    for (const table of own) {
      const agreed = agreement.studies.tables[table.name]!;
      const screen = await optOuts.screen(datasetOf(context, agreed), agreement, purpose);
      const loaded = await load(context, agreement, rows, table, screen);
      const evaluated = await evaluate(rows, table, loaded, { duck, means });
      tables.set(table.alias, evaluated);
      sizes[table.alias] = sizeOf(rows, table, agreed, evaluated);
      places.set(table.alias, loaded.only(new Set()));
      screens.push(screen);
    }
  } finally {
    duck.close();
  }
  const leftOut = Object.fromEntries([...places].map(([alias, table]) => [alias, table.leftOut]));
  return { tables, sizes, leftOut, places, screens, toString: () => `[${own.length} tables of a study]` };
}

/** Reads an own table as a study wants it. @param screen who takes no part; for no run in particular if absent */
export async function load(
  context: PartyContext,
  agreement: StudyAgreement,
  rows: Population,
  table: BoundTable,
  screen?: Screen,
): Promise<Table> {
  const { datasets, optOuts } = context;
  const agreed = agreement.studies.tables[table.name]!;
  const dataset = datasetOf(context, agreed);
  const { leftOut } = screen ?? (await optOuts.screen(dataset, agreement));
  const found = await datasets.show(dataset);
  const used = columnsOf(rows, table);
  const columns = Object.fromEntries(
    [...used].map((name) => {
      const source = found.columns.find((candidate) => agreedName(candidate.name) === name);
      const column = agreed.columns[name]!;
      return [
        name,
        {
          ...agreedColumn(column),
          ...(source === undefined ? {} : { from: source.name }),
          ...(source?.format === undefined || column.type !== 'date' ? {} : { format: source.format }),
        },
      ];
    }),
  );
  const loaded = await loadTable(await datasets.source(dataset), columns, { maxRows: agreed.maxRows }, leftOut);
  for (const name of used) requireValues(loaded, name, agreed.columns[name]!);
  if (agreed.onePerPatient) requireUnique(loaded, agreed.patient);
  else if (agreed.rowsPerPatient !== undefined) requireFew(loaded, agreed.patient, agreed.rowsPerPatient);
  return loaded;
}

function datasetOf({ home }: PartyContext, { holders }: StudyTable): string {
  return holders.find(({ party }) => party === home.card.id)!.dataset;
}

/** The columns of a table that a study reads: those of its local expressions, of its joins, and the patient. */
function columnsOf({ nodes, joins, tables }: Population, { alias, patient }: BoundTable): Set<string> {
  const isHub = alias === tables[0]!.alias;
  const local = nodes.flatMap((node) => (node.op === 'local' && node.table === alias ? node.columns : []));
  const joined = joins
    .filter(({ spoke }) => isHub || spoke === alias)
    .flatMap((join) => {
      if (join.kind === 'rule') return Object.keys(join.columns[isHub ? 'a' : 'b']);
      return joinedOn(join).map(([hub, spoke]) => (isHub ? hub : spoke));
    });
  return new Set([patient, ...joined, ...local]);
}

/** How values of a column of a study are read. */
export function agreedColumn(column: StudyColumn): AgreedColumn {
  const required = column.required === true ? { required: true } : {};
  switch (column.type) {
    case 'number':
      return { type: 'number', min: column.min, max: column.max, scale: column.scale ?? 0, ...required };
    case 'date':
      return { type: 'date', min: column.min, max: column.max, ...required };
    case 'text': {
      const { normalise: steps = [], maxLength } = column;
      const prepare = (text: string): string => normalise(steps, text.normalize('NFC'));
      return { type: 'text', prepare, ...(maxLength === undefined ? {} : { maxLength }), ...required };
    }
    case 'boolean':
      return { type: 'boolean', ...required };
  }
}

/** Holds that every text is one of the agreed values. */
function requireValues(table: Table, name: string, column: StudyColumn): void {
  if (column.type !== 'text' || column.values === undefined) return;
  const values = new Set<unknown>(column.values);
  const row = table.column(name).findIndex((value) => value !== null && !values.has(value));
  if (row < 0) return;
  const where = `${table.label}, ${place(table.unit, table.line(row), name)}`;
  throw fault('data-out-of-range', `${where}: the value is none of the agreed ones`, { culprit: where });
}

/** Holds that no patient has more rows than agreed. */
function requireFew(table: Table, patient: string, most: number): void {
  const counts = new Map<unknown, number>();
  for (const [row, value] of table.column(patient).entries()) {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    if (count <= most) continue;
    const where = `${table.label}, ${place(table.unit, table.line(row), patient)}`;
    throw fault('data-out-of-range', `${where}: its patient has more than the agreed ${most} rows`, { culprit: where });
  }
}

async function evaluate(
  rows: Rows,
  table: BoundTable,
  loaded: Table,
  { duck, means }: { duck: DuckDb; means: RuleMeans },
): Promise<OwnTable> {
  const stored = `symbolon study ${table.alias}`;
  await duck.lockDown();
  await storeTable(loaded, stored, duck);
  const sql = `${ownSql(rows, table.alias, `"${stored}"`)} ORDER BY "symbolon row"`;
  const result = await duck.columns(sql).catch((cause: unknown) => {
    throw failed(table.name, cause);
  });
  await duck.query(`DROP TABLE "${stored}"`);
  const lines = Array.from({ length: result.rows }, (_, row) => result.values.map((column) => column[row]));
  return readOwn(rows, table.alias, lines, means);
}

/** Messages of DuckDB may quote a record and are dropped. */
function failed(table: string, cause: unknown): SymbolonError {
  const [kind = ''] = String((cause as Error).message).split(':', 1);
  if (kind === 'INTERRUPT Error') {
    return fault('study-unsupported', `the study's local expressions over ${table} take too long`, { culprit: table });
  }
  return fault('data-out-of-range', `a local expression of the study fails on a record of ${table} (${kind})`, {
    culprit: table,
  });
}

/** Rows and patients, or rows that can be joined, as they are; rows of a patient, as agreed. */
function sizeOf({ tables, joins }: Rows, table: BoundTable, agreed: StudyTable, own: OwnTable): TableSize {
  const isHub = table.alias === tables[0]!.alias;
  const joinable = own.keys.filter((key) => key !== null);
  if (!isHub) requireKeys(table.name, joinable);
  const distinct = new Set(joins.length === 0 ? own.patients : joinable).size;
  const few = isHub && agreed.rowsPerPatient !== undefined ? { rowsPerPatient: agreed.rowsPerPatient } : {};
  return { rows: own.patients.length, patients: Math.max(1, distinct), ...few };
}

/** A spoke has one row a key. */
function requireKeys(table: string, keys: readonly string[]): void {
  if (new Set(keys).size === keys.length) return;
  throw fault('data-duplicate-id', `${table} has two rows with the same key; it joins by one row a key`, {
    culprit: table,
    hint: 'Leave one row for each key, or agree on a key that tells the rows apart.',
  });
}
