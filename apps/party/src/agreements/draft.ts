import { type Column, draftAgreement, type LinkAgreement, memberOf, normalisations } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { type CompiledRule, compileRule } from '@symbolon/linkage';
import { type Home, openDuckDb } from '@symbolon/service';
import { type ColumnDescription, roundedLength, type TableDescription } from '../datasets/describe.ts';
import { compileKeys } from './blocking.ts';
import { requireScore } from './prefer.ts';

/** Steps of text normalisation. */
export type Normalisation = (typeof normalisations)[number];

/** What an organisation wants to agree on. */
export interface DraftParams {
  readonly title: string;
  /** Which table of the rule is the own one. */
  readonly as: 'a' | 'b';
  /** Id of the organisation that holds the other table. */
  readonly partner: string;
  /** Id of the key service. */
  readonly keyService: string;
  /** The own data set. */
  readonly dataset: string;
  /** The partner's table, as its `describe` says. */
  readonly partnerDataset: Pick<TableDescription, 'name' | 'columns'>;
  /** A SQL condition over a and b. */
  readonly rule: string;
  /** Which pairs are compared: SQL equalities, and the rows of a table that are compared under one value; all pairs, if absent. */
  readonly blocking?: LinkAgreement['link']['blocking'] | undefined;
  /** Which of the matching pairs count; all of them, if absent. */
  readonly cardinality?: LinkAgreement['link']['cardinality'] | undefined;
  readonly prefer?: LinkAgreement['link']['prefer'] | undefined;
  /** Which side learns the result; both, if absent. */
  readonly learn?: 'a' | 'b' | 'both' | undefined;
  /** What is learnt; the pairs, if absent. */
  readonly reveal?: LinkAgreement['link']['reveal'] | undefined;
  /** Steps for all text columns; all of them, if absent. */
  readonly normalise?: readonly string[] | undefined;
  /** Number and date columns, of either table, whose values are compared as they are written. */
  readonly asText?: readonly string[] | undefined;
  /** Columns that tell the rows apart for their owners; row numbers, if absent. */
  readonly key?: string | undefined;
  readonly partnerKey?: string | undefined;
  /** Rows that a table may have. */
  readonly maxRows: number | { readonly a: number; readonly b: number };
  /** First and last day, UTC, YYYY-MM-DD. */
  readonly term: { readonly from: string; readonly until: string };
  readonly pads?: LinkAgreement['pads'] | undefined;
  /** Attempts that open their result. */
  readonly maxRuns: number;
  /** Not said, if absent. */
  readonly purpose?: LinkAgreement['purpose'];
  /** Nothing is paid, and runs are as many as the link allows, if absent. */
  readonly price?: LinkAgreement['price'];
  readonly quota?: LinkAgreement['quota'];
  /** Hash of the agreement that this one replaces. */
  readonly predecessor?: string | null | undefined;
}

/**
 * An agreement from what one side wants. It lists only the columns that the rule and the blocking keys use, and the keys of the tables:
 * what is not listed is never read. Throws `rule-…` where the rule does not fit the columns, `unknown-organisation`, `agreement-invalid`.
 */
