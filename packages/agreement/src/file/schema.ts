import { z } from 'zod';
import { organisationId } from '../fields.ts';
import { agreementSchema, memberSchema } from '../schema.ts';

const member = z.union([memberSchema, organisationId]);

/**
 * An agreement as a person writes it: as the signed document, but a member may be its id alone, as its card has the rest, and what every
 * new agreement says alike may be left out.
 */
export const agreementFileSchema = agreementSchema.extend({
  kind: agreementSchema.shape.kind.default('agreement'),
  version: agreementSchema.shape.version.default(1),
  predecessor: agreementSchema.shape.predecessor.default(null),
  pads: agreementSchema.shape.pads.default('expanded'),
  parties: z.array(member).min(2).max(5),
  keyService: member,
});

/** JSON Schema (draft 2020-12) of {@link agreementFileSchema}: shapes, not the rules across fields. */
export function agreementJsonSchema(): z.core.JSONSchema.JSONSchema {
  const schema = z.toJSONSchema(agreementFileSchema, { io: 'input' });
  return { ...schema, title: 'Agreement', description: 'An agreement of Symbolon, version 1. See docs/agreements.md.' };
}
