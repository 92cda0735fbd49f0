import {
  fault,
  fromBase64url,
  type SignedDocument,
  type SigningKey,
  signDocument,
  unverifiedPayload,
  verifyDocument,
} from '@symbolon/crypto';
import { z } from 'zod';
import { checked, type Frozen } from './fields.ts';

/** A kind of statement that organisations sign. */
export interface StatementKind<Statement> {
  /** Throws `bad-document` naming the field where the statement is malformed. */
  sign(statement: Omit<Statement, 'kind' | 'version'>, key: SigningKey): SignedDocument;
  /** What a document says, whoever signed it. Throws `bad-document`. */
  read(doc: unknown): Statement;
  /** Holds that these members have signed a document, and nobody else. Throws what `verifyDocument` throws. */
  requireSigned(doc: unknown, members: readonly { readonly signingKey: string }[]): void;
}

/** A kind of statement by its fields; `kind` and `version` stand before them. */
export function statementKind<Kind extends string, Fields extends z.core.$ZodLooseShape>(kind: Kind, fields: Fields) {
  const shape = z.strictObject({ kind: z.literal(kind), version: z.literal(1), ...fields });
  type Statement = Frozen<z.output<typeof shape>>;
  const typ = `symbolon-${kind}`;
  const statementOf = (value: unknown) => checked(shape, value, 'bad-document', 'statement') as Statement;
  const of: StatementKind<Statement> = {
    sign: (statement, key) => signDocument(typ, statementOf({ kind, version: 1, ...statement }), key),
    read: (doc) => statementOf(unverifiedPayload(doc)),
    requireSigned: (doc, members) =>
      verifyDocument(
        typ,
        doc,
        members.map(({ signingKey }) => fromBase64url(signingKey)),
      ),
  };
  return { shape, ...of };
}

/** Holds that a statement is about an agreement; throws `hash-mismatch`. */
export function requireAbout({ agreement }: { readonly agreement: string }, agreed: string): void {
  if (agreement !== agreed) throw fault('hash-mismatch', 'the statement is about another agreement');
}
