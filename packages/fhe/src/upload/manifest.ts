import {
  base64url,
  documentHash,
  fault,
  fromBase64url,
  hashLabelled,
  type SignedDocument,
  type SigningKey,
  signDocument,
  verifyDocument,
} from '@symbolon/crypto';
import { z } from 'zod';
import type { Bounds } from '../circuit/circuit.ts';
import { parametersId } from '../parameters.ts';
import type { Layout } from '../table/layout.ts';

const typ = 'symbolon-encrypted-table';
const bytes = (length: number) =>
  z.base64url().refine((text) => fromBase64url(text).length === length, `must be ${length} bytes in base64url`);

const manifestSchema = z.strictObject({
  kind: z.literal('encrypted-table'),
  version: z.literal(1),
  /** 16 random bytes. */
  id: bytes(16),
  owner: z.string().min(1).max(31),
  name: z.string().min(1).max(100),
  parameters: bytes(32),
  /** Names the key pair: see {@link keyIdOf}. */
  key: bytes(16),
  columns: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(300),
        most: z.int().min(1),
        set: z.string().min(1).max(300).nullable(),
      }),
    )
    .min(1)
    .max(2048),
  /** Ciphertexts of a column. */
  chunks: z.int().min(1).max(100_000),
});

/** What a server is told of an encrypted table: names of columns, bounds of their values, and how long it is, to the chunk. Signed by its owner. */
export type Manifest = Readonly<z.output<typeof manifestSchema>>;

/** Names a key pair by its evaluation keys, 16 bytes in base64url. */
export function keyIdOf(evaluation: Uint8Array): string {
  return base64url(hashLabelled('symbolon fhe key', evaluation).subarray(0, 16));
}

/** Runs at: the owner. @param of a table: 16 random bytes, and its names */
export function signManifest(
  layout: Layout,
  of: { id: Uint8Array; owner: string; name: string; key: string },
  signer: SigningKey,
): SignedDocument {
  const manifest: Manifest = {
    kind: 'encrypted-table',
    version: 1,
    ...of,
    id: base64url(of.id),
    parameters: base64url(parametersId),
    columns: layout.columns.map(({ id, most, set }) => ({ id, most, set })),
    chunks: layout.chunks,
  };
  return signDocument(typ, manifestSchema.parse(manifest), signer);
}

/** A manifest that its owner signed. Throws as `verifyDocument`, and `bad-document`. Runs at: the server. @param signer the owner's pinned key */
export function verifyManifest(document: unknown, signer: Uint8Array): { manifest: Manifest; hash: Uint8Array } {
  const read = manifestSchema.safeParse(verifyDocument(typ, document, [signer]));
  if (!read.success) throw fault('bad-document', 'the manifest of an encrypted table is malformed');
  const { data } = read;
  if (data.parameters !== base64url(parametersId)) {
    throw fault('bad-document', 'the table was encrypted with parameters that this server does not have');
  }
  return { manifest: data, hash: documentHash(document as SignedDocument) };
}

/** The bounds of a manifest's columns, for `proveCircuit`. */
export function boundsOf({ columns }: Manifest): Map<string, Bounds> {
  return new Map(columns.map(({ id, most, set }) => [id, { most, set }]));
}
