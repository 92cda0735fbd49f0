import { fitScale, scaledDecimal } from './decimal.ts';
import { checkBlocking, checkText, columnsNamed } from './matching.ts';
import { distinct, type Must } from './rules.ts';
import type { Agreement } from './schema.ts';
import type { Studies, StudyColumn, StudyJoin, StudyTable } from './study-schema.ts';
import { checkParameters, placeholdersOf } from './template.ts';

// Whole numbers of at most 18 digits: any two can be compared in 64 bits.
const digits18 = 10n ** 18n;

/** The rules across the fields of an agreement's studies, and its link. */
export function checkStudies(
  must: Must,
  studies: Studies,
  agreement: Pick<Agreement, 'parties' | 'tables' | 'link'>,
): void {
  const ids = agreement.parties.map(({ id }) => id);
  for (const [name, table] of Object.entries(studies.tables)) {
    const at = `studies.tables.${name}`;
    const holders = table.holders.map(({ party }) => party);
    must(distinct(holders), `${at}.holders`, 'names a party twice');
    for (const party of holders) must(ids.includes(party), `${at}.holders`, `${party} is not a party`);
    checkStudyTable(must, at, table, ids);
  }
  for (const [i, join] of studies.joins.entries()) checkJoin(must, `studies.joins.${i}`, join, studies, agreement);
  const pairs = studies.joins.map(({ hub, spoke }) => `${hub} ${spoke}`);
  must(distinct(pairs), 'studies.joins', 'two tables are joined twice');
  checkQuestions(must, studies, ids);
  checkEncrypted(must, studies, ids);
}

/** Tables of which a party has its rows encrypted at a server: what is added up must not show what one of them has. */
function checkEncrypted(must: Must, { tables, joins, ...questions }: Studies, ids: readonly string[]): void {
  const { list, templates = [], free } = questions;
  const all = Object.values(tables).flatMap(({ holders }) => holders);
  const receivers = new Set([...list, ...templates, ...(free === undefined ? [] : [free])].flatMap(({ to }) => to));
  for (const [name, { holders, onePerPatient }] of Object.entries(tables)) {
    const at = `studies.tables.${name}`;
    const servers = holders.flatMap(({ compute }) => (compute === undefined ? [] : [compute]));
    if (servers.length === 0) continue;
    must(onePerPatient === true, `${at}.onePerPatient`, 'is missing: rows that are encrypted count patients');
    must(
      holders.length > 2 || (holders.length > 1 && !holders.some(({ party }) => receivers.has(party))),
      `${at}.holders`,
      'of two holders each would learn what the other has, and one shows what it has; three are needed, or two and a receiver that is neither',
    );
    must(
      !joins.some(({ hub, spoke }) => [hub, spoke].includes(name)),
      'studies.joins',
      `${name} is encrypted, and joins nothing`,
    );
    for (const server of servers) {
      must(ids.includes(server), `${at}.holders`, `${server}, which computes, is not a party`);
      const idle =
        !all.some(({ party }) => party === server) && !receivers.has(server) && free?.by.includes(server) !== true;
      must(
        idle,
        `${at}.holders`,
        `${server} computes on ciphertexts, so it neither holds rows nor asks, nor learns a result`,
      );
    }
  }
  for (const party of new Set(all.map((holder) => holder.party))) {
    const own = all.filter((holder) => holder.party === party).flatMap(({ compute }) => compute ?? []);
    must(new Set(own).size <= 1, 'studies.tables', `the encrypted tables of ${party} are at one server`);
  }
}

