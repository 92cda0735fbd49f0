import { z } from 'zod';
import { columnName, datasetName, type Frozen, organisationId } from './fields.ts';
import { studyMethods } from './methods.ts';
import { distinct, type Must } from './rules.ts';
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
  methods: z.array(z.enum(studyMethods)).min(1),
  /** Fewest distinct patients behind a value that the owner hands on. */
  minPatients: z.int().min(1).max(1_000_000),
  /** Runs over the whole term. */
  maxRuns: z.int().min(1).max(1_000_000),
});

type Outsourcing = Frozen<z.output<typeof outsourcingSchema>>;

export function checkOutsourcing(must: Must, terms: Outsourcing, ids: readonly string[]): void {
  const { owner, compute, tables, methods } = terms;
  must(owner !== compute, 'outsourcing.compute', `${compute} cannot compute on ciphertexts of its own`);
  must(ids.includes(owner), 'outsourcing.owner', `${owner} is not a party`);
  must(ids.includes(compute), 'outsourcing.compute', `${compute} is not a party`);
  must(distinct(methods), 'outsourcing.methods', 'names a method twice');
  for (const [name, table] of Object.entries(tables)) checkStudyTable(must, `outsourcing.tables.${name}`, table, ids);
}
