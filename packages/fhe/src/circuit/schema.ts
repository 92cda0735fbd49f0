import { z } from 'zod';
import { plainModulus } from '../parameters.ts';
import { type Circuit, mostNodes } from './circuit.ts';

const place = z.int().min(0).max(mostNodes);
const ids = z.array(z.string().min(1).max(300)).min(1).max(2048);

/** A circuit that came from elsewhere; `proveCircuit` says whether it can be computed. */
export const circuitSchema: z.ZodType<Circuit> = z.strictObject({
  nodes: z
    .array(
      z.discriminatedUnion('op', [
        z.strictObject({ op: z.literal('columns'), columns: ids }),
        z.strictObject({
          op: z.literal('model'),
          model: z.string().min(1).max(63),
          columns: ids,
          most: z.int().min(1).max(plainModulus),
        }),
        z.strictObject({ op: z.literal('product'), left: place, right: place }),
        z.strictObject({
          op: z.literal('choose'),
          branches: z
            .array(z.strictObject({ columns: ids, times: place.nullable() }))
            .min(1)
            .max(2048),
        }),
      ]),
    )
    .min(1)
    .max(mostNodes),
  outputs: z.array(place).min(1).max(mostNodes),
});