function checkQuestions(must: Must, { list, templates = [], free, tables }: Studies, ids: readonly string[]): void {
  const some = list.length + templates.length > 0 || free !== undefined;
  must(some, 'studies.list', 'is empty, and there are neither templates nor free studies');
  const names = [...list, ...templates].map(({ name }) => name);
  must(distinct(names), 'studies.list', 'two studies have the same name');
  for (const [i, { to }] of list.entries()) checkReceivers(must, `studies.list.${i}.to`, to, ids);
  for (const [i, { to, text, parameters }] of templates.entries()) {
    const at = `studies.templates.${i}`;
    checkReceivers(must, `${at}.to`, to, ids);
    checkParameters(must, `${at}.parameters`, parameters);
    const placeholders = new Set(placeholdersOf(text));
    for (const name of Object.keys(parameters)) {
      must(placeholders.has(name), `${at}.parameters.${name}`, `{${name}} stands nowhere in the text`);
    }
    for (const name of placeholders) {
      must(Object.hasOwn(parameters, name), `${at}.text`, `{${name}} is not a parameter`);
    }
  }
  if (free === undefined) return;
  checkReceivers(must, 'studies.free.to', free.to, ids);
  checkReceivers(must, 'studies.free.by', free.by, ids);
  must(distinct(free.methods), 'studies.free.methods', 'names a method twice');
  must(distinct(free.tables), 'studies.free.tables', 'names a table twice');
  for (const name of free.tables) {
    must(Object.hasOwn(tables, name), 'studies.free.tables', `there is no table ${name}`);
  }
}

/** A table, whoever holds it. @param ids of the parties */
export function checkStudyTable(
  must: Must,
  at: string,
  table: Omit<StudyTable, 'holders'>,
  ids: readonly string[],
): void {
  const patient = Object.hasOwn(table.columns, table.patient) ? table.columns[table.patient] : undefined;
  must(patient !== undefined, `${at}.patient`, `there is no column ${table.patient}`);
  must(
    patient === undefined || patient.required === true,
    `${at}.columns.${table.patient}.required`,
    'the patient column is required',
  );
  const { onePerPatient, rowsPerPatient } = table;
  must(
    onePerPatient === undefined || rowsPerPatient === undefined,
    `${at}.rowsPerPatient`,
    'says nothing where a patient has one row',
  );
  for (const [name, column] of Object.entries(table.columns)) checkColumn(must, `${at}.columns.${name}`, column, ids);
}

function checkColumn(must: Must, at: string, column: StudyColumn, ids: readonly string[]): void {
  checkReceivers(must, `${at}.towards`, column.towards ?? [], ids);
  if (column.type === 'text') checkTextColumn(must, at, column);
  if (column.type === 'date') must(column.min <= column.max, `${at}.max`, 'lies before min');
  if (column.type === 'number') {
    const { scale = 0 } = column;
    if (!fitScale(must, at, column, scale)) return;
    const [min, max] = [scaledDecimal(column.min, scale), scaledDecimal(column.max, scale)];
    must(min <= max, `${at}.max`, 'is less than min');
    must(min > -digits18 && max < digits18, at, 'the range × 10^scale has more than 18 digits');
  }
}

function checkTextColumn(must: Must, at: string, column: Extract<StudyColumn, { type: 'text' }>): void {
  must(distinct(column.values ?? []), `${at}.values`, 'holds a value twice');
  checkText(must, at, column);
  const extra = (['maxLength', 'normalise', 'alphabet'] as const).find((field) => column[field] !== undefined);
  must(
    column.values === undefined || extra === undefined,
    `${at}.${extra}`,
    'says nothing of a column whose values are listed',
  );
}

function checkJoin(
  must: Must,
  at: string,
  join: StudyJoin,
  { tables }: Studies,
  agreement: Pick<Agreement, 'tables' | 'link'>,
): void {
  const { hub, spoke } = join;
  must(hub !== spoke, `${at}.spoke`, 'a table is not joined with itself');
  const known = [['hub', hub] as const, ['spoke', spoke] as const].map(([side, name]) =>
    must(Object.hasOwn(tables, name), `${at}.${side}`, `there is no table ${name}`),
  );
  if (known.includes(false)) return;
  if ('on' in join) checkColumns(must, at, join, tables);
  else if ('rule' in join) checkRule(must, at, join, tables);
  else checkLinked(must, `${at}.linked`, [tables[hub]!, tables[spoke]!], agreement);
}

