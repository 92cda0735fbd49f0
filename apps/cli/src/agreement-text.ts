import {
  type Agreement,
  alertWords,
  conditionWords,
  coversLink,
  coversStudies,
  type LinkAgreement,
  questionWords,
} from '@symbolon/agreement';
import { linkWords } from '@symbolon/party';
import { aboutColumn, studyColumns, studyFacts } from './study/terms-text.ts';
import { facts, number, table } from './ui.ts';

type Column = LinkAgreement['tables']['a']['columns'][string];

/** An agreement, and who has signed it. */
export interface ShownAgreement {
  readonly hash: string;
  readonly agreement: Agreement;
  readonly signedBy: readonly string[];
  readonly missing: readonly string[];
}

// What each step takes away.
const steps: Record<string, string> = {
  nfkd: 'accents',
  lower: 'case',
  alphanumeric: 'punctuation',
  squash: 'extra white space',
};

/** The agreement in words that a privacy officer can check. */
export function agreementText({ hash, agreement, signedBy, missing }: ShownAgreement): string {
  const { title, keyService, pads, predecessor } = agreement;
  const about = facts([
    ['title', title],
    ['hash', hash],
    ...(predecessor === null ? [] : ([['replaces', predecessor]] as const)),
    ['keys', `${keyService.name} (${keyService.id}) hands out one-time keys and receives no data`],
    ...(coversLink(agreement) ? linkFacts(agreement) : []),
    ...(coversStudies(agreement) ? studyFacts(agreement) : []),
    ...questionWords(agreement),
    ...alertWords(agreement),
    ...conditionWords(agreement),
    ['pads', pads === 'full' ? 'of full length, over the inputs' : 'expanded from random seeds by AES'],
    ['signed', signedText(signedBy, missing)],
  ]);
  return [
    about,
    ...(coversLink(agreement) ? [columnTable(agreement)] : []),
    ...(coversStudies(agreement) ? [studyColumns(agreement)] : []),
  ].join('\n\n');
}

function linkFacts(agreement: LinkAgreement): (readonly [string, string])[] {
  const { parties, tables, link, term } = agreement;
  const nameOf = (id: string) => parties.find((party) => party.id === id)!.name;
  const words = linkWords(agreement);
  const side = (name: 'a' | 'b') => {
    const { party, dataset, maxRows, key } = tables[name];
    const rows = `table '${dataset}', at most ${number(maxRows)} rows`;
    return `${nameOf(party)} (${party}): ${rows}${key === undefined ? '' : `, rows known by ${key}`}`;
  };
  return [
    ['a', side('a')],
    ['b', side('b')],
    ['match', link.rule],
    ['compare', words.compared.join('\n')],
    ['texts', normalisationText(agreement)],
    ['counts', words.counted],
    ['learn', words.learned],
    ['runs', `at most ${number(link.maxRuns)}, from ${term.from} to ${term.until}`],
  ];
}

function signedText(signedBy: readonly string[], missing: readonly string[]): string {
  if (missing.length === 0) return `by all: ${signedBy.join(', ')}`;
  return `${signedBy.length === 0 ? 'by nobody yet' : `by ${signedBy.join(', ')}`}; missing: ${missing.join(', ')}`;
}

/** Every column that will ever be read, and what of its values counts. */
function columnTable({ tables }: LinkAgreement): string {
  const rows = (['a', 'b'] as const).flatMap((side) =>
    Object.entries(tables[side].columns).map(([name, column]) => [
      `${side}.${name}`,
      column.type,
      [boundsOf(column), name === tables[side].key ? 'tells rows apart' : '', aboutColumn(column)]
        .filter(Boolean)
        .join('; '),
    ]),
  );
  return table(['column', 'type', 'values'], rows);
}

function boundsOf(column: Column): string {
  if (column.type === 'text') return `at most ${column.maxLength} characters`;
  if (column.type !== 'number') return '';
  const decimals = column.scale === undefined || column.scale === 0 ? '' : `, ${column.scale} decimals`;
  return `${column.min} to ${column.max}${decimals}`;
}

/** What is done to texts before they are compared; column by column where they differ. */
function normalisationText({ tables }: LinkAgreement): string {
  const all = (['a', 'b'] as const).flatMap((side) =>
    Object.entries(tables[side].columns).flatMap(([name, column]) =>
      column.type === 'text' ? [[`${side}.${name}`, wordsOf(column.normalise)] as const] : [],
    ),
  );
  const different = new Set(all.map(([, words]) => words));
  if (different.size <= 1) return all[0]?.[1] ?? 'there are none';
  return [...different]
    .map(
      (words) =>
        `${all
          .filter((one) => one[1] === words)
          .map(([name]) => name)
          .join(', ')} ${words}`,
    )
    .join('; ');
}

function wordsOf(normalise: readonly string[]): string {
  return normalise.length === 0
    ? 'compared as written'
    : `compared without ${normalise.map((step) => steps[step] ?? step).join(', ')}`;
}