export async function draft(params: DraftParams, own: TableDescription, home: Home): Promise<LinkAgreement> {
  const { as, partner, rule, maxRows, blocking, cardinality, prefer, learn = 'both' } = params;
  const other = as === 'a' ? 'b' : 'a';
  const [partnerCard, keyCard] = [home.partners.get(partner), home.partners.get(params.keyService)];
  const described = {
    [as]: { party: home.card.id, table: own, key: params.key },
    [other]: { party: partner, table: params.partnerDataset, key: params.partnerKey },
  } as Record<'a' | 'b', { party: string; table: Pick<TableDescription, 'name' | 'columns'>; key: string | undefined }>;
  const columns = agreedTypes(params, described.a.table.columns, described.b.table.columns);
  const used = await usedColumns(params, columns);
  const table = (side: 'a' | 'b') => {
    const { party, table: description, key } = described[side];
    if (key !== undefined && columns[side][key] === undefined) {
      throw fault('data-missing-column', `${description.name} of ${party} has no column '${key}'`, { culprit: key });
    }
    const names = Object.keys(columns[side]).filter((name) => used[side].has(name) || name === key);
    return {
      party,
      dataset: description.name,
      ...(key === undefined ? {} : { key }),
      maxRows: typeof maxRows === 'number' ? maxRows : maxRows[side],
      columns: Object.fromEntries(names.map((name) => [name, columns[side][name]!])),
    };
  };
  const [a, b] = as === 'a' ? [home.card, partnerCard] : [partnerCard, home.card];
  return draftAgreement({
    title: params.title,
    predecessor: params.predecessor ?? null,
    parties: [memberOf(a), memberOf(b)],
    keyService: memberOf(keyCard),
    ...(params.purpose === undefined ? {} : { purpose: params.purpose }),
    tables: { a: table('a'), b: table('b') },
    link: {
      rule,
      ...(blocking === undefined ? {} : { blocking }),
      ...(cardinality === undefined ? {} : { cardinality }),
      ...(prefer === undefined ? {} : { prefer }),
      reveal: params.reveal ?? 'pairs',
      to: learn === 'both' ? [a.id, b.id] : [{ a, b }[learn].id],
      maxRuns: params.maxRuns,
    },
    pads: params.pads ?? 'expanded',
    term: params.term,
    ...(params.price === undefined ? {} : { price: params.price }),
    ...(params.quota === undefined ? {} : { quota: params.quota }),
  });
}

type Columns = Readonly<Record<string, Column>>;

/** Columns with their normalisation. A name that is a number or date on one side and text on the other is text on both. */
function agreedTypes(
  { normalise = normalisations, asText = [] }: DraftParams,
  a: TableDescription['columns'],
  b: TableDescription['columns'],
): Record<'a' | 'b', Columns> {
  const convert = (own: TableDescription['columns'], other: TableDescription['columns']): Columns =>
    Object.fromEntries(
      Object.entries(own).map(([name, column]) => {
        const text = asText.includes(name) || other[name]?.type === 'text';
        return [name, agreedColumn(text ? textOf(column) : column, normalise)];
      }),
    );
  return { a: convert(a, b), b: convert(b, a) };
}

function agreedColumn(column: ColumnDescription, normalise: readonly string[]): Column {
  return column.type === 'text' ? { ...column, normalise: normalise.map(step) } : column;
}

function step(name: string): Normalisation {
  const known = normalisations.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw fault('agreement-invalid', `there is no normalisation '${name}'; there are ${normalisations.join(', ')}`, {
    culprit: name,
  });
}

/** Numbers and dates as they are written. */
function textOf(column: ColumnDescription): ColumnDescription {
  if (column.type === 'date') return { type: 'text', maxLength: roundedLength(longestDate) };
  if (column.type !== 'number') return column;
  const { min, max, scale = 0 } = column;
  const digits = Math.max(min.length, max.length);
  return { type: 'text', maxLength: roundedLength(digits + (scale > 0 ? scale + 1 : 0)) };
}

/** Characters of a date, as in 24.12.1961 or 1961-12-24. */
const longestDate = 10;

async function usedColumns(
  { rule, blocking, prefer }: DraftParams,
  columns: Record<'a' | 'b', Columns>,
): Promise<Record<'a' | 'b', ReadonlySet<string>>> {
  const duck = await openDuckDb({ threads: 1 });
  try {
    const matching = await compileRule(rule, columns, duck);
    requireScore(prefer, matching);
    const keys = await compileKeys(blocking?.keys ?? [], columns, duck);
    const all: CompiledRule[] = [matching, ...keys.map((key) => key.rule)];
    const names = (side: 'a' | 'b') =>
      new Set(all.flatMap(({ locals }) => locals[side].flatMap((local) => local.columns)));
    return { a: names('a'), b: names('b') };
  } finally {
    duck.close();
  }
}
