import type { Agreement } from '@symbolon/agreement';
import { facts, number, table } from './ui.ts';

/** An agreement, and who has signed it. */
export interface ShownAgreement {
  readonly hash: string;
  readonly agreement: Agreement;
  readonly signedBy: readonly string[];
  readonly missing: readonly string[];
}

const steps: Record<string, string> = {
  nfkd: 'accents removed',
  lower: 'small letters',
  alphanumeric: 'punctuation removed',
  squash: 'white space made one',
};

/** The agreement in words that a privacy officer can check. */
export function agreementText({ hash, agreement, signedBy, missing }: ShownAgreement): string {
  const { title, parties, keyService, tables, link, pads, term, predecessor } = agreement;
  const nameOf = (id: string) => parties.find((party) => party.id === id)!.name;
  const side = (name: 'a' | 'b') => {
    const { party, dataset, maxRows, key } = tables[name];
    const rows = `table '${dataset}', at most ${number(maxRows)} rows`;
    return `${nameOf(party)} (${party}): ${rows}${key === undefined ? '' : `, rows known by ${key}`}`;
  };
  const about = facts([
    ['title', title],
    ['hash', hash],
    ...(predecessor === null ? [] : ([['replaces', predecessor]] as const)),
    ['a', side('a')],
    ['b', side('b')],
    ['keys', `${keyService.name} (${keyService.id}) hands out one-time keys and receives no data`],
    ['match', link.rule],
    ['learn', `${link.to.map(nameOf).join(' and ')}: which rows belong together. Nothing else, and nobody else`],
    ['runs', `at most ${number(link.maxRuns)}, from ${term.from} to ${term.until}`],
    ['pads', pads === 'full' ? 'full-length random pads over the inputs' : 'pads expanded from random seeds by AES'],
    ['signed', signedText(signedBy, missing)],
  ]);
  return `${about}\n\n${columnTable(agreement)}`;
}

function signedText(signedBy: readonly string[], missing: readonly string[]): string {
  if (missing.length === 0) return `by all: ${signedBy.join(', ')}`;
  return `${signedBy.length === 0 ? 'by nobody yet' : `by ${signedBy.join(', ')}`}; missing: ${missing.join(', ')}`;
}

/** Every column that will ever be read, and what of its values counts. */
function columnTable({ tables }: Agreement): string {
  const rows = (['a', 'b'] as const).flatMap((side) =>
    Object.entries(tables[side].columns).map(([name, column]) => [`${side}.${name}`, column.type, boundsOf(column)]),
  );
  return table(['column', 'type', 'compared as'], rows);
}

function boundsOf(column: Agreement['tables']['a']['columns'][string]): string {
  if (column.type === 'number') {
    const decimals = column.scale === undefined || column.scale === 0 ? '' : `, ${column.scale} decimals`;
    return `${column.min} to ${column.max}${decimals}`;
  }
  if (column.type !== 'text') return '';
  const done = column.normalise.map((step) => steps[step] ?? step);
  return `at most ${column.maxLength} characters; ${done.length === 0 ? 'as written' : done.join(', ')}`;
}