function checkColumns(
  must: Must,
  at: string,
  { hub, spoke, on }: Extract<StudyJoin, { on: unknown }>,
  tables: Studies['tables'],
): void {
  must(
    distinct(on.map(([left]) => left)) && distinct(on.map(([, right]) => right)),
    `${at}.on`,
    'names a column twice',
  );
  for (const [left, right] of on) {
    const [hubs, spokes] = [tables[hub]!.columns, tables[spoke]!.columns];
    const known = [
      must(Object.hasOwn(hubs, left), `${at}.on`, `${hub} has no column ${left}`),
      must(Object.hasOwn(spokes, right), `${at}.on`, `${spoke} has no column ${right}`),
    ];
    if (known.includes(false)) continue;
    const [a, b] = [hubs[left]!, spokes[right]!];
    must(a.policy !== 'hidden' && b.policy !== 'hidden', `${at}.on`, `${left} and ${right} must not be hidden`);
    const scale = (column: StudyColumn): number => ('scale' in column ? (column.scale ?? 0) : 0);
    must(a.type === b.type && scale(a) === scale(b), `${at}.on`, `${left} and ${right} are not of one type`);
  }
}

/** Both sides know the pairs already, and they are of the same records. */
function checkLinked(
  must: Must,
  at: string,
  joined: readonly StudyTable[],
  { tables, link }: Pick<Agreement, 'tables' | 'link'>,
): void {
  must(tables !== undefined && link !== undefined, at, 'the agreement has no link');
  if (tables === undefined || link === undefined) return;
  const sides = [tables.a, tables.b];
  for (const { holders } of joined) {
    const [holder] = holders;
    must(holders.length === 1, at, 'the rows of a table that is linked are those of one holder');
    const side = sides.findIndex(({ party, dataset }) => party === holder!.party && dataset === holder!.dataset);
    must(side >= 0, at, `the link is not of the data set ${holder!.dataset} of ${holder!.party}`);
  }
  const [hub, spoke] = joined.map(({ holders }) => holders[0]!.party);
  must(hub !== spoke, at, 'both tables are of the same data set');
  must(link.reveal === 'pairs' && link.to.length === 2, at, 'the link does not show its pairs to both sides');
}

/** What the rule compares, and with which types, is for `linkage` to say, which parses it. */
function checkRule(
  must: Must,
  at: string,
  { hub, spoke, rule, blocking }: Extract<StudyJoin, { rule: unknown }>,
  tables: Studies['tables'],
): void {
  const sides = [['hub', hub] as const, ['spoke', spoke] as const];
  for (const [side, name] of sides) {
    const { holders, onePerPatient } = tables[name]!;
    must(onePerPatient === true, `${at}.${side}`, `${name} is joined by a rule, so it is onePerPatient`);
    must(holders.length === 1, `${at}.${side}`, `${name} is joined by a rule, so its rows are those of one holder`);
  }
  const [one, other] = sides.map(([, name]) => tables[name]!.holders[0]!.party);
  must(one !== other, `${at}.spoke`, `both tables are held by ${one}; join them by equal columns`);
  checkBlocking(must, `${at}.blocking`, blocking);
  const compared = [
    [`${at}.rule`, rule] as const,
    ...blocking.keys.map((key) => [`${at}.blocking.keys`, key] as const),
  ];
  for (const [field, sql] of compared) {
    for (const { side, column } of columnsNamed(sql)) {
      const table = side === 'a' ? hub : spoke;
      const { columns } = tables[table]!;
      const known = Object.hasOwn(columns, column);
      must(known, field, `${table}, which is ${side}, has no column ${column}`);
      must(!known || columns[column]!.policy !== 'hidden', field, `${side}.${column} must not be hidden`);
    }
  }
}

function checkReceivers(must: Must, at: string, to: readonly string[], ids: readonly string[]): void {
  must(distinct(to), at, 'names a party twice');
  for (const id of to) must(ids.includes(id), at, `${id} is not a party`);
}
