import type { WrittenAgreement } from '../file/problems.ts';

/** A part of an agreement that people know by a name, and what it says, field by field. */
export interface Entity {
  readonly section: string;
  readonly what: string;
  readonly fields: ReadonlyMap<string, string>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * All parts of an agreement by a key that stays the same from version to version, in the order of its sections.
 * @param bare ids of members of which nothing else is said
 */
export function entities(agreement: WrittenAgreement, bare: ReadonlySet<string>): Map<string, Entity> {
  const found = new Map<string, Entity>();
  const add = (section: string, what: string, fields: Fields | undefined): void => {
    if (fields !== undefined) found.set(`${section}/${what}`, { section, what, fields: plain(fields) });
  };
  const { title, parties, keyService, purpose, tables, link, studies, alerts, outsourcing, pads, term } = agreement;
  add('title', 'the agreement', { title, pads });
  const about = (member: WrittenAgreement['keyService']): { id: string } =>
    typeof member === 'string' || bare.has(member.id)
      ? { id: typeof member === 'string' ? member : member.id }
      : member;
  for (const { id, ...member } of parties.map(about)) add('parties', `party ${id}`, member);
  add('parties', 'key service', about(keyService));
  if (purpose !== undefined) {
    const { parties: own = {}, ...common } = purpose;
    add('purpose', 'purpose', common);
    for (const [id, differs] of Object.entries(own)) add('purpose', `purpose of ${id}`, differs);
  }
  for (const [side, table] of Object.entries(tables ?? {})) addTable(add, side, table, ' of the link');
  add('link', 'the link', link);
  if (studies !== undefined) addStudies(add, studies);
  for (const { name, events, ...alert } of alerts ?? []) {
    add('alerts', `alert '${name}'`, alert);
    for (const { name: event, ...says } of events) add('alerts', `event '${event}' of '${name}'`, says);
  }
  if (outsourcing !== undefined) {
    const { tables: own, ...terms } = outsourcing;
    add('outsourcing', 'outsourced studies', terms);
    for (const [name, table] of Object.entries(own)) addTable(add, name, table, ', outsourced');
  }
  for (const { action, party = 'every party', ...rule } of agreement.approvals ?? []) {
    add('approvals', `approval of ${action} at ${party}`, rule);
  }
  const { onwardUse, renewal, price, quota } = agreement;
  add('onward use', 'onward use', onwardUse === 'none' ? { allowed: 'none' } : onwardUse);
  add('term', 'the term', { ...term });
  add('term', 'renewal', renewal);
  add('price', 'the price', price);
  for (const [id, limits] of Object.entries(quota ?? {})) add('quota', `quota of ${id}`, limits);
  add('licence', 'the licence', agreement.licence);
  return found;
}

type Add = (section: string, what: string, fields: Fields | undefined) => void;

function addStudies(add: Add, studies: NonNullable<WrittenAgreement['studies']>): void {
  const { tables, joins, list, templates = [], free, ...release } = studies;
  for (const [name, table] of Object.entries(tables)) addTable(add, name, table, '');
  for (const { hub, spoke, ...how } of joins) add('joins', `join of ${hub} and ${spoke}`, how);
  add('release rules', 'what opens', release);
  for (const { name, ...study } of list) add('studies', `study '${name}'`, study);
  for (const { name, parameters, ...template } of templates) {
    add('studies', `template '${name}'`, template);
    for (const [parameter, is] of Object.entries(parameters))
      add('studies', `{${parameter}} of template '${name}'`, is);
  }
  add('studies', 'free studies', free);
}

function addTable(add: Add, name: string, { columns, ...table }: Fields & { columns: Fields }, of: string): void {
  add('tables', `table ${name}${of}`, table);
  for (const [column, is] of Object.entries(columns)) add('columns', `column ${name}.${column}${of}`, is as Fields);
}

const labels: Readonly<Record<string, string>> = {
  policy: 'may be used',
  towards: 'towards',
  maxRows: 'rows at most',
  maxRuns: 'runs at most',
  minPatients: 'patients at least',
  maxLength: 'characters at most',
  to: 'result to',
  legalBasis: 'legal basis',
  codeSystem: 'code system',
  onePerPatient: 'one row a patient',
  rowsPerPatient: 'rows a patient at most',
  allowEmptyParty: 'a holder may have no patient',
  perRun: 'a run',
  perDay: 'a day',
  perMonth: 'a month',
  perTerm: 'over the term',
  paidBy: 'paid by',
  freeFor: 'free for',
  noticeDays: 'days of notice',
  mergeMinutes: 'minutes merged',
  maxAgeDays: 'days after the event',
  linkDays: 'days after the link',
  escalateMinutes: 'minutes until escalation',
  includes: 'sensitive categories',
  organisationKey: 'organisation key',
  recoveryKey: 'recovery key',
  signingKey: 'signing key',
  logKey: 'log key',
};

/** Fields as one text each; those of an inner object by its own names too. */
function plain(fields: Fields, prefix = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const label = `${prefix}${labels[name] ?? name}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) all.set(label, text(value));
    else for (const [inner, said] of plain(value as Fields, `${label} `)) all.set(inner, said);
  }
  return all;
}

function text(value: unknown): string {
  if (value === true) return 'yes';
  if (!Array.isArray(value)) return String(value);
  return value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item))).join(', ') || 'none';
}
