import type { LinkAgreement } from '@symbolon/agreement';
import { z } from 'zod';

/** A link as an agreement has it. */
export type Linkage = Pick<LinkAgreement, 'tables' | 'link'>;

// As in an agreement, which checks the rest; but numbers are texts.
const whole = z
  .string()
  .regex(/^\d{1,10}$/, 'must be a whole number')
  .transform(Number);
const columns = z.record(z.string(), z.looseObject({ maxLength: whole.exactOptional(), scale: whole.exactOptional() }));
const tableSchema = z.strictObject({
  /** `party: data set`. */
  holder: z.string().regex(/^[^:\s]+: *[^:\s]+$/, 'is written as party: data set'),
  key: z.string().exactOptional(),
  maxRows: whole,
  columns,
});

/** The field `link` of a file on studies: whose records are linked, by which rule. Both sides learn the pairs. */
export const linkageSchema = z.strictObject({
  a: tableSchema,
  b: tableSchema,
  rule: z.string(),
  blocking: z.strictObject({ keys: z.array(z.string()), cap: whole }).exactOptional(),
  cardinality: z.string().exactOptional(),
  prefer: z.string().exactOptional(),
  /** Links that may open their result. */
  maxRuns: whole.default(12),
});

export function linkageOf({ a, b, ...link }: z.output<typeof linkageSchema>): Linkage {
  const [left, right] = [a, b].map(({ holder, ...table }) => {
    const [party, dataset] = holder.split(/: */) as [string, string];
    return { party, dataset, ...table };
  });
  const to = [left!.party, right!.party];
  return { tables: { a: left, b: right }, link: { ...link, reveal: 'pairs', to } } as unknown as Linkage;
}
