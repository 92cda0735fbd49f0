import { z } from 'zod';
import { columnName, datasetName, type Frozen, organisationId } from './fields.ts';
import { sealedMethods } from './methods.ts';
import { distinct, type Must } from './rules.ts';
import type { Agreement } from './schema.ts';
import { checkStudyTable } from './study-rules.ts';
import { studyTableShape } from './study-schema.ts';

/** Encrypted tables that a party computes on for their owner, who alone can read a result. */
export const outsourcingSchema = z.strictObject({
  owner: organisationId,
  /** The party that computes: it holds ciphertexts, never a key. */
  compute: organisationId,
  tables: z
    .record(columnName, z.strictObject({ dataset: datasetName, ...studyTableShape }))
    .refine((tables) => Object.keys(tables).length >= 1 && Object.keys(tables).length <= 16, 'must be 1 to 16 tables'),
  /** Points of each row that the server gives by a model that it alone knows: columns to be summed, of no data set. */
  models: z
    .record(
      columnName,
      z.strictObject({
        table: columnName,
        /** By what the points are given. */
        columns: z.array(columnName).min(1).max(32),
        /** Most points of a row. */
        most: z.int().min(1).max(100_000),
      }),
    )
    .refine((models) => Object.keys(models).length >= 1 && Object.keys(models).length <= 16, 'must be 1 to 16 models')
    .exactOptional(),
  methods: z.array(z.enum(sealedMethods)).min(1),
  /** Fewest distinct patients behind a value that the owner hands on. */
  minPatients: z.int().min(1).max(1_000_000),
  /** Runs over the whole term. */
  maxRuns: z.int().min(1).max(1_000_000),
});

type Outsourcing = Frozen<z.output<typeof outsourcingSchema>>;

type Sections = { readonly [Section in 'outsourcing' | 'studies']?: Agreement[Section] | undefined };

/** Ids of the parties that compute on encrypted tables. */
export function computing({ outsourcing, studies }: Sections): ReadonlySet<string> {
  const holders = Object.values(studies?.tables ?? {}).flatMap((table) => table.holders);
  const ids = [outsourcing?.compute, ...holders.map(({ compute }) => compute)];
  return new Set(ids.filter((id) => id !== undefined));
}

/**
 * What an agreement says of an organisation's encrypted tables: the outsourced ones; or its parts of the tables of studies, of which no question is
 * asked but by a study. Undefined where it has none.
 */
export function outsourcedTo({ outsourcing, studies }: Sections, owner: string): Outsourcing | undefined {
  if (outsourcing?.owner === owner) return outsourcing;
  const own = Object.entries(studies?.tables ?? {}).flatMap(([name, { holders, ...table }]) =>
    holders.flatMap(({ party, dataset, compute }) =>
      party === owner && compute !== undefined ? [{ name, compute, table: { dataset, ...table } }] : [],
    ),
  );
  const [first] = own;
  if (first === undefined) return undefined;
  const { minPatients } = studies!;
  const tables = Object.fromEntries(own.map(({ name, table }) => [name, table]));
  return { owner, compute: first.compute, tables, methods: [], minPatients, maxRuns: 0 };
}

/** The tables as questions see them: with points of models as columns. */
export function askedTables({ tables, models = {} }: Pick<Outsourcing, 'tables' | 'models'>): Outsourcing['tables'] {
  const asked = Object.entries(tables).map(([name, table]) => {
    const own = Object.entries(models).filter(([, model]) => model.table === name);
    const points = own.map(([column, { most }]) => [column, pointsColumn(most)] as const);
    return [name, { ...table, columns: { ...table.columns, ...Object.fromEntries(points) } }] as const;
  });
  return Object.fromEntries(asked);
}

/** Points of a model, as a column. @param most of a row */
export function pointsColumn(most: number) {
  return { type: 'number', policy: 'aggregate', min: '0', max: String(most), required: true } as const;
}

export function checkOutsourcing(must: Must, terms: Outsourcing, ids: readonly string[]): void {
  const { owner, compute, tables, methods, models = {} } = terms;
  must(owner !== compute, 'outsourcing.compute', `${compute} cannot compute on ciphertexts of its own`);
  must(ids.includes(owner), 'outsourcing.owner', `${owner} is not a party`);
  must(ids.includes(compute), 'outsourcing.compute', `${compute} is not a party`);
  must(distinct(methods), 'outsourcing.methods', 'names a method twice');
  for (const [name, table] of Object.entries(tables)) checkStudyTable(must, `outsourcing.tables.${name}`, table, ids);
  for (const [name, { table, columns }] of Object.entries(models)) {
    const at = `outsourcing.models.${name}`;
    const own = tables[table]?.columns;
    must(own !== undefined, `${at}.table`, `there is no table ${table}`);
    must(own === undefined || !Object.hasOwn(own, name), at, `${table} has a column of that name`);
    must(distinct(columns), `${at}.columns`, 'names a column twice');
    for (const column of columns) {
      const policy = own?.[column]?.policy;
      must(
        policy !== undefined && policy !== 'hidden' && policy !== 'join',
        `${at}.columns`,
        `${column} is no column of ${table} that is encrypted`,
      );
    }
  }
}
